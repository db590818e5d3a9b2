//! Confirming an address: the link of a registration makes it an account. Opening the link uses
//! nothing up, for programs that look at mails open links too; a button does.

use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use shared::{
    account::{AccountKind, Founded, Founder, FoundingRefused, found},
    app::App,
    auth::{self, Limit, read_one_time},
    error::Error,
    http::{Context, Form, Json, Query},
    table::Condition,
    web::{Layout, render, see_other},
};

use crate::register::Registration;

/// The token of a link.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct VerifyInput {
    /// As the mail's link carries it.
    #[schema(example = "mxt_...")]
    token: String,
}

/// Makes the registration behind a link an account, once.
pub async fn confirm(app: &App, context: &Context, token: &str) -> Result<Founded, Error> {
    let reserved = auth::reserve(app, Limit::ADDRESS, &context.address_text()).await?;
    let (key, registration) = read_one_time::<Registration>(app, token).await?;
    let registration = registration.payload;
    let founder = Founder {
        kind: AccountKind::Client,
        email: registration.email,
        password_hash: registration.password_hash,
        name: registration.name,
        company: registration.company,
        locale: registration.locale,
    };
    let mut transaction = app.table.transaction();
    let founded = found(app, founder, &mut transaction);
    transaction.delete(&key, Condition::Exists, FoundingRefused::LinkUsed);
    reserved.give_back(&mut transaction);
    transaction.commit().await?;
    Ok(founded)
}

/// Confirms an address with the token of its mail; the account begins here.
#[utoipa::path(
    post, path = "/v1/auth/verify-email", operation_id = "verify_email", tag = "security",
    request_body = VerifyInput,
    responses(
        (status = 204, description = "The account is ready"),
        (status = 422, description = "The link is wrong, used or expired", body = shared::http::Problem),
        (status = 429, description = "Too many failures", body = shared::http::Problem),
    )
)]
pub(crate) async fn json(
    State(app): State<App>,
    context: Context,
    Json(input): Json<VerifyInput>,
) -> Result<StatusCode, Error> {
    confirm(&app, &context, &input.token).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
pub(crate) struct Link {
    #[serde(default)]
    token: String,
}

#[derive(Template)]
#[template(path = "verify/page.html")]
struct Page {
    layout: Layout,
    token: String,
}

pub(crate) async fn page(context: Context, Query(link): Query<Link>) -> Response {
    render(&Page { layout: Layout::public(&context), token: link.token })
}

pub(crate) async fn submit(
    State(app): State<App>,
    context: Context,
    Form(input): Form<VerifyInput>,
) -> Result<Response, Error> {
    confirm(&app, &context, &input.token).await?;
    Ok(see_other("/login?verified=1").into_response())
}
