//! The backup codes: how many are left, and ten new ones.

use axum::{http::StatusCode, response::Response};
use jiff::Timestamp;
use serde::Serialize;
use shared::{
    account::{User, user_key},
    audit::{Event, EventKind, record_and_tell},
    auth::{Caller, Session, SignedIn, Sudo, if_still_signed_in},
    error::{Code, Error},
    http::{IdempotencyKey, Once, json_reply},
    table::{Condition, Read, Update},
};

use super::{Factor, backup, factor_key, find, on, verify::BackupCodes};

/// What became of the codes. They themselves are never shown again.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct BackupCodesReply {
    remaining: u64,
    used: Vec<UsedCode>,
}

/// A code that was used.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct UsedCode {
    /// The digit that it began with.
    pub(super) slot: u64,
    #[schema(value_type = String, format = "date-time")]
    pub(super) used_at: Timestamp,
}

impl Factor {
    /// The codes that were used.
    pub(super) fn used_codes(&self) -> Vec<UsedCode> {
        let slots = self.slots.iter().enumerate();
        let used = slots
            .filter_map(|(slot, it)| Some(UsedCode { slot: slot as u64, used_at: it.used_at? }));
        used.collect()
    }
}

/// Ten new codes in place of the old ones. The password alone does not open this: the codes are a
/// factor themselves.
///
/// `seen` is the generation of codes that the caller saw, where it says which: a form that is sent twice
/// makes codes once.
pub(super) async fn regenerate(
    caller: &Caller,
    session: &Session,
    seen: Option<u64>,
    once: Option<&Once>,
) -> Result<BackupCodes, Error> {
    let (app, tenant, user) = (&caller.app, caller.tenant, caller.person()?);
    let keys = [factor_key(tenant, user), user_key(tenant, user)];
    let mut items = app.table.batch(&keys, Read::Strong).await?;
    let factor = on(items.take(&keys[0])?)?;
    let user: User = items.take(&keys[1])?.ok_or(Code::Unauthenticated)?;
    if !session.has_given_factor(app.clock.now()) {
        return Err(Code::SecondFactorRequired.into());
    }
    if seen.is_some_and(|seen| seen != factor.generation) {
        return Err(Code::Conflict.into());
    }
    let now = app.clock.now();
    let (backup_codes, slots) = backup::generate(&app.random).await?;
    let codes = BackupCodes { backup_codes };
    let mut transaction = app.table.transaction();
    if_still_signed_in(caller, &mut transaction, Code::Unauthenticated);
    if let Some(once) = once {
        once.keep(app, StatusCode::OK, &codes.body()?, &mut transaction, Code::Conflict)?;
    }
    let same = Condition::equals_serialized("slots", &factor.slots)?;
    let update = Update::new()
        .set_serialized("slots", &slots)?
        .set("codes_made_at", now)
        .set("generation", factor.generation + 1)
        .when(same);
    transaction.update(&keys[0], update, Some(Code::Conflict));
    let event = Event::by(caller, EventKind::BackupCodesMade, None);
    // "This was not me" voids codes that were made at the notice's moment or later.
    let event = event.at(now);
    record_and_tell(app, tenant, &user, event, &mut transaction);
    transaction.commit().await?;
    Ok(codes)
}

/// How many backup codes are left, and which were used when.
#[utoipa::path(
    get, path = "/v1/security/2fa/backup-codes", operation_id = "backup_codes", tag = "security",
    responses(
        (status = 200, description = "What became of the codes", body = BackupCodesReply),
    )
)]
pub(crate) async fn list(signed_in: SignedIn) -> Result<axum::Json<BackupCodesReply>, Error> {
    let factor = find(&signed_in.app, signed_in.tenant, signed_in.session.user).await?;
    let factor = factor.filter(Factor::is_on);
    Ok(axum::Json(BackupCodesReply {
        remaining: factor.as_ref().map_or(0, Factor::backup_codes_left),
        used: factor.as_ref().map(Factor::used_codes).unwrap_or_default(),
    }))
}

/// Makes ten new backup codes; the old ones are void. The session has to have given the second
/// factor for sensitive operations, not just the password.
#[utoipa::path(
    post, path = "/v1/security/2fa/backup-codes", operation_id = "make_backup_codes", tag = "security",
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255, description = "Sent again, the request gets the first reply again")),
    responses(
        (status = 200, description = "The codes, shown once", body = BackupCodes),
        (status = 403, description = "A code is wanted again", body = shared::http::Problem),
        (status = 409, description = "The second factor is not on", body = shared::http::Problem),
        (status = 422, description = "The idempotency key is none", body = shared::http::Problem),
    )
)]
pub(crate) async fn json(
    Sudo(signed_in): Sudo<SignedIn>,
    key: IdempotencyKey,
) -> Result<Response, Error> {
    let app = &signed_in.app;
    let once = key.once(&signed_in, "POST /v1/security/2fa/backup-codes")?;
    // Codes that were made before are as good as new ones, and want the factor as those do.
    if signed_in.session.has_given_factor(app.clock.now())
        && let Some((status, body)) = once.earlier(app).await?
    {
        return Ok(json_reply(status, body));
    }
    let (status, body) = match regenerate(&signed_in, &signed_in.session, None, Some(&once)).await {
        Ok(codes) => (StatusCode::OK, codes.body()?),
        Err(error) => once.other(app, error).await?,
    };
    Ok(json_reply(status, body))
}
