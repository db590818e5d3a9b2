//! Signing out: the session's item goes, and the very next request is refused.

use axum::{http::StatusCode, response::Response};
use shared::{
    auth::{Caller, Session, SignedIn, session_key},
    error::{Code, Error},
    table::{Cancelled, Condition},
    web::see_other,
};

use crate::cookie;

async fn logout(caller: &Caller, session: &Session) -> Result<(), Error> {
    let key = session_key(caller.tenant, session.id);
    let mut transaction = caller.app.table.transaction();
    transaction.delete_if(&key, Condition::Exists, Code::NotFound);
    match transaction.commit().await {
        // Ended by another request in the same moment: just as well.
        Ok(()) | Err(Cancelled::Refused(_)) => Ok(()),
        Err(Cancelled::Failed(error)) => Err(error.into()),
    }
}

/// Ends the session that asks.
#[utoipa::path(
    post, path = "/v1/auth/logout", operation_id = "sign_out", tag = "security",
    responses(
        (status = 204, description = "The session is over"),
    )
)]
pub(crate) async fn json(signed_in: SignedIn) -> Result<StatusCode, Error> {
    logout(&signed_in, &signed_in.session).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(crate) async fn submit(signed_in: Result<SignedIn, Error>) -> Result<Response, Error> {
    match signed_in {
        Ok(signed_in) => logout(&signed_in, &signed_in.session).await?,
        // Signed out already, or the session ran out: what was wanted is so.
        Err(error) if error.code == Code::Unauthenticated => {}
        // Nothing is open to it, and its browser may forget it.
        Err(error) if error.code == Code::Suspended => {}
        Err(error) => return Err(error),
    }
    Ok(cookie::signed_out(see_other("/login")))
}
