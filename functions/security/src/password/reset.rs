//! Setting a password anew with a mailed link. All sessions end; a second factor is still asked for.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use serde::Deserialize;
use shared::{
    account::{Email, EmailClaim, User, email_key, user_key},
    app::App,
    audit::{Event, EventKind, record_and_tell},
    auth::{
        Errand, InvalidOneTimeToken, Limit, forgive, hash_password, newest_reset_key, one_time_key,
        read_one_time, reserve,
    },
    error::{Code, Error},
    http::{Context, Form, Json, PageQuery as Query, encoded},
    notify::undeliverable_key,
    table::{Condition, Key, Read, Tenant, Update},
    web::{FormState, Layout, see_other},
};

use super::new_password;
use crate::login::login_name;

/// The link's token and the next password.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResetInput {
    /// As the mail's link carries it.
    #[schema(example = "mxt_...")]
    token: String,
    /// At least 8 characters and hard to guess.
    #[schema(format = "password")]
    password: String,
}

async fn reset(app: &App, context: &Context, input: &ResetInput) -> Result<(), Error> {
    let attempt = reserve(app, Limit::ADDRESS, &context.network()).await?;
    let (link, errand) = read_one_time(app, &input.token).await?;
    let Errand::Reset(asked) = errand else { return Err(InvalidOneTimeToken.into()) };
    let (tenant, user) = whose(app, &asked.email).await?.ok_or(InvalidOneTimeToken)?;
    let password = new_password(&input.password, &user, "", "password")?;
    let hash = hash_password(password, &app.random).await?;

    let mut transaction = app.table.transaction();
    transaction.delete_if(&one_time_key(link), Condition::Exists, Code::InvalidLink);
    let newest = Condition::equals_serialized("token", &link)?;
    transaction.delete_if(&newest_reset_key(&asked.email), newest, Code::InvalidLink);
    // The mail went to this address: it opens the account only as long as it is the user's.
    let same = Condition::Equals("email", user.email.as_str().into());
    let password = Update::new().set_serialized("password_hash", &hash)?;
    let end = User::end_sessions(user.id, user.epoch).with(password).when(same);
    end.write(tenant, &mut transaction, Code::Conflict);
    // Strangers' failures keep nobody out who reads the login's mail.
    let login = login_name(user.email.as_str());
    forgive(app, Limit::LOGIN_ANYWHERE, &login, &mut transaction)?;
    let here = format!("{login} {}", context.network());
    forgive(app, Limit::LOGIN, &here, &mut transaction)?;
    // Whoever has the link reads what is mailed there.
    transaction.delete(&undeliverable_key(tenant, &user.email));
    attempt.give_back(&mut transaction);
    let event = Event::by_link(user.id, context, EventKind::PasswordReset, None);
    record_and_tell(app, tenant, &user, event, &mut transaction);
    Ok(transaction.commit().await?)
}

/// The user that an address leads to, and that still has it: user and address are read one after the
/// other.
async fn whose(app: &App, email: &Email) -> Result<Option<(Tenant, User)>, Error> {
    let claim: Option<EmailClaim> =
        app.table.get(&email_key(&email.normalised()), Read::Strong).await?;
    let Some(claim) = claim else { return Ok(None) };
    let tenant = Tenant::of_record(&claim);
    let key: Key = user_key(tenant, claim.user);
    let user: Option<User> = app.table.get(&key, Read::Strong).await?;
    let user = user.filter(|it| it.email.normalised() == email.normalised());
    Ok(user.map(|user| (tenant, user)))
}

/// Sets the password anew with the token of a mail, and ends all sessions.
#[utoipa::path(
    post, path = "/v1/auth/password/reset", operation_id = "reset_password", tag = "security",
    request_body = ResetInput,
    responses(
        (status = 204, description = "It is the new one; all sessions are over"),
        (status = 409, description = "The account changed in the same moment; the link is still good", body = shared::http::Problem),
        (status = 422, description = "The link is wrong, used, expired or not the newest, or the password is not good enough", body = shared::http::Problem),
        (status = 429, description = "Too many failures", body = shared::http::Problem),
    )
)]
pub(crate) async fn json(
    State(app): State<App>,
    context: Context,
    Json(input): Json<ResetInput>,
) -> Result<StatusCode, Error> {
    reset(&app, &context, &input).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// In the address: the account has just been closed to whoever was in it.
pub(crate) const SECURED: &str = "secured=1&";

#[derive(Template)]
#[template(path = "password/reset.html")]
struct Page {
    layout: Layout,
    form: FormState,
    token: String,
    /// Whether the account has just been closed to whoever was in it.
    secured: bool,
}

#[derive(Deserialize)]
pub(crate) struct Link {
    #[serde(default)]
    token: String,
    #[serde(default)]
    secured: Option<String>,
}

pub(crate) async fn page(context: Context, Query(link): Query<Link>) -> Response {
    page_of(&context, FormState::default(), link.token, link.secured.is_some())
}

fn page_of(context: &Context, form: FormState, token: String, secured: bool) -> Response {
    // In another language it is the same link's page.
    let place = format!("/reset?{}token={}", if secured { SECURED } else { "" }, encoded(&token));
    let page = Page { layout: Layout { place, ..Layout::public(context) }, form, token, secured };
    page.form.respond(&page)
}

pub(crate) async fn submit(
    State(app): State<App>,
    context: Context,
    Query(link): Query<Link>,
    Form(input): Form<ResetInput>,
) -> Result<Response, Error> {
    match reset(&app, &context, &input).await {
        Ok(()) => Ok(see_other("/login?reset=1")),
        Err(error) => {
            let form = FormState::default().failed(error)?;
            Ok(page_of(&context, form, input.token, link.secured.is_some()))
        }
    }
}
