//! Revoking a key: it is gone, and its place in the plan is free.

use axum::http::StatusCode;
use shared::{
    account::Count,
    audit::{Event, EventKind, record_and_tell},
    auth::{Caller, Client, api_key_key},
    error::{Code, Error},
    http::Path,
    id::KeyId,
    table::Condition,
};

use super::find_with_user;

pub(super) async fn revoke(caller: &Caller, id: &str) -> Result<(), Error> {
    let (app, tenant) = (&caller.app, caller.tenant);
    let (key, user) = find_with_user(caller, id).await?;
    let mut transaction = app.table.transaction();
    transaction.delete_if(&api_key_key(tenant, key.id), Condition::Exists, Code::NotFound);
    Count::ApiKeys.fewer(tenant, 1, &mut transaction);
    let revoked = Event::by(caller, EventKind::ApiKeyRevoked, Some(key.name));
    record_and_tell(app, tenant, &user, revoked, &mut transaction);
    Ok(transaction.commit().await?)
}

/// Revokes an API key at once.
#[utoipa::path(
    delete, path = "/v1/api-keys/{id}", operation_id = "revoke_api_key", tag = "api-keys",
    params(("id" = KeyId, Path, description = "The key")),
    responses(
        (status = 204, description = "It works no more"),
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
