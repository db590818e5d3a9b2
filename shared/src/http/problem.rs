//! A failed request as a reply: problem+json (RFC 9457) for programs, a page for people.

use std::sync::Arc;

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use serde::Serialize;

use super::{Context, Face, encoded};
use crate::{
    error::{Code, Error},
    web::{ErrorPage, Language, Layout, Text},
};

/// A problem as the API tells it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// A page that explains this kind of problem.
    #[serde(rename = "type")]
    pub kind: String,
    /// What happened, in the caller's language.
    pub title: String,
    /// The status of the reply.
    pub status: u16,
    /// What it means here.
    pub detail: String,
    /// What programs tell problems apart by.
    pub code: &'static str,
    /// The reply's `X-Request-Id`.
    pub request_id: String,
    /// What could not be read, in English: the parser's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub note: Option<Box<str>>,
    /// The fields that are not valid.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ProblemField>,
}

/// A field that is not valid.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ProblemField {
    /// A JSON pointer into the body.
    pub pointer: String,
    /// What programs tell errors apart by.
    pub code: &'static str,
    /// What is wrong, in the caller's language.
    pub message: String,
}

/// Carried from a handler to the frame, which knows language and face.
#[derive(Clone)]
pub(crate) struct Failed {
    pub(super) error: Arc<Error>,
    /// The reply shows it already, as a form does: the frame logs it and adds the headers.
    pub(super) shown: bool,
}

impl Failed {
    /// A failure that the reply shows already.
    pub(crate) fn shown(error: Error) -> Self {
        Self { error: Arc::new(error), shown: true }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let mut response = self.code.status().into_response();
        let failed = Failed { error: Arc::new(self), shown: false };
        response.extensions_mut().insert(failed);
        response
    }
}

/// The reply to a failed request.
pub(super) fn render(context: &Context, error: &Error) -> Response {
    let mut response = match (context.face, error.code) {
        (Face::Browser, Code::Unauthenticated) => return to_login(context),
        (Face::Browser, Code::SudoRequired) => return to_sudo(context, error),
        (Face::Browser, _) => ErrorPage::new(context, error.code).into_response(),
        (Face::Api, _) => json(context, error),
    };
    *response.status_mut() = error.code.status();
    add_headers(&mut response, error);
    response
}

/// The headers that a failure has, whatever shows it.
pub(super) fn add_headers(response: &mut Response, error: &Error) {
    let headers = response.headers_mut();
    if error.code.status() == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    if error.code == Code::Unavailable {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
    }
    if let Some(limited) = error.limited {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(limited.retry_after));
        let policy = format!("\"{}\";q={};w={}", limited.policy, limited.limit, limited.window);
        let left = format!("\"{}\";r=0;t={}", limited.policy, limited.retry_after);
        for (name, value) in [("ratelimit-policy", policy), ("ratelimit", left)] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
    }
}

fn json(context: &Context, error: &Error) -> Response {
    let text = Text::new(context.preferences());
    let code = error.code.as_str();
    let detail = text.get(&format!("problem-{code}-detail"));
    // The parser speaks English, and detail the caller's language.
    let detail = match &error.note {
        Some(note) if context.language() == Language::default() => format!("{detail} ({note})"),
        _ => detail,
    };
    let errors = error.fields.iter().map(|field| ProblemField {
        pointer: field.pointer.clone(),
        code: field.code,
        message: text.get(&format!("field-{}", field.code)),
    });
    let problem = Problem {
        kind: format!("/problems/{code}"),
        title: text.get(&format!("problem-{code}-title")),
        status: error.code.status().as_u16(),
        detail,
        code,
        request_id: context.request_id.clone(),
        note: error.note.clone(),
        errors: errors.collect(),
    };
    let body = serde_json::to_vec(&problem).unwrap_or_default();
    let language = HeaderValue::from_static(context.language().code());
    let kind = HeaderValue::from_static("application/problem+json");
    ([(header::CONTENT_TYPE, kind), (header::CONTENT_LANGUAGE, language)], body).into_response()
}

/// Proving oneself again comes back to the page that was wanted, or to the page whose form was sent.
fn to_sudo(context: &Context, error: &Error) -> Response {
    let page = if context.can_return {
        Some(context.place.clone())
    } else {
        // What was pressed there is not done: the page says so.
        context.form.as_deref().map(Layout::to_press_again)
    };
    let back = error.back.as_deref().map(str::to_owned).or(page);
    let query = back.map(|back| format!("?next={}", encoded(&back))).unwrap_or_default();
    Redirect::to(&format!("/sudo{query}")).into_response()
}

/// Signing in comes back to where one was going; only ever to a page of ours.
fn to_login(context: &Context) -> Response {
    let wanted = context.can_return && context.place != "/";
    let query = if wanted { format!("?next={}", encoded(&context.place)) } else { String::new() };
    Redirect::to(&format!("/login{query}")).into_response()
}
