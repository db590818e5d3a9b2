//! Signing in with address and password. Known or not, an address costs the same calls, the same
//! hashing and gets the same bytes.

pub(crate) mod second;

use askama::Template;
use axum::{extract::State, response::Response};
use jiff::Timestamp;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use shared::{
    account::{
        Account, AccountKind, AccountStatus, Email, EmailClaim, Role, User, account_key, email_key,
        user_key,
    },
    app::App,
    audit::{Actor, Event, EventKind, record},
    auth::{self, FormerSession, Limit, NewChallenge, NewSession, Reservation, SessionIssued},
    error::{Code, Error},
    http::{Context, Form, Json, Query, encoded, own_path},
    id::{AccountId, UserId},
    table::{Read, Tenant, Transaction},
    web::{FormState, Language, Layout, render, see_other},
};

use crate::{
    cookie,
    factor::{Factor, factor_key},
};

/// Address and password.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LoginInput {
    /// The address of the login.
    #[schema(format = "email")]
    email: String,
    /// Its password.
    #[schema(value_type = String, format = "password")]
    password: SecretString,
}

/// A sign-in that succeeded.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct LoginReply {
    /// `mxs_...`, shown once: send it as `Authorization: Bearer`.
    token: String,
    /// When the session ends in any case.
    #[schema(value_type = String, format = "date-time")]
    expires_at: Timestamp,
    /// Who signed in.
    user: LoginUser,
    /// Where.
    account: LoginAccount,
}

#[derive(Serialize, utoipa::ToSchema)]
struct LoginUser {
    id: UserId,
    #[schema(value_type = String, format = "email")]
    email: Email,
    name: String,
    role: Role,
    locale: Language,
}

#[derive(Serialize, utoipa::ToSchema)]
struct LoginAccount {
    id: AccountId,
    company: String,
    status: AccountStatus,
}

/// A sign-in whose password was right, and what it wants besides.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct ChallengeReply {
    /// Opaque, good for ten minutes: send it with a code to `/v1/auth/login/verify`.
    challenge: String,
    /// What can answer it.
    methods: [Method; 2],
}

/// What can answer a challenge.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum Method {
    /// A code of the program.
    Totp,
    /// One of the ten.
    BackupCode,
}

/// What a right password gets.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(untagged)]
pub(crate) enum PasswordReply {
    /// A session.
    SignedIn(Box<LoginReply>),
    /// The question for a second factor.
    Challenged(ChallengeReply),
}

/// A session that began.
pub(super) struct LoggedIn {
    pub(super) issued: SessionIssued,
    pub(super) user: User,
    pub(super) account: Account,
    pub(super) role: Role,
}

/// What a right password came to.
enum Passed {
    In(Box<LoggedIn>),
    Challenged(String),
}

/// Three steps in sequence: attempts and claim side by side; user, account, second factor and the
/// browser's former session in one read; one transaction.
async fn login(
    app: &App,
    context: &Context,
    email: &str,
    password: SecretString,
    former: Option<FormerSession>,
) -> Result<Passed, Error> {
    let (here, claim) = attempts_and_claim(app, context, email).await;
    let [from_here, of_network] = here?;
    let claim = claim?.unwrap_or_else(|| EmailClaim::of_nobody(app));

    let tenant = Tenant::of_record(&claim);
    let mut keys =
        vec![user_key(tenant, claim.user), account_key(tenant), factor_key(tenant, claim.user)];
    keys.extend(former.as_ref().map(|former| former.key.clone()));
    // What its own network's limits refused does not count for all: a stranger could close the login
    // to everybody with requests that nobody judges.
    let login = login_name(email);
    let (from_anywhere, items) = tokio::join!(
        auth::reserve(app, Limit::LOGIN_ANYWHERE, &login),
        app.table.batch(&keys, Read::Strong),
    );
    let (attempts, mut items) = ([from_here, of_network, from_anywhere?], items?);
    let user: Option<User> = items.take(&keys[0])?;
    let account: Option<Account> = items.take(&keys[1])?;
    let factor: Option<Factor> = items.take(&keys[2])?;

    let stored = user.as_ref().map(|user| user.password_hash.clone());
    if !auth::verify_password(password, stored).await? {
        return Err(Code::WrongCredentials.into());
    }
    let (Some(user), Some(account)) = (user, account) else {
        return Err(Code::WrongCredentials.into());
    };
    let role = account.role_of(user.id).ok_or(Code::WrongCredentials)?;
    if account.status == AccountStatus::Suspended {
        return Err(Code::Suspended.into());
    }

    let mut transaction = app.table.transaction::<Code>();
    for attempt in &attempts {
        attempt.give_back(&mut transaction);
    }
    if factor.is_some_and(|factor| factor.is_on()) {
        let challenge = NewChallenge::new(app, tenant, &user)?;
        transaction.put(&challenge.key, &challenge.item);
        transaction.commit().await?;
        return Ok(Passed::Challenged(challenge.token));
    }
    if let Some(former) = former {
        former.end(&mut items, &mut transaction)?;
    }
    let session = begin(app, context, tenant, &user, false, &mut transaction);
    transaction.commit().await?;
    Ok(Passed::In(Box::new(LoggedIn { issued: session.issued(), user, account, role })))
}

/// A new session and its entry in the log.
fn begin(
    app: &App,
    context: &Context,
    tenant: Tenant,
    user: &User,
    second_factor: bool,
    transaction: &mut Transaction<'_, Code>,
) -> NewSession {
    let session = NewSession::new(app, context, tenant, user, second_factor);
    transaction.put(&session.key, &session.session);
    let (kind, actor) = (EventKind::SignedIn, Actor::user(user));
    record(app, tenant, Event::new(kind, actor, context), transaction);
    session
}

/// The attempts of a login that its network answers for: at this login, and in all. A stranger's
/// failures close a login to the stranger's own network long before they close it to its owner.
async fn attempts_and_claim(
    app: &App,
    context: &Context,
    email: &str,
) -> (Result<[Reservation; 2], Error>, Result<Option<EmailClaim>, Error>) {
    // What is no address goes the way of an unknown one: its key leads to nothing.
    let login = login_name(email);
    let (claim_key, network) = (email_key(&login), context.network());
    let here = format!("{login} {network}");
    let (from_here, of_network, claim) = tokio::join!(
        auth::reserve(app, Limit::LOGIN, &here),
        auth::reserve(app, Limit::ADDRESS, &network),
        async { Ok(app.table.get(&claim_key, Read::Strong).await?) },
    );
    (from_here.and_then(|from_here| Ok([from_here, of_network?])), claim)
}

/// What a login is counted by.
pub(crate) fn login_name(email: &str) -> String {
    email.parse().map_or_else(|_| email.to_owned(), |email: Email| email.normalised())
}

/// Signs in with address and password.
#[utoipa::path(
    post, path = "/v1/auth/login", operation_id = "sign_in", tag = "security",
    request_body = LoginInput,
    responses(
        (status = 200, description = "Signed in, or the question for a second factor", body = PasswordReply),
        (status = 401, description = "Address and password do not belong together", body = shared::http::Problem),
        (status = 403, description = "The account is suspended", body = shared::http::Problem),
        (status = 429, description = "Too many failures", body = shared::http::Problem),
    )
)]
pub(crate) async fn json(
    State(app): State<App>,
    context: Context,
    Json(input): Json<LoginInput>,
) -> Result<axum::Json<PasswordReply>, Error> {
    Ok(axum::Json(match login(&app, &context, &input.email, input.password, None).await? {
        Passed::In(logged_in) => PasswordReply::SignedIn(Box::new(logged_in.reply())),
        Passed::Challenged(challenge) => PasswordReply::Challenged(ChallengeReply {
            challenge,
            methods: [Method::Totp, Method::BackupCode],
        }),
    }))
}

impl LoggedIn {
    pub(super) fn reply(self) -> LoginReply {
        let Self { issued, user, account, role } = self;
        LoginReply {
            token: issued.token,
            expires_at: issued.expires_at,
            user: LoginUser {
                id: user.id,
                email: user.email,
                name: user.name,
                role,
                locale: user.locale,
            },
            account: LoginAccount {
                id: account.id(),
                company: account.company,
                status: account.status,
            },
        }
    }

    /// The browser goes on, signed in.
    pub(super) fn go_on(&self, next: &str) -> Response {
        let home = match self.account.kind {
            // Staff have no dashboard of their own.
            AccountKind::Staff if next.is_empty() => "/profile",
            AccountKind::Client | AccountKind::Staff => own_path(next),
        };
        cookie::signed_in(see_other(home), &self.issued.token)
    }
}

#[derive(Template)]
#[template(path = "login/page.html")]
struct Page {
    layout: Layout,
    form: FormState,
    next: String,
    /// The message about what has just been done.
    done: &'static str,
}

#[derive(Deserialize)]
pub(crate) struct PageQuery {
    #[serde(default)]
    next: String,
    #[serde(default)]
    verified: Option<String>,
    #[serde(default)]
    changed: Option<String>,
    #[serde(default)]
    reset: Option<String>,
}

pub(crate) async fn page(context: Context, Query(query): Query<PageQuery>) -> Response {
    render(&Page {
        layout: Layout::public(&context),
        form: FormState::default(),
        next: query.next,
        done: match (query.verified, query.changed, query.reset) {
            (Some(_), ..) => "login-verified",
            (_, Some(_), _) => "login-changed",
            (_, _, Some(_)) => "login-reset",
            (None, None, None) => "",
        },
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LoginForm {
    email: String,
    password: SecretString,
    #[serde(default)]
    next: String,
}

pub(crate) async fn submit(
    State(app): State<App>,
    context: Context,
    former: Option<FormerSession>,
    Form(input): Form<LoginForm>,
) -> Result<Response, Error> {
    let form = FormState::filled(vec![("email", input.email.clone())]);
    match login(&app, &context, &input.email, input.password, former).await {
        Ok(Passed::In(logged_in)) => Ok(logged_in.go_on(&input.next)),
        Ok(Passed::Challenged(challenge)) => {
            let place = format!("/login/verify?next={}", encoded(&input.next));
            Ok(cookie::challenged(see_other(&place), &challenge))
        }
        Err(error) => {
            let form = form.failed(error)?;
            let layout = Layout::public(&context);
            let page = Page { layout, next: input.next, done: "", form };
            Ok(page.form.respond(&page))
        }
    }
}
