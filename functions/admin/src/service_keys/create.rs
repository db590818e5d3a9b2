//! Making a service key.

use axum::{http::StatusCode, response::Response};
use serde::{Deserialize, Serialize};
use shared::{
    account::{User, user_key},
    audit::{Event, EventKind, record_and_tell},
    auth::{NewServiceKey, Staff},
    error::{Code, Error},
    http::{Repeatable, json_reply as reply},
    table::Read,
    text::{line, required_line},
};

use super::ServiceKeyReply;

const MOST_NAME_CHARACTERS: usize = 100;
const MOST_REASON_CHARACTERS: usize = 200;

/// A key to be.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ServiceKeyInput {
    /// What it is for.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// Why it is made, for the log.
    #[serde(default)]
    #[schema(max_length = 200)]
    reason: Option<String>,
}

/// A key with its secret, which is shown once.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct ServiceKeySecret {
    #[serde(flatten)]
    key: ServiceKeyReply,
    /// `mxv_...`: the machine sends it as `Authorization: Bearer`.
    secret: String,
}

/// Makes a service key; its secret is shown once.
#[utoipa::path(
    post, path = "/v1/admin/service-keys", operation_id = "create_service_key", tag = "admin",
    request_body = ServiceKeyInput,
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255, description = "Sent again, the request gets the first reply again")),
    responses(
        (status = 201, description = "The key with its secret", body = ServiceKeySecret),
        (status = 422, description = "The name is not valid, or the idempotency key was used with another body", body = shared::http::Problem),
    )
)]
pub(crate) async fn json(
    Staff(signed_in): Staff,
    repeatable: Repeatable<ServiceKeyInput>,
) -> Result<Response, Error> {
    let (app, tenant) = (&signed_in.app, signed_in.tenant);
    let (input, once) = repeatable.once(&signed_in, "POST /v1/admin/service-keys")?;
    if let Some((status, body)) = once.earlier(app).await? {
        return Ok(reply(status, body));
    }
    let name = required_line(&input.name, MOST_NAME_CHARACTERS)
        .map_err(|error| Error::field("name", error.code()))?;
    let reason = line(input.reason.as_deref().unwrap_or_default(), MOST_REASON_CHARACTERS)
        .map_err(|error| Error::field("reason", error.code()))?;
    let made = Event::by(&signed_in, EventKind::ServiceKeyMade, Some(name.clone()));
    let made = made.because(reason);
    let user = user_key(tenant, signed_in.session.user);
    let user: User = app.table.get(&user, Read::Strong).await?.ok_or(Code::Unauthenticated)?;
    let new = NewServiceKey::new(app, name, Some(user.name.clone()));
    let mut transaction = app.table.transaction();
    transaction.create(&new.key, &new.item, Code::Conflict);
    let body = ServiceKeySecret { key: new.item.into(), secret: new.token };
    let body = serde_json::to_string(&body).map_err(|error| Error::fault(Code::Internal, error))?;
    once.keep(app, StatusCode::CREATED, &body, &mut transaction, Code::Conflict)?;
    record_and_tell(app, tenant, &user, made, &mut transaction);
    if let Err(error) = transaction.commit().await {
        let (status, body) = once.other(app, error.into()).await?;
        return Ok(reply(status, body));
    }
    Ok(reply(StatusCode::CREATED, body))
}
