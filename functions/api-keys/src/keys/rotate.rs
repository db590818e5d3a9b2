//! Giving a key another secret. The present one works on for a while, so that programs can be
//! changed one after the other.

use axum::{http::StatusCode, response::Response};
use jiff::SignedDuration;
use serde::Deserialize;
use shared::{
    audit::EventKind,
    auth::{Caller, Client, Sudo},
    error::{Code, Error},
    http::{Once, Path, Repeatable},
    id::KeyId,
};

use super::{
    SecretReply, body,
    change::{Saving, save},
    find_with_user, reply,
};

/// A week is long enough to change programs.
const LONGEST_GRACE: i64 = 7 * 24 * 3600;

/// How long the present secret works on.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RotateInput {
    /// 0 to 604,800; 0 without it.
    #[serde(default)]
    #[schema(default = 0, minimum = 0, maximum = 604_800)]
    pub(super) grace_seconds: i64,
}

/// Rotates a key, if it is still the version that the caller saw, where the caller says which.
pub(super) async fn rotate(
    caller: &Caller,
    id: &str,
    input: &RotateInput,
    seen: Option<u64>,
    once: Option<&Once>,
) -> Result<SecretReply, Error> {
    if !(0..=LONGEST_GRACE).contains(&input.grace_seconds) {
        return Err(Error::field("grace_seconds", "grace_invalid"));
    }
    let (before, user) = find_with_user(caller, id).await?;
    if seen.is_some_and(|seen| seen != before.version) {
        return Err(Code::Conflict.into());
    }
    let grace = SignedDuration::from_secs(input.grace_seconds);
    let (now, random) = (caller.app.clock.now(), &caller.app.random);
    if before.is_over(now) {
        return Err(Code::KeyExpired.into());
    }
    let (key, secret) = before.rotated(caller.tenant, grace, now, random);
    let reply = SecretReply { key: key.clone().into(), secret };
    let kept = once.map(|once| body(&reply).map(|body| (once, body))).transpose()?;
    let saving = Saving { kind: EventKind::ApiKeyRotated, now, grants: true, limits: false, kept };
    save(caller, &user, &key, saving).await?;
    Ok(reply)
}

/// Gives an API key another secret; the present one works on for the grace, and one of before that no
/// more.
#[utoipa::path(
    post, path = "/v1/api-keys/{id}/rotate", operation_id = "rotate_api_key", tag = "api-keys",
    params(
        ("id" = KeyId, Path, description = "The key"),
        ("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255, description = "Sent again, the request gets the first reply again"),
    ),
    request_body = RotateInput,
    responses(
        (status = 200, description = "The key with its new secret", body = SecretReply),
        (status = 404, description = "There is no such key", body = shared::http::Problem),
        (status = 409, description = "Its time is over, or somebody else changed it in the same moment", body = shared::http::Problem),
        (status = 422, description = "The grace is not valid", body = shared::http::Problem),
    )
)]
pub(crate) async fn json(
    Sudo(Client(signed_in)): Sudo<Client>,
    Path(id): Path<String>,
    repeatable: Repeatable<RotateInput>,
) -> Result<Response, Error> {
    let route = format!("POST /v1/api-keys/{id}/rotate");
    let (input, once) = repeatable.once(&signed_in, &route)?;
    if let Some((status, body)) = once.earlier(&signed_in.app).await? {
        return Ok(reply(status, body));
    }
    match rotate(&signed_in, &id, &input, None, Some(&once)).await {
        Ok(rotated) => Ok(reply(StatusCode::OK, body(&rotated)?)),
        Err(error) => {
            let (status, body) = once.other(&signed_in.app, error).await?;
            Ok(reply(status, body))
        }
    }
}
