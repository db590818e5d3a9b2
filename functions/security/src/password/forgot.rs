//! A forgotten password: a mail with a link, if the address has an account. Nobody who asks learns
//! whether it has: the calls and the bytes are the same.

use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use shared::{
    account::Email,
    app::App,
    auth::{Errand, Limit, Reset, newest_reset_key, reserve},
    error::{Code, Error},
    http::{Context, Form, Json},
    id::TokenId,
    notify::send_link,
    table::Transaction,
    web::{FormState, Layout, render},
};

/// Whose password was forgotten.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ForgotInput {
    /// The address of the login.
    #[schema(format = "email")]
    email: String,
}

/// Which link of an address is the newest: an older one is not good any more.
#[derive(Serialize, Deserialize)]
pub(super) struct Newest {
    pub(super) token: TokenId,
    pub(super) expires_at: i64,
}

async fn forgot(app: &App, context: &Context, input: &ForgotInput) -> Result<(), Error> {
    let email: Email = input.email.parse().map_err(|_| Error::field("email", "email_invalid"))?;
    // Every request may send a mail: none of the attempts is given back.
    let _counted = reserve(app, Limit::FORGOT, &context.network()).await?;
    // Whoever asks too often for one mailbox is not told so: the links that it got stay good, and
    // nobody floods it, or makes each of its links stale.
    let mailbox = reserve(app, Limit::MAILBOX, &email.normalised()).await;
    match mailbox {
        Ok(_counted) => {}
        Err(error) if error.code == Code::TooManyRequests => return Ok(()),
        Err(error) => return Err(error),
    }
    let mut transaction = app.table.transaction::<Code>();
    link(app, &email, &mut transaction)?;
    Ok(transaction.commit().await?)
}

/// Mails a link that sets an address's password anew; all earlier ones are over.
pub(crate) fn link<R: Clone>(
    app: &App,
    email: &Email,
    transaction: &mut Transaction<'_, R>,
) -> Result<TokenId, Error> {
    let now = app.clock.now();
    let errand = Errand::Reset(Reset { email: email.clone() });
    let expires_at = now.as_second() + errand.kind().life.as_secs();
    let token = send_link(app, now, errand, transaction)?;
    transaction.put(&newest_reset_key(email), &Newest { token, expires_at });
    Ok(token)
}

/// Mails a link that sets the password anew, if the address has an account.
#[utoipa::path(
    post, path = "/v1/auth/password/forgot", operation_id = "forgot_password", tag = "security",
    request_body = ForgotInput,
    responses(
        (status = 202, description = "Always alike, `{}`; a mail tells more", body = Object),
        (status = 422, description = "Not an e-mail address", body = shared::http::Problem),
        (status = 429, description = "Too many requests", body = shared::http::Problem),
    )
)]
pub(crate) async fn json(
    State(app): State<App>,
    context: Context,
    Json(input): Json<ForgotInput>,
) -> Result<Response, Error> {
    forgot(&app, &context, &input).await?;
    Ok((StatusCode::ACCEPTED, axum::Json(serde_json::json!({}))).into_response())
}

#[derive(Template)]
#[template(path = "password/forgot.html")]
struct Page {
    layout: Layout,
    form: FormState,
    sent: bool,
}

pub(crate) async fn page(context: Context) -> Response {
    let form = FormState::filled(vec![("email", String::new())]);
    render(&Page { layout: Layout::public(&context), form, sent: false })
}

pub(crate) async fn submit(
    State(app): State<App>,
    context: Context,
    Form(input): Form<ForgotInput>,
) -> Result<Response, Error> {
    let form = FormState::filled(vec![("email", input.email.clone())]);
    let layout = Layout::public(&context);
    match forgot(&app, &context, &input).await {
        Ok(()) => {
            let page = Page { layout, form, sent: true };
            Ok((StatusCode::ACCEPTED, render(&page)).into_response())
        }
        Err(error) => {
            let page = Page { layout, form: form.failed(error)?, sent: false };
            Ok(page.form.respond(&page))
        }
    }
}
