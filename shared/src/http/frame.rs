//! What surrounds every handler: a request id, protection against other sites, a time limit,
//! failures turned into replies, and the headers that every reply carries.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;

use super::{Context, Face, Failed, context::cookie, problem};
use crate::{
    app::App,
    auth::SESSION_COOKIE,
    error::{Code, Error},
    queue::chain,
};

/// No reply takes longer: the client gets a 503 while API Gateway still listens.
const TIME_LIMIT: Duration = Duration::from_secs(12);

const FIXED_HEADERS: [(&str, &str); 7] = [
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
         connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; \
         require-trusted-types-for 'script'; trusted-types 'none'",
    ),
    ("strict-transport-security", "max-age=63072000; includeSubDomains"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=()"),
];

/// On a reply: its page sends files straight to this origin.
#[derive(Debug, Clone)]
pub struct UploadsTo(pub String);

impl UploadsTo {
    /// The policy of such a page: the same, but for where files go.
    fn policy(&self) -> String {
        let [(_, policy), ..] = FIXED_HEADERS;
        let also =
            |policy: String, place: &str| policy.replace(place, &format!("{place} {}", self.0));
        ["connect-src 'self'", "form-action 'self'"].into_iter().fold(policy.to_owned(), also)
    }
}

/// The routes within their frame. It lies around the router as a whole: one that lay around each route
/// would be built, and kept, as often as there are routes.
pub(super) fn around(router: Router<App>, app: App) -> Router {
    let routes = router.fallback(async || Error::new(Code::NotFound)).with_state(app.clone());
    let framed = ServiceBuilder::new()
        // A panic of the frame itself still gets a reply, if a bare one.
        .layer(CatchPanicLayer::custom(|_panic| StatusCode::INTERNAL_SERVER_ERROR.into_response()))
        .layer(from_fn_with_state(app, frame))
        .layer(CatchPanicLayer::custom(|_panic| Error::new(Code::Internal).into_response()))
        .service(routes);
    Router::new().fallback_service(framed)
}

async fn frame(State(app): State<App>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let context = Context::of(&parts, &app.random);
    parts.extensions.insert(context.clone());
    let method = parts.method.clone();

    let reply =
        if crosses_sites(&parts.method, &parts.headers, &context, app.config.public_url().ok()) {
            Error::new(Code::CrossSite).into_response()
        } else {
            let reply = next.run(Request::from_parts(parts, body));
            tokio::time::timeout(TIME_LIMIT, reply)
                .await
                .unwrap_or_else(|_| Error::new(Code::Unavailable).into_response())
        };
    finish(&context, &method, reply)
}

fn finish(context: &Context, method: &Method, reply: Response) -> Response {
    let mut reply = match failure(&reply) {
        Some(Failed { error, shown: true }) => {
            log(context, method, &error);
            let mut reply = reply;
            problem::add_headers(&mut reply, &error);
            reply
        }
        Some(Failed { error, shown: false }) => {
            log(context, method, &error);
            let allow = reply.headers().get(header::ALLOW).cloned();
            let mut rendered = problem::render(context, &error);
            if let Some(allow) = allow {
                rendered.headers_mut().insert(header::ALLOW, allow);
            }
            rendered
        }
        None => reply,
    };
    let uploads = reply.extensions_mut().remove::<UploadsTo>();
    let headers = reply.headers_mut();
    for (name, value) in FIXED_HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Some(policy) = uploads.and_then(|it| HeaderValue::from_str(&it.policy()).ok()) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    if let Ok(id) = HeaderValue::from_str(&context.request_id) {
        headers.insert("x-request-id", id);
    }
    headers.entry(header::CACHE_CONTROL).or_insert_with(|| HeaderValue::from_static("no-store"));
    if let Some(language) = context.language_to_remember() {
        let cookie =
            format!("lang={}; Path=/; Max-Age=31536000; SameSite=Lax; Secure", language.code());
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            headers.append(header::SET_COOKIE, cookie);
        }
    }
    reply
}

/// The error that a handler carried, or the one behind a bare status of the router's.
fn failure(reply: &Response) -> Option<Failed> {
    if let Some(failed) = reply.extensions().get::<Failed>() {
        return Some(failed.clone());
    }
    let bare = reply.headers().get(header::CONTENT_TYPE).is_none();
    let status = reply.status();
    let code = match status {
        StatusCode::METHOD_NOT_ALLOWED => Some(Code::MethodNotAllowed),
        _ if bare && (status.is_client_error() || status.is_server_error()) => {
            Some(Code::of_status(status).unwrap_or(Code::Internal))
        }
        _ => None,
    };
    code.map(|code| Failed { error: Arc::new(Error::new(code)), shown: false })
}

/// Once, here, with the cause and without anything the client sent but the path.
fn log(context: &Context, method: &Method, error: &Error) {
    let request = context.request_id.as_str();
    let (code, path) = (error.code.as_str(), context.path.as_str());
    let cause = error.source.as_deref().map(|source| chain(source));
    if error.code.status().is_server_error() {
        tracing::error!(request, %method, path, code, cause, "failed");
    } else {
        tracing::info!(request, %method, path, code, cause, "refused");
    }
}

/// Whether another site may have caused a request that changes something. Browsers say where a
/// request comes from; one that carries our cookie and does not say is refused. A form without
/// the cookie is refused when it says that it comes from elsewhere: signing somebody in is a
/// change too.
fn crosses_sites(
    method: &Method,
    headers: &HeaderMap,
    context: &Context,
    public_url: Option<&str>,
) -> bool {
    let safe = [Method::GET, Method::HEAD, Method::OPTIONS].contains(method);
    let bearer = headers.contains_key(header::AUTHORIZATION);
    let cookie = !bearer && cookie(headers, SESSION_COOKIE).is_some();
    if safe || !(cookie || context.face == Face::Browser) {
        return false;
    }
    let value = |name: &str| headers.get(name).map(HeaderValue::as_bytes);
    match (value("sec-fetch-site"), value("origin")) {
        (Some(b"same-origin" | b"none"), _) => false,
        (Some(_), _) => true,
        (None, Some(origin)) => public_url.is_none_or(|url| origin != url.as_bytes()),
        (None, None) => cookie,
    }
}
