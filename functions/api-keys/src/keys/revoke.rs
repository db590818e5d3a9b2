//! Revoking a key: it is gone, and its place in the plan is free.

use axum::http::StatusCode;
use shared::{
    account::overview_key,
    audit::{Event, EventKind, record_and_tell},
    auth::{Client, SignedIn, api_key_key},
    error::{Code, Error},
    http::Path,
    id::KeyId,
    table::{Condition, Update},
};

use super::find_with_user;

pub(super) async fn revoke(signed_in: &SignedIn, id: &str) -> Result<(), Error> {
    let (app, tenant) = (&signed_in.app, signed_in.tenant);
    let (key, user) = find_with_user(signed_in, id).await?;
    let mut transaction = app.table.transaction();
    transaction.delete_if(&api_key_key(tenant, key.id), Condition::Exists, Code::NotFound);
    let count = Update::new().add("api_keys", -1i64);
    transaction.update(&overview_key(tenant), count, None);
    let revoked = Event::by(signed_in, EventKind::ApiKeyRevoked, Some(key.name));
    record_and_tell(app, tenant, &user, revoked, &mut transaction);
    Ok(transaction.commit().await?)
}

/// Revokes an API key at once.
#[utoipa::path(
    delete, path = "/v1/api-keys/{id}", operation_id = "revoke_api_key", tag = "api-keys", security(("session" = [])),
    params(("id" = KeyId, Path, description = "The key")),
    responses(
        (status = 204, description = "It works no more"),
        (status = 401, description = "Not signed in", body = shared::http::Problem),
        (status = 404, description = "There is no such key", body = shared::http::Problem),
    )
)]
pub(crate) async fn json(
    Client(signed_in): Client,
    Path(id): Path<String>,
) -> Result<StatusCode, Error> {
    revoke(&signed_in, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
