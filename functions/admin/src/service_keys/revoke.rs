//! Revoking a service key: the machine that has it is refused.

use axum::http::StatusCode;
use serde::Deserialize;
use shared::{
    account::{User, user_key},
    audit::{Event, EventKind, record_and_tell},
    auth::{ServiceKey, Staff, service_key},
    error::{Code, Error},
    http::{Path, Query},
    id::KeyId,
    table::{Condition, Read},
    text::line,
};

const MOST_REASON_CHARACTERS: usize = 200;

/// Why it is revoked, for the log.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Why {
    #[serde(default)]
    #[param(max_length = 200)]
    reason: Option<String>,
}

/// Revokes a service key.
#[utoipa::path(
    delete, path = "/v1/admin/service-keys/{id}", operation_id = "revoke_service_key", tag = "admin",
    params(("id" = KeyId, Path, description = "The key"), Why),
    responses(
        (status = 204, description = "It works no more"),
        (status = 404, description = "There is no such key", body = shared::http::Problem),
        (status = 422, description = "The reason is not valid", body = shared::http::Problem),
    )
)]
pub(crate) async fn json(
    Staff(signed_in): Staff,
    Path(id): Path<String>,
    Query(query): Query<Why>,
) -> Result<StatusCode, Error> {
    let (app, tenant) = (&signed_in.app, signed_in.tenant);
    let id: KeyId = id.parse().map_err(|_| Code::NotFound)?;
    let key = service_key(id);
    let stored: Option<ServiceKey> = app.table.get(&key, Read::Strong).await?;
    let stored = stored.ok_or(Code::NotFound)?;
    let mut transaction = app.table.transaction();
    transaction.delete_if(&key, Condition::Exists, Code::NotFound);
    let user = user_key(tenant, signed_in.session.user);
    let user: User = app.table.get(&user, Read::Strong).await?.ok_or(Code::Unauthenticated)?;
    let reason = line(query.reason.as_deref().unwrap_or_default(), MOST_REASON_CHARACTERS)
        .map_err(|error| Error::field("reason", error.code()))?;
    let revoked = Event::by(&signed_in, EventKind::ServiceKeyRevoked, Some(stored.name));
    let revoked = revoked.because(reason);
    record_and_tell(app, tenant, &user, revoked, &mut transaction);
    transaction.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
