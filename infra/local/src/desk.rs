//! `/_local`: what a person or a test wants of a panel on its own machine. None of it exists on
//! AWS.

use std::sync::Arc;

use askama::Template;
use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::{get, post},
};
use cloud::{Cloud, Mail, bank::Typed};
use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Value, json};
use shared::{
    account::User,
    app::App,
    auth::{NewSession, SUDO},
    error::Error,
    http::Context,
    id::AccountId,
    table::{Range, Tenant},
};

use crate::{People, Workers, words};

/// What the desk knows.
#[derive(Clone)]
pub(crate) struct Desk {
    pub(crate) url: String,
    pub(crate) app: App,
    pub(crate) cloud: Arc<Cloud>,
    pub(crate) workers: Arc<Workers>,
    pub(crate) people: Arc<People>,
}

/// The desk's routes.
pub(crate) fn router(desk: Desk) -> Router {
    Router::new()
        .route("/_local/info", get(info))
        .route("/_local/mail", get(mails))
        .route("/_local/mail/{place}", get(mail))
        .route("/_local/bank/complete", post(complete))
        .route("/_local/bounce", post(bounce))
        .route("/_local/clock", post(clock))
        .route("/_local/design", get(crate::design::page))
        .route("/_local/drain", post(drain))
        .route("/_local/session", post(session))
        .with_state(desk)
}

async fn info(State(desk): State<Desk>) -> Json<Value> {
    Json(json!({
        "url": desk.url,
        "dynamodb_endpoint": desk.cloud.dynamodb_endpoint(),
        "aws_endpoint": desk.cloud.aws_endpoint(),
        "bank_url": desk.cloud.bank().url(),
        "service_key": desk.people.service_key,
        "staff": desk.people.staff,
        "demo": desk.people.demo,
    }))
}

#[derive(Deserialize)]
struct MailQuery {
    to: Option<String>,
}

#[derive(Template)]
#[template(path = "mails.html")]
struct MailPage {
    mails: Vec<(usize, Mail)>,
}

/// The mails, newest first: a page for a browser, JSON for anything else.
async fn mails(
    State(desk): State<Desk>,
    Query(query): Query<MailQuery>,
    headers: HeaderMap,
) -> Response {
    let mails = desk.cloud.mails().into_iter().enumerate();
    let wanted = mails.filter(|(_, mail)| query.to.as_ref().is_none_or(|to| mail.to == *to));
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    if accept.is_some_and(|accept| accept.contains("text/html")) {
        let page = MailPage { mails: wanted.collect() };
        return page.render().map_or_else(
            |_| StatusCode::INTERNAL_SERVER_ERROR.into_response(),
            |html| Html(html).into_response(),
        );
    }
    Json(wanted.map(|(_, mail)| mail).collect::<Vec<_>>()).into_response()
}

/// One mail's HTML as it would be shown.
async fn mail(State(desk): State<Desk>, Path(place): Path<usize>) -> Response {
    match desk.cloud.mails().into_iter().nth(place) {
        Some(mail) => Html(mail.html).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

#[derive(Deserialize)]
struct Advance {
    advance_seconds: i64,
}

/// Walks: it stops wherever something is due, which is done then. Backwards it only moves the clock.
async fn clock(State(desk): State<Desk>, Json(advance): Json<Advance>) -> Response {
    let by = SignedDuration::from_secs(advance.advance_seconds);
    if by.is_negative() {
        desk.app.clock.advance(by);
    } else if let Err(error) = desk.workers.walk(by).await {
        return (StatusCode::SERVICE_UNAVAILABLE, error.to_string()).into_response();
    }
    Json(json!({"now": desk.app.clock.now()})).into_response()
}

#[derive(Deserialize)]
struct SendBack {
    to: String,
    kind: Kind,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Hard,
    Complaint,
}

/// What SES tells of a mail to an address: it came back, or is unwanted.
async fn bounce(State(desk): State<Desk>, Json(wanted): Json<SendBack>) -> Response {
    match desk.cloud.send_back(&wanted.to, wanted.kind == Kind::Complaint).await {
        Ok(()) => Json(json!({})).into_response(),
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, error.to_string()).into_response(),
    }
}

#[derive(Deserialize)]
struct Completed {
    setup_url: Option<String>,
    payment_url: Option<String>,
    #[serde(default = "a_card_that_pays")]
    card: String,
    #[serde(default)]
    outcome: Answered,
}

fn a_card_that_pays() -> String {
    "4242424242424242".to_owned()
}

/// What a person says where the card's own bank asks.
#[derive(Default, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Answered {
    #[default]
    Ok,
    Fail,
}

/// What a person does on the payment provider's page; the provider's word of it is taken before this answers.
async fn complete(State(desk): State<Desk>, Json(wanted): Json<Completed>) -> Response {
    let Some(url) = wanted.setup_url.or(wanted.payment_url) else {
        return (StatusCode::UNPROCESSABLE_ENTITY, "setup_url or payment_url").into_response();
    };
    let typed = desk.cloud.bank().complete(&url, &wanted.card, wanted.outcome == Answered::Ok);
    if let Err(error) = desk.workers.drain().await {
        return (StatusCode::SERVICE_UNAVAILABLE, error.to_string()).into_response();
    }
    match typed {
        Some(Typed::Done(back)) => Json(json!({"state": "complete", "back": back})).into_response(),
        Some(Typed::Declined(reason)) => {
            Json(json!({"state": "declined", "reason": reason})).into_response()
        }
        Some(Typed::Asked) => Json(json!({"state": "asked"})).into_response(),
        Some(Typed::Unknown) => {
            (StatusCode::UNPROCESSABLE_ENTITY, "no card that the bank knows").into_response()
        }
        None => (StatusCode::CONFLICT, "that page is closed, or never was").into_response(),
    }
}

async fn drain(State(desk): State<Desk>) -> Response {
    match desk.workers.drain().await {
        Ok(()) => Json(json!({"idle": true})).into_response(),
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, error.to_string()).into_response(),
    }
}

#[derive(Deserialize)]
pub(crate) struct Whose {
    pub(crate) account: AccountId,
    /// As if the password had been given again in it.
    #[serde(default)]
    pub(crate) sudo: bool,
    /// And a second factor.
    #[serde(default)]
    pub(crate) factor: bool,
}

/// A session of an account's owner without its password: `replay` reads `/v1/usage` with it.
async fn session(State(desk): State<Desk>, context: Context, Json(whose): Json<Whose>) -> Response {
    match begin_session(&desk.app, &context, &whose).await {
        Ok(Some(token)) => Json(json!({"token": token})).into_response(),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, words(&error)).into_response(),
    }
}

/// Begins a session of an account's owner; nothing where there is no such account.
pub(crate) async fn begin_session(
    app: &App,
    context: &Context,
    whose: &Whose,
) -> Result<Option<String>, Error> {
    let tenant = Tenant::at_desk(whose.account);
    let users: Vec<User> = app.table.all(Range::prefix(tenant, "USER#")).await?;
    let Some(user) = users.first() else { return Ok(None) };
    let mut session = NewSession::new(app, context, tenant, user, whose.factor);
    let until = (app.clock.now() + SUDO).as_second();
    session.session.sudo_until = if whose.sudo { until } else { 0 };
    session.session.factor_until = if whose.factor { until } else { 0 };
    app.table.put(&session.key, &session.session).await?;
    Ok(Some(session.issued().token))
}
