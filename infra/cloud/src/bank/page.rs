//! The page on which somebody types a card, in both languages. The provider's own has no Arabic; this one is read by
//! people who try the panel out.

use askama::Template;
use axum::{
    Form, Router,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
    routing::get,
};
use serde::Deserialize;

use super::{
    Books,
    card::{KNOWN, Outcome, Typed, expiry},
    ledger::Session,
    word::Teller,
};

#[derive(Clone)]
struct Desk {
    books: Books,
    teller: Teller,
}

pub(super) fn router(books: Books, teller: Teller) -> Router {
    Router::new().route("/pay/{session}", get(show).post(submit)).with_state(Desk { books, teller })
}

#[derive(Deserialize)]
struct Language {
    #[serde(default)]
    lang: String,
}

/// What is typed, or what the owner says to the card's own bank.
#[derive(Deserialize)]
struct Input {
    #[serde(default)]
    number: String,
    #[serde(default)]
    expires: String,
    #[serde(default)]
    agrees: String,
}

#[derive(Template)]
#[template(path = "page.html")]
struct Page {
    arabic: bool,
    setup: bool,
    amount: String,
    cancelled: String,
    asked: bool,
    problem: &'static str,
    number: String,
}

impl Page {
    fn of(session: &Session, arabic: bool) -> Self {
        let amount = format!("{}.{:02}", session.amount / 100, session.amount % 100);
        Self {
            arabic,
            setup: session.mode == "setup",
            amount: format!("{amount} {}", session.currency.to_uppercase()),
            cancelled: session.cancelled.clone(),
            asked: session.asked.is_some(),
            problem: "",
            number: String::new(),
        }
    }

    /// One of two languages.
    fn say(&self, english: &'static str, arabic: &'static str) -> &'static str {
        if self.arabic { arabic } else { english }
    }

    fn known(&self) -> impl Iterator<Item = &'static str> {
        KNOWN.iter().map(|(number, ..)| *number)
    }

    fn respond(&self, status: StatusCode) -> Response {
        match self.render() {
            Ok(html) => (status, Html(html)).into_response(),
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    }
}

fn is_arabic(language: &Language, headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|it| it.to_str().ok());
    match language.lang.as_str() {
        "" => accepted.is_some_and(|it| it.starts_with("ar")),
        chosen => chosen == "ar",
    }
}

async fn show(
    State(desk): State<Desk>,
    Path(session): Path<String>,
    Query(language): Query<Language>,
    headers: HeaderMap,
) -> Response {
    let open = desk.books.with(|ledger, _| ledger.sessions.get(&session).cloned());
    match open.filter(|it| it.status == "open") {
        Some(session) => Page::of(&session, is_arabic(&language, &headers)).respond(StatusCode::OK),
        None => (StatusCode::GONE, "This page is closed. هذه الصفحة مغلقة.").into_response(),
    }
}

async fn submit(
    State(desk): State<Desk>,
    Path(session): Path<String>,
    Query(language): Query<Language>,
    headers: HeaderMap,
    Form(input): Form<Input>,
) -> Response {
    let (outcome, page) = desk.books.with(|ledger, now| {
        let asked = ledger.sessions.get(&session).and_then(|it| it.asked.clone());
        let outcome = match (input.agrees.as_str(), asked) {
            (answer @ ("yes" | "no"), Some(card)) => {
                ledger.take_card(&session, card, Some(answer == "yes"), now)
            }
            _ => match Typed::read(&input.number, expiry(&input.expires), now) {
                Some(card) => ledger.take_card(&session, card, None, now),
                None => Some(Outcome::Unknown),
            },
        };
        (outcome, ledger.sessions.get(&session).cloned())
    });
    desk.teller.tell_all().await;
    let Some(page) = page else { return StatusCode::NOT_FOUND.into_response() };
    let mut page = Page::of(&page, is_arabic(&language, &headers));
    match outcome {
        None => (StatusCode::GONE, "This page is closed. هذه الصفحة مغلقة.").into_response(),
        Some(Outcome::Done(back)) => Redirect::to(&back).into_response(),
        Some(Outcome::Asked) => page.respond(StatusCode::OK),
        Some(Outcome::Declined(_)) => {
            page.problem = page.say("The card was declined.", "رُفضت البطاقة.");
            page.respond(StatusCode::PAYMENT_REQUIRED)
        }
        Some(Outcome::Unknown) => {
            page.problem = page.say("The bank knows no such card.", "لا يعرف المصرف بطاقة كهذه.");
            page.number = input.number;
            page.respond(StatusCode::UNPROCESSABLE_ENTITY)
        }
    }
}
