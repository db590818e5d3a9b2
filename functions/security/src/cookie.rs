//! The portal's two cookies: the session, and the question for a second factor before it.

use axum::{
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};
use shared::{
    auth::{SESSION_COOKIE, SESSION_LIFE},
    http::cookie,
};

const CHALLENGE_COOKIE: &str = "__Host-challenge";
const ATTRIBUTES: &str = "Path=/; Secure; HttpOnly; SameSite=Lax";

/// The browser is signed in from now on, and still is when it is opened again. The cookie may
/// outlast its session, never the other way.
pub(crate) fn signed_in(response: Response, token: &str) -> Response {
    let life = SESSION_LIFE.as_secs();
    let session = format!("{SESSION_COOKIE}={token}; {ATTRIBUTES}; Max-Age={life}");
    add(add(response, &session), &gone(CHALLENGE_COOKIE))
}

/// The browser is signed out.
pub(crate) fn signed_out(response: Response) -> Response {
    add(response, &gone(SESSION_COOKIE))
}

/// The browser is asked for a second factor.
pub(crate) fn challenged(response: Response, challenge: &str) -> Response {
    add(response, &format!("{CHALLENGE_COOKIE}={challenge}; {ATTRIBUTES}; Max-Age=600"))
}

/// The challenge that the browser answers.
pub(crate) fn challenge(headers: &HeaderMap) -> Option<&str> {
    cookie(headers, CHALLENGE_COOKIE)
}

fn gone(name: &str) -> String {
    format!("{name}=; {ATTRIBUTES}; Max-Age=0")
}

fn add(mut response: Response, cookie: &str) -> Response {
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}
