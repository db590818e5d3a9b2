//! Signing in with address and password. Known or not, an address costs the same calls, the same
//! hashing and gets the same bytes.

use askama::Template;
use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::Response,
};
use jiff::Timestamp;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use shared::{
    account::{
        Account, AccountKind, AccountStatus, Email, EmailClaim, Role, User, account_key, email_key,
        user_key,
    },
    app::App,
    auth::{self, Limit, NewSession, SESSION_COOKIE, SessionIssued},
    error::{Code, Error},
    http::{Context, Form, Json, Query, own_path},
    id::{AccountId, UserId},
    table::{Read, Tenant},
    web::{FormState, Language, Layout, render, see_other},
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

struct LoggedIn {
    issued: SessionIssued,
    user: User,
    account: Account,
}

/// Three steps in sequence: attempts and claim side by side; user and account in one read, beside
/// what is left of counting the attempts; one transaction.
async fn login(
    app: &App,
    context: &Context,
    email: &str,
    password: SecretString,
) -> Result<LoggedIn, Error> {
    let (by_login, by_address, claim) = attempts_and_claim(app, context, email).await;
    let (by_login, by_address) = (by_login?, by_address?);
    let claim = claim?.unwrap_or_else(|| nobody(app));

    let tenant = Tenant::of_record(claim.account);
    let keys = [user_key(tenant, claim.user), account_key(tenant)];
    let (by_login, by_address, items) = tokio::join!(
        by_login.reserve(app),
        by_address.reserve(app),
        app.table.batch(&keys, Read::Strong),
    );
    let (by_login, by_address, mut items) = (by_login?, by_address?, items?);
    let user: Option<User> = items.take(&keys[0])?;
    let account: Option<Account> = items.take(&keys[1])?;

    let stored = user.as_ref().map(|user| user.password_hash.clone());
    if !auth::verify_password(password, stored).await? {
        return Err(Code::WrongCredentials.into());
    }
    let (Some(user), Some(account)) = (user, account) else {
        return Err(Code::WrongCredentials.into());
    };
    if account.status == AccountStatus::Suspended {
        return Err(Code::Suspended.into());
    }

    let session = NewSession::new(app, context, tenant, &user);
    let mut transaction = app.table.transaction::<Code>();
    transaction.put(&session.key, &session.session);
    by_login.give_back(&mut transaction);
    by_address.give_back(&mut transaction);
    transaction.commit().await?;
    Ok(LoggedIn { issued: session.issued(), user, account })
}

type Attempted = Result<auth::Attempt, Error>;

async fn attempts_and_claim(
    app: &App,
    context: &Context,
    email: &str,
) -> (Attempted, Attempted, Result<Option<EmailClaim>, Error>) {
    // What is no address goes the way of an unknown one: its key leads to nothing.
    let login = email.parse().map_or_else(|_| email.to_owned(), |email: Email| email.normalised());
    let (claim_key, address) = (email_key(&login), context.address_text());
    tokio::join!(
        auth::attempt(app, Limit::LOGIN, &login),
        auth::attempt(app, Limit::ADDRESS, &address),
        async { Ok(app.table.get(&claim_key, Read::Strong).await?) },
    )
}

/// A claim that leads to no item.
fn nobody(app: &App) -> EmailClaim {
    let now = app.clock.now();
    EmailClaim { account: AccountId::new(now, &app.random), user: UserId::new(now, &app.random) }
}

/// Signs in with address and password.
#[utoipa::path(
    post, path = "/v1/auth/login", operation_id = "sign_in", tag = "security",
    request_body = LoginInput,
    responses(
        (status = 200, description = "Signed in", body = LoginReply),
        (status = 401, description = "Address and password do not belong together", body = shared::http::Problem),
        (status = 403, description = "The account is suspended", body = shared::http::Problem),
        (status = 429, description = "Too many failures", body = shared::http::Problem),
    )
)]
pub(crate) async fn json(
    State(app): State<App>,
    context: Context,
    Json(input): Json<LoginInput>,
) -> Result<axum::Json<LoginReply>, Error> {
    let LoggedIn { issued, user, account } =
        login(&app, &context, &input.email, input.password).await?;
    Ok(axum::Json(LoginReply {
        token: issued.token,
        expires_at: issued.expires_at,
        user: LoginUser {
            id: user.id,
            email: user.email,
            name: user.name,
            role: user.role,
            locale: user.locale,
        },
        account: LoginAccount { id: account.id, company: account.company, status: account.status },
    }))
}

#[derive(Template)]
#[template(path = "login/page.html")]
struct Page {
    layout: Layout,
    form: FormState,
    next: String,
    verified: bool,
}

#[derive(Deserialize)]
pub(crate) struct PageQuery {
    #[serde(default)]
    next: String,
    #[serde(default)]
    verified: Option<String>,
}

pub(crate) async fn page(context: Context, Query(query): Query<PageQuery>) -> Response {
    render(&Page {
        layout: Layout::public(&context),
        form: FormState::default(),
        next: query.next,
        verified: query.verified.is_some(),
    })
}

#[derive(Deserialize)]
pub(crate) struct LoginForm {
    email: String,
    password: SecretString,
    #[serde(default)]
    next: String,
}

pub(crate) async fn submit(
    State(app): State<App>,
    context: Context,
    Form(input): Form<LoginForm>,
) -> Result<Response, Error> {
    let form = FormState::filled(vec![("email", input.email.clone())]);
    match login(&app, &context, &input.email, input.password).await {
        Ok(logged_in) => Ok(signed_in(&logged_in, &input.next)),
        Err(error) => {
            let form = form.failed(error)?;
            let layout = Layout::public(&context);
            let page = Page { layout, next: input.next, verified: false, form };
            Ok(page.form.respond(&page))
        }
    }
}

fn signed_in(logged_in: &LoggedIn, next: &str) -> Response {
    let home = match logged_in.account.kind {
        AccountKind::Client => own_path(next),
        // Staff have no dashboard of their own.
        AccountKind::Staff => "/profile",
    };
    let cookie = format!(
        "{SESSION_COOKIE}={}; Path=/; Secure; HttpOnly; SameSite=Lax",
        logged_in.issued.token
    );
    let mut response = see_other(home);
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}
