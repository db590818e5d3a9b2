//! Permission as an argument's type: a handler whose signature names none of these is public.

use std::{future::Future, marker::PhantomData, ops::Deref};

use axum::{
    extract::FromRequestParts,
    http::{header, request::Parts},
};

use super::{
    Caller, Principal, SESSION_COOKIE, ServiceKey,
    api_key::{ApiKey, KeyRefused, Scope, api_key_key},
    service_key::service_key,
    session::{SEEN_EVERY, Session, session_key},
    token::{Secret, Token, TokenKind},
};
use crate::{
    account::{Account, AccountKind, AccountStatus, Overview, account_key, overview_key},
    app::App,
    error::{Code, Error},
    http::{Context, cookie},
    id::{KeyId, SessionId},
    table::{Condition, Key, Read, Tenant, Update, Written},
    web::Preferences,
};

/// Anybody who is signed in, client or staff.
pub struct SignedIn {
    pub(super) caller: Caller,
    /// The session.
    pub session: Session,
}

/// A user of a client company.
pub struct Client(pub SignedIn);

/// One who is signed in and gave the password or a code again a short while ago.
pub struct Sudo<P>(pub P);

/// One of the rental company's people, signed in with a second factor.
pub struct Staff(pub SignedIn);

/// One of the company's own machines.
pub struct Service(pub Caller);

/// A client: one of its users, or a program whose API key has the scope.
pub struct Allowed<S> {
    caller: Caller,
    scope: PhantomData<S>,
}

/// Anybody who is signed in, client or staff, or a program whose API key has the scope: it asks in the
/// name of who made it.
pub struct Anyone<S> {
    caller: Caller,
    scope: PhantomData<S>,
}

macro_rules! callers {
    ($($name:ty $(, $scope:ident)? = $($way:tt).+;)*) => {$(
        impl$(<$scope>)? Deref for $name {
            type Target = Caller;

            fn deref(&self) -> &Caller {
                &self.$($way).+
            }
        }
    )*};
}
callers! {
    SignedIn = caller;
    Client = 0.caller;
    Staff = 0.caller;
    Service = 0;
    Allowed<S>, S = caller;
    Anyone<S>, S = caller;
}

/// A scope as a type.
pub trait Scoped: Send + Sync {
    /// The scope.
    const SCOPE: Scope;
}

/// [`Scope::Read`].
pub struct ReadScope;

impl Scoped for ReadScope {
    const SCOPE: Scope = Scope::Read;
}

/// [`Scope::TicketsWrite`].
pub struct TicketsWriteScope;

impl Scoped for TicketsWriteScope {
    const SCOPE: Scope = Scope::TicketsWrite;
}

/// [`Scope::BillingWrite`].
pub struct BillingWriteScope;

impl Scoped for BillingWriteScope {
    const SCOPE: Scope = Scope::BillingWrite;
}

/// A credential that was presented and is not checked yet. What it leads to can be read beside
/// the check.
pub struct Presented {
    token: Token,
    context: Context,
    app: App,
}

/// A permission: what a presented credential may turn out to be.
pub trait Permission: Sized + Send {
    /// Checks the credential. One of the wrong kind is checked all the same: a made-up one is 401,
    /// not 403.
    fn check(presented: Presented) -> impl Future<Output = Result<Self, Error>> + Send;
}

impl Permission for SignedIn {
    async fn check(presented: Presented) -> Result<Self, Error> {
        match presented.token.kind {
            TokenKind::Session => presented.session().await,
            _ => presented.out_of_place().await,
        }
    }
}

impl Permission for Client {
    async fn check(presented: Presented) -> Result<Self, Error> {
        let signed_in = SignedIn::check(presented).await?;
        require(signed_in.account.kind == AccountKind::Client, Code::Forbidden)?;
        Ok(Self(signed_in))
    }
}

impl<P: Permission + AsRef<SignedIn>> Permission for Sudo<P> {
    async fn check(presented: Presented) -> Result<Self, Error> {
        let who = P::check(presented).await?;
        require(who.as_ref().is_elevated(), Code::SudoRequired)?;
        Ok(Self(who))
    }
}

impl SignedIn {
    /// Whether the password or a code was given again a short while ago.
    #[must_use]
    pub fn is_elevated(&self) -> bool {
        self.session.is_elevated(self.app.clock.now())
    }
}

impl AsRef<SignedIn> for SignedIn {
    fn as_ref(&self) -> &SignedIn {
        self
    }
}

impl AsRef<SignedIn> for Client {
    fn as_ref(&self) -> &SignedIn {
        &self.0
    }
}

impl AsRef<SignedIn> for Staff {
    fn as_ref(&self) -> &SignedIn {
        &self.0
    }
}

impl Permission for Staff {
    async fn check(presented: Presented) -> Result<Self, Error> {
        let signed_in = SignedIn::check(presented).await?;
        require(signed_in.account.kind == AccountKind::Staff, Code::Forbidden)?;
        require(signed_in.session.second_factor, Code::SecondFactorRequired)?;
        Ok(Self(signed_in))
    }
}

impl Permission for Service {
    async fn check(presented: Presented) -> Result<Self, Error> {
        match presented.token.kind {
            TokenKind::Service => presented.claim()?.checked().await.map(Self),
            _ => presented.out_of_place().await,
        }
    }
}

impl<S: Scoped> Permission for Allowed<S> {
    async fn check(presented: Presented) -> Result<Self, Error> {
        let caller = match presented.token.kind {
            TokenKind::Session => Client::check(presented).await?.0.caller,
            TokenKind::ApiKey => presented.api_key(Some(S::SCOPE)).await?,
            _ => return presented.out_of_place().await,
        };
        Ok(Self { caller, scope: PhantomData })
    }
}

impl<S: Scoped> Permission for Anyone<S> {
    async fn check(presented: Presented) -> Result<Self, Error> {
        let caller = match presented.token.kind {
            TokenKind::Session => presented.session().await?.caller,
            TokenKind::ApiKey => presented.api_key(Some(S::SCOPE)).await?,
            _ => return presented.out_of_place().await,
        };
        Ok(Self { caller, scope: PhantomData })
    }
}

fn require(holds: bool, code: Code) -> Result<(), Error> {
    if holds { Ok(()) } else { Err(code.into()) }
}

impl Presented {
    /// Checks the credential while `read` reads what the reply needs. The result of the read is
    /// dropped when the check fails, so that nobody sees it.
    pub async fn alongside<P: Permission, T, F>(self, read: F) -> Result<(P, T), Error>
    where
        F: AsyncFnOnce(&App, Tenant) -> Result<T, Error>,
    {
        let app = self.app.clone();
        let tenant = Tenant::claimed(self.token.account);
        let (permission, data) = both(P::check(self), read(&app, tenant)).await;
        Ok((permission?, data?))
    }

    /// The claim to be a service, for who reads the key's item together with all else in one call.
    pub async fn service_claim(self) -> Result<ServiceClaim, Error> {
        match self.token.kind {
            TokenKind::Service => self.claim(),
            _ => self.out_of_place().await,
        }
    }

    fn claim(self) -> Result<ServiceClaim, Error> {
        // A genuine key with another account written into it would be trusted with that account's data.
        let of_company = self.token.account == Tenant::company().account();
        require(of_company, Code::Unauthenticated)?;
        let key = service_key(KeyId::from_bytes(self.token.id));
        let Self { token, context, app } = self;
        Ok(ServiceClaim { key, secret: token.secret, context, app })
    }

    /// A credential of a kind that the route is not for.
    async fn out_of_place<T>(self) -> Result<T, Error> {
        match self.token.kind {
            TokenKind::Session => drop(self.session().await?),
            TokenKind::ApiKey => drop(self.api_key(None).await?),
            TokenKind::Service => drop(self.claim()?.checked().await?),
            TokenKind::Challenge => return Err(Code::Unauthenticated.into()),
        }
        Err(Code::Forbidden.into())
    }

    /// A credential's item and its account in one strongly consistent read, so that an ended
    /// session, a revoked key or a suspended account is refused by the very next request.
    async fn with_account<T: serde::de::DeserializeOwned>(
        &self,
        key: &Key,
        tenant: Tenant,
    ) -> Result<(T, Account), Error> {
        let keys = [key.clone(), account_key(tenant)];
        let mut items = self.app.table.batch(&keys, Read::Strong).await?;
        let item: T = items.take(&keys[0])?.ok_or(Code::Unauthenticated)?;
        let account: Account = items.take(&keys[1])?.ok_or(Code::Unauthenticated)?;
        Ok((item, account))
    }

    /// What the bell of a page tells of: the last moment may be missing, and for want of a
    /// number no page fails. It leaves with the credential checked.
    async fn overview(&self, tenant: Tenant) -> Option<Overview> {
        if !self.context.is_page() {
            return None;
        }
        let overview = self.app.table.get::<Overview>(&overview_key(tenant), Read::Eventual).await;
        overview.ok().map(Option::unwrap_or_default)
    }

    async fn session(self) -> Result<SignedIn, Error> {
        let now = self.app.clock.now();
        let tenant = Tenant::claimed(self.token.account);
        let key = session_key(tenant, SessionId::from_bytes(self.token.id));
        let (checked, overview) =
            both(self.with_account(&key, tenant), self.overview(tenant)).await;
        let (session, account): (Session, Account) = checked?;
        if !(self.token.secret.matches(&session.secret_hash) && session.is_live(&account, now)) {
            return Err(Code::Unauthenticated.into());
        }
        require(account.status != AccountStatus::Suspended, Code::Suspended)?;
        if now.duration_since(session.last_seen_at) >= SEEN_EVERY {
            // An ended session must not come back as an item of its last use.
            let seen = Update::new().set("last_seen_at", now).when(Condition::Exists);
            let _written: Written<Session> = self.app.table.update(&key, seen).await?;
        }
        let unread = overview.map(|it| it.unread(session.user));
        self.context.remember(Preferences { unread, ..session.preferences(&account, now) });
        let principal = Principal::of_session(&session);
        let Self { context, app, .. } = self;
        Ok(SignedIn { caller: Caller { app, tenant, account, principal, context }, session })
    }

    async fn api_key(self, scope: Option<Scope>) -> Result<Caller, Error> {
        let now = self.app.clock.now();
        let tenant = Tenant::claimed(self.token.account);
        let place = api_key_key(tenant, KeyId::from_bytes(self.token.id));
        let (key, account): (ApiKey, Account) = self.with_account(&place, tenant).await?;
        require(key.is_of(&self.token.secret, now), Code::Unauthenticated)?;
        require(account.status != AccountStatus::Suspended, Code::Suspended)?;
        key.check(now, self.context.address).map_err(|refused| match refused {
            KeyRefused::Expired => Code::Unauthenticated,
            KeyRefused::Address => Code::AddressNotAllowed,
        })?;
        let may = |scope| key.may(scope, account.role_of(key.user));
        require(scope.is_none_or(may), Code::ScopeMissing)?;
        key.note_use(&self.app, &place).await;
        let principal = Principal::of_api_key(&key);
        let Self { context, app, .. } = self;
        Ok(Caller { app, tenant, account, principal, context })
    }
}

/// A claim to be a service that is not checked yet. Nothing of what is read beside it may leave
/// before [`ServiceClaim::check`].
pub struct ServiceClaim {
    /// Where the key's item lies.
    pub key: Key,
    /// The services.
    pub app: App,
    secret: Secret,
    context: Context,
}

impl ServiceClaim {
    /// Checks the claim against the key's item.
    pub fn check(&self, stored: Option<ServiceKey>) -> Result<ServiceKey, Error> {
        let known = stored.filter(|it| self.secret.matches(&it.secret_hash));
        known.ok_or_else(|| Code::Unauthenticated.into())
    }

    /// Checks the claim where nothing else is read.
    pub async fn checked(self) -> Result<Caller, Error> {
        let key = self.check(self.app.table.get(&self.key, Read::Strong).await?)?;
        let Self { app, context, .. } = self;
        let account = Account::of_company(app.plans.default_plan().clone(), key.created_at);
        let (tenant, principal) = (Tenant::company(), Principal::of_service_key(&key));
        Ok(Caller { app, tenant, account, principal, context })
    }
}

impl FromRequestParts<App> for Presented {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        let Ok(context) = Context::from_request_parts(parts, app).await;
        let parsed = |text: &str| text.parse::<Token>().ok();
        let token = match parts.headers.get(header::AUTHORIZATION) {
            Some(value) => value.to_str().ok().and_then(bearer).and_then(parsed),
            // A browser has a session, and what has keys sends no cookies.
            None => cookie(&parts.headers, SESSION_COOKIE)
                .and_then(parsed)
                .filter(|token| token.kind == TokenKind::Session),
        };
        let token = token.ok_or(Code::Unauthenticated)?;
        Ok(Self { token, context, app: app.clone() })
    }
}

macro_rules! extractors {
    ($($name:ty $(, $parameter:ident: $($bound:path)|+)?;)*) => {$(
        impl$(<$parameter: $($bound +)+>)? FromRequestParts<App> for $name {
            type Rejection = Error;

            async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
                Self::check(Presented::from_request_parts(parts, app).await?).await
            }
        }
    )*};
}
extractors! {
    SignedIn; Client; Staff; Service;
    Sudo<P>, P: Permission | AsRef<SignedIn>;
    Allowed<S>, S: Scoped;
    Anyone<S>, S: Scoped;
}

fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

async fn both<A: Future, B: Future>(a: A, b: B) -> (A::Output, B::Output) {
    tokio::join!(a, b)
}
