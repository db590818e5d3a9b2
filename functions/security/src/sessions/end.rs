//! Ending sessions: one, or all but the one that asks. An ended one is refused by its very next
//! request.

use axum::{http::StatusCode, response::Response};
use shared::{
    account::{Account, User, account_key},
    audit::{Event, EventKind, record},
    auth::{Caller, Session, SignedIn, Sudo, session_key},
    error::{Code, Error},
    http::Path,
    id::SessionId,
    table::{Condition, Read},
    web::see_other,
};

async fn end(caller: &Caller, id: &str) -> Result<(), Error> {
    let (app, tenant, user) = (&caller.app, caller.tenant, caller.person()?);
    let id: SessionId = id.parse().map_err(|_| Code::NotFound)?;
    let key = session_key(tenant, id);
    let session: Option<Session> = app.table.get(&key, Read::Strong).await?;
    let now = app.clock.now();
    let own = session.filter(|it| it.user == user && it.is_live(&caller.account, now));
    let session = own.ok_or(Code::NotFound)?;
    let mut transaction = app.table.transaction();
    transaction.delete_if(&key, Condition::Exists, Code::NotFound);
    let ended = Event::by(caller, EventKind::SessionEnded, Some(session.device));
    record(app, tenant, ended, &mut transaction);
    Ok(transaction.commit().await?)
}

/// However many there are, it is one transaction: a new epoch, which this session alone joins. Where
/// another one has begun meanwhile, this session is over, unless it joined that one itself: what was
/// wanted is so then.
async fn end_others(caller: &Caller, session: &Session) -> Result<(), Error> {
    let (app, tenant) = (&caller.app, caller.tenant);
    let mut transaction = app.table.transaction();
    let end = User::end_sessions(session.user, session.epoch);
    let kept = session.kept(end.epoch());
    end.write(tenant, &mut transaction, Code::Unauthenticated);
    transaction.update(&session_key(tenant, session.id), kept, Some(Code::Unauthenticated));
    let ended = Event::by(caller, EventKind::SessionsEnded, None);
    record(app, tenant, ended, &mut transaction);
    match transaction.commit().await.map_err(Error::from) {
        Err(error)
            if error.code == Code::Unauthenticated
                && has_joined_a_later(caller, session).await? =>
        {
            Ok(())
        }
        done => done,
    }
}

/// Whether the session that asks has ended the others in the meantime.
async fn has_joined_a_later(caller: &Caller, session: &Session) -> Result<bool, Error> {
    let (app, tenant) = (&caller.app, caller.tenant);
    let keys = [session_key(tenant, session.id), account_key(tenant)];
    let mut items = app.table.batch(&keys, Read::Strong).await?;
    let (stored, account): (Option<Session>, Option<Account>) =
        (items.take(&keys[0])?, items.take(&keys[1])?);
    let now = app.clock.now();
    let joined = |(stored, account): (Session, Account)| {
        stored.epoch > session.epoch && stored.is_live(&account, now)
    };
    Ok(stored.zip(account).is_some_and(joined))
}

/// Ends one session of the user.
#[utoipa::path(
    delete, path = "/v1/sessions/{id}", operation_id = "end_session", tag = "security",
    params(("id" = SessionId, Path, description = "The session")),
    responses(
        (status = 204, description = "It is over"),
        (status = 404, description = "There is no such session", body = shared::http::Problem),
    )
)]
pub(crate) async fn one(
    Sudo(signed_in): Sudo<SignedIn>,
    Path(id): Path<String>,
) -> Result<StatusCode, Error> {
    end(&signed_in, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends all sessions of the user but the one that asks.
#[utoipa::path(
    delete, path = "/v1/sessions", operation_id = "end_other_sessions", tag = "security",
    responses(
        (status = 204, description = "They are over"),
    )
)]
pub(crate) async fn others(Sudo(signed_in): Sudo<SignedIn>) -> Result<StatusCode, Error> {
    end_others(&signed_in, &signed_in.session).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(crate) async fn submit_one(
    Sudo(signed_in): Sudo<SignedIn>,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    match end(&signed_in, &id).await {
        Ok(()) => {}
        // Over already: what was wanted is so.
        Err(error) if error.code == Code::NotFound => {}
        Err(error) => return Err(error),
    }
    Ok(see_other("/security/sessions?done=session"))
}

pub(crate) async fn submit_others(Sudo(signed_in): Sudo<SignedIn>) -> Result<Response, Error> {
    end_others(&signed_in, &signed_in.session).await?;
    Ok(see_other("/security/sessions?done=sessions"))
}
