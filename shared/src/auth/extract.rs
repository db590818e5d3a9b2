//! Permission as an argument's type: a handler whose signature names none of these is public.

use std::future::Future;

use axum::{
    extract::FromRequestParts,
    http::{header, request::Parts},
};

use super::{
    SESSION_COOKIE, ServiceKey,
    service_key::service_key,
    session::{SEEN_EVERY, Session, session_key},
    token::{Token, TokenKind},
};
use crate::{
    account::{Account, AccountKind, AccountStatus, account_key},
    app::App,
    error::{Code, Error},
    http::{Context, context_cookie},
    id::{KeyId, SessionId},
    table::{Condition, Read, Tenant, Update, Written},
};

/// Anybody who is signed in, client or staff.
pub struct SignedIn {
    /// Whose data may be seen.
    pub tenant: Tenant,
    /// The account.
    pub account: Account,
    /// The session.
    pub session: Session,
    /// The request's surroundings.
    pub context: Context,
    /// The services.
    pub app: App,
}

/// A user of a client company.
pub struct Client(pub SignedIn);

/// One of the company's own machines.
pub struct Service(pub ServiceKey);

/// A credential that was presented and is not checked yet. What it leads to can be read beside
/// the check.
pub struct Presented {
    token: Token,
    context: Context,
    app: App,
}

impl Presented {
    /// Checks the credential for a client's session while `read` reads what the reply needs. The
    /// result of the read is dropped when the check fails, so that nobody sees it.
    pub async fn client_alongside<T, F>(self, read: F) -> Result<(Client, T), Error>
    where
        F: AsyncFnOnce(&App, Tenant) -> Result<T, Error>,
    {
        let app = self.app.clone();
        let tenant = Tenant::claimed(self.token.account);
        let (client, data) = both(self.client(), read(&app, tenant)).await;
        Ok((client?, data?))
    }

    /// A credential of the wrong kind is checked all the same: a made-up one is 401, not 403.
    async fn signed_in(self) -> Result<SignedIn, Error> {
        match self.token.kind {
            TokenKind::Session => self.session().await,
            TokenKind::Service => {
                self.service_key().await?;
                Err(Code::Forbidden.into())
            }
        }
    }

    async fn service(self) -> Result<Service, Error> {
        match self.token.kind {
            TokenKind::Service => self.service_key().await.map(Service),
            TokenKind::Session => {
                self.session().await?;
                Err(Code::Forbidden.into())
            }
        }
    }

    async fn client(self) -> Result<Client, Error> {
        let signed_in = self.signed_in().await?;
        match signed_in.account.kind {
            AccountKind::Client => Ok(Client(signed_in)),
            AccountKind::Staff => Err(Code::Forbidden.into()),
        }
    }

    /// Session and account in one strongly consistent read, so that an ended session or a
    /// suspended account is refused by the very next request.
    async fn session(self) -> Result<SignedIn, Error> {
        let now = self.app.clock.now();
        let tenant = Tenant::claimed(self.token.account);
        let key = session_key(tenant, SessionId::from_bytes(self.token.id));
        let keys = [key.clone(), account_key(tenant)];
        let mut items = self.app.table.batch(&keys, Read::Strong).await?;
        let session: Option<Session> = items.take(&keys[0])?;
        let session = session
            .filter(|it| self.token.secret.matches(&it.secret_hash) && it.is_live(now))
            .ok_or(Code::Unauthenticated)?;
        let account: Account = items.take(&keys[1])?.ok_or(Code::Unauthenticated)?;
        if account.status == AccountStatus::Suspended {
            return Err(Code::Suspended.into());
        }
        if now.duration_since(session.last_seen_at) >= SEEN_EVERY {
            // An ended session must not come back as an item of its last use.
            let seen = Update::new().set("last_seen_at", now).when(Condition::Exists);
            let _written: Written<Session> = self.app.table.update(&key, seen).await?;
        }
        self.context.remember(session.preferences(account.zones.at(now).zone()));
        Ok(SignedIn { tenant, account, session, context: self.context, app: self.app })
    }

    async fn service_key(&self) -> Result<ServiceKey, Error> {
        let tenant = Tenant::claimed(self.token.account);
        let key = service_key(tenant, KeyId::from_bytes(self.token.id));
        let stored: Option<ServiceKey> = self.app.table.get(&key, Read::Strong).await?;
        let known = stored.filter(|it| self.token.secret.matches(&it.secret_hash));
        known.ok_or_else(|| Code::Unauthenticated.into())
    }
}

impl FromRequestParts<App> for Presented {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        let Ok(context) = Context::from_request_parts(parts, app).await;
        let text = match parts.headers.get(header::AUTHORIZATION) {
            Some(value) => value.to_str().ok().and_then(bearer),
            None => context_cookie(&parts.headers, SESSION_COOKIE),
        };
        let token = text.and_then(|text| text.parse().ok()).ok_or(Code::Unauthenticated)?;
        Ok(Self { token, context, app: app.clone() })
    }
}

macro_rules! extractors {
    ($($name:ident by $method:ident;)*) => {$(
        impl FromRequestParts<App> for $name {
            type Rejection = Error;

            async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
                Presented::from_request_parts(parts, app).await?.$method().await
            }
        }
    )*};
}
extractors! { SignedIn by signed_in; Client by client; Service by service; }

fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

async fn both<A: Future, B: Future>(a: A, b: B) -> (A::Output, B::Output) {
    tokio::join!(a, b)
}
