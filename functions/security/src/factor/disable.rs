//! Turning the second factor off, with one of its codes. All other sessions end.

use axum::http::StatusCode;
use shared::{
    account::{User, user_key},
    audit::{Event, EventKind, record_and_tell},
    auth::{Caller, Session, SignedIn, Sudo, reserve, session_key},
    error::{Code, Error},
    http::Json,
    table::Read,
};

use super::{Proof, ProofInput, factor_key, on};

/// Turns it off; the backup codes go with it.
pub(super) async fn disable(caller: &Caller, session: &Session, proof: Proof) -> Result<(), Error> {
    let (app, tenant, user) = (&caller.app, caller.tenant, caller.person()?);
    let keys = [factor_key(tenant, user), user_key(tenant, user)];
    let name = user.to_string();
    let (reserved, items) =
        tokio::join!(reserve(app, proof.limit(), &name), app.table.batch(&keys, Read::Strong));
    let (reserved, mut items) = (reserved?, items?);
    let factor = match on(items.take(&keys[0])?) {
        Ok(factor) => factor,
        Err(refused) => return Err(reserved.unused(app, refused).await),
    };
    let user: User = items.take(&keys[1])?.ok_or(Code::Unauthenticated)?;
    let judged = factor.judge(app, tenant, &user, &caller.context, proof, &reserved).await?;

    let mut transaction = app.table.transaction();
    // Other sessions would still say that they gave it.
    let end = User::end_sessions(user.id, session.epoch);
    let kept = session.kept(end.epoch());
    end.write(tenant, &mut transaction, Code::Unauthenticated);
    let kept = kept.set_serialized("second_factor", &false)?.set("factor_until", 0i64);
    transaction.update(&session_key(tenant, session.id), kept, Some(Code::Unauthenticated));
    judged.remove(tenant, user.id, &mut transaction);
    reserved.give_back(&mut transaction);
    let event = Event::by(caller, EventKind::SecondFactorOff, None);
    record_and_tell(app, tenant, &user, event, &mut transaction);
    Ok(transaction.commit().await?)
}

/// Turns the second factor off.
#[utoipa::path(
    post, path = "/v1/security/2fa/disable", operation_id = "disable_second_factor", tag = "security",
    request_body = ProofInput,
    responses(
        (status = 204, description = "It is off; other sessions are over"),
        (status = 401, description = "Not signed in, or the code is wrong", body = shared::http::Problem),
        (status = 409, description = "It is not on", body = shared::http::Problem),
        (status = 422, description = "One of the two kinds of code is wanted", body = shared::http::Problem),
        (status = 429, description = "Too many wrong codes", body = shared::http::Problem),
    )
)]
pub(crate) async fn json(
    Sudo(signed_in): Sudo<SignedIn>,
    Json(input): Json<ProofInput>,
) -> Result<StatusCode, Error> {
    disable(&signed_in, &signed_in.session, input.parse()?).await?;
    Ok(StatusCode::NO_CONTENT)
}
