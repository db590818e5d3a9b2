//! The session that a browser still holds when somebody signs in with it: nothing could end it once
//! its cookie is another's, so it ends in the transaction that begins the next. Like signing out, that
//! is no entry of the log.

use std::convert::Infallible;

use axum::{extract::OptionalFromRequestParts, http::request::Parts};

use super::{
    SESSION_COOKIE,
    session::{Session, session_key},
    token::{Secret, Token, TokenKind},
};
use crate::{
    app::App,
    http::cookie,
    id::SessionId,
    table::{Batch, Key, TableError, Tenant, Transaction},
};

/// The session that a cookie names, of this user or another; it is not checked yet. It opens
/// nothing: it can only end.
pub struct FormerSession {
    /// Where its item lies, for who reads it together with all else in one call.
    pub key: Key,
    secret: Secret,
}

impl FormerSession {
    /// Ends it, if it is there and the cookie holds its secret: a made-up one ends nobody's session.
    pub fn end<R: Clone>(
        self,
        read: &mut Batch,
        transaction: &mut Transaction<'_, R>,
    ) -> Result<(), TableError> {
        let stored: Option<Session> = read.take(&self.key)?;
        if stored.is_some_and(|it| self.secret.matches(&it.secret_hash)) {
            transaction.delete(&self.key);
        }
        Ok(())
    }
}

impl OptionalFromRequestParts<App> for FormerSession {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _app: &App) -> Result<Option<Self>, Infallible> {
        let token = cookie(&parts.headers, SESSION_COOKIE).and_then(|it| it.parse::<Token>().ok());
        let token = token.filter(|it| it.kind == TokenKind::Session);
        Ok(token.map(|Token { account, id, secret, .. }| Self {
            key: session_key(Tenant::claimed(account), SessionId::from_bytes(id)),
            secret,
        }))
    }
}
