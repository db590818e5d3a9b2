//! Revoking a service key: the machine that has it is refused.

use axum::{extract::Path, http::StatusCode};
use shared::{
    audit::{Event, EventKind, record},
    auth::{ServiceKey, Staff, service_key},
    error::{Code, Error},
    id::KeyId,
    table::{Condition, Read},
};

/// Revokes a service key.
#[utoipa::path(
    delete, path = "/v1/admin/service-keys/{id}", operation_id = "revoke_service_key", tag = "admin", security(("session" = [])),
    params(("id" = KeyId, Path, description = "The key")),
    responses(
        (status = 204, description = "It works no more"),
        (status = 401, description = "Not signed in", body = shared::http::Problem),
        (status = 403, description = "Not staff, or without a second factor", body = shared::http::Problem),
        (status = 404, description = "There is no such key", body = shared::http::Problem),
    )
)]
pub(crate) async fn json(
    Staff(signed_in): Staff,
    Path(id): Path<String>,
) -> Result<StatusCode, Error> {
    let (app, tenant) = (&signed_in.app, signed_in.tenant);
    let id: KeyId = id.parse().map_err(|_| Code::NotFound)?;
    let key = service_key(tenant, id);
    let stored: Option<ServiceKey> = app.table.get(&key, Read::Strong).await?;
    let stored = stored.ok_or(Code::NotFound)?;
    let mut transaction = app.table.transaction();
    transaction.delete(&key, Condition::Exists, Code::NotFound);
    let revoked = Event::by(&signed_in, EventKind::ServiceKeyRevoked, Some(stored.name));
    record(app, tenant, revoked, &mut transaction);
    transaction.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
