//! The first code of a secret turns the second factor on.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shared::{
    account::{User, user_key},
    audit::{Event, EventKind, record_and_tell},
    auth::{Caller, Limit, Session, SignedIn, if_still_signed_in, reserve, session_key},
    error::{Code, Error},
    http::Json,
    table::{Condition, Read, Update},
};

use super::{
    Factor, backup, factor_key,
    totp::{TotpSecret, plain_code},
};

/// A first code.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CodeInput {
    /// Six digits.
    #[schema(example = "123456")]
    code: String,
}

/// The backup codes, shown once.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct BackupCodes {
    #[schema(min_items = 10, max_items = 10)]
    pub(super) backup_codes: Vec<String>,
}

impl BackupCodes {
    /// As they are sent, and kept for the same request sent again.
    pub(super) fn body(&self) -> Result<String, Error> {
        serde_json::to_string(self).map_err(|error| Error::fault(Code::Internal, error))
    }
}

/// Turns the second factor on and makes the backup codes.
pub(super) async fn verify(
    caller: &Caller,
    session: &Session,
    code: &str,
) -> Result<BackupCodes, Error> {
    let (app, tenant, user) = (&caller.app, caller.tenant, caller.person()?);
    let keys = [factor_key(tenant, user), user_key(tenant, user)];
    let name = user.to_string();
    let (reserved, items) =
        tokio::join!(reserve(app, Limit::CODE, &name), app.table.batch(&keys, Read::Strong));
    let (reserved, mut items) = (reserved?, items?);
    let user: User = items.take(&keys[1])?.ok_or(Code::Unauthenticated)?;
    let now = app.clock.now();
    let factor = match begun(items.take(&keys[0])?, now) {
        Ok(factor) => factor,
        Err(refused) => return Err(reserved.unused(app, refused).await),
    };
    let secret = TotpSecret::open(app, tenant, user.id, &factor.sealed)?;
    let step = secret.step_of(&plain_code(code), now);
    let step = step.ok_or_else(|| Error::field("code", "code_wrong"))?;

    let (backup_codes, slots) = backup::generate(&app.random).await?;
    let mut transaction = app.table.transaction();
    if_still_signed_in(caller, &mut transaction, Code::Unauthenticated);
    let begun = Condition::All(vec![
        Condition::Equals("sealed", factor.sealed.as_str().into()),
        Condition::Without("enabled_at"),
    ]);
    let on = Update::new()
        .set("enabled_at", now)
        .set("last_step", step)
        .set_serialized("slots", &slots)?
        .when(begun);
    transaction.update(&keys[0], on, Some(Code::SecondFactorOn));
    // This session has just given the factor.
    let given = Update::new()
        .set_serialized("second_factor", &true)?
        .set("factor_until", session.sudo_until)
        .when(Condition::Exists);
    let key = session_key(tenant, session.id);
    transaction.update(&key, given, Some(Code::Unauthenticated));
    reserved.give_back(&mut transaction);
    let event = Event::by(caller, EventKind::SecondFactorOn, None);
    // "This was not me" removes a factor that was turned on at the notice's moment or later.
    let event = event.at(now);
    record_and_tell(app, tenant, &user, event, &mut transaction);
    transaction.commit().await?;
    Ok(BackupCodes { backup_codes })
}

/// A second factor that waits for its first code.
fn begun(factor: Option<Factor>, now: Timestamp) -> Result<Factor, Code> {
    match factor {
        Some(factor) if factor.is_on() => Err(Code::SecondFactorOn),
        Some(factor) if factor.is_fresh(now) => Ok(factor),
        _ => Err(Code::SecondFactorOff),
    }
}

/// Turns the second factor on with a first code, and gives ten backup codes.
#[utoipa::path(
    post, path = "/v1/security/2fa/verify", operation_id = "verify_second_factor", tag = "security",
    request_body = CodeInput,
    responses(
        (status = 200, description = "It is on; the backup codes are shown once", body = BackupCodes),
        (status = 409, description = "It is on already, or was not begun with", body = shared::http::Problem),
        (status = 422, description = "The code is wrong", body = shared::http::Problem),
        (status = 429, description = "Too many wrong codes", body = shared::http::Problem),
    )
)]
pub(crate) async fn json(
    signed_in: SignedIn,
    Json(input): Json<CodeInput>,
) -> Result<axum::Json<BackupCodes>, Error> {
    Ok(axum::Json(verify(&signed_in, &signed_in.session, &input.code).await?))
}
