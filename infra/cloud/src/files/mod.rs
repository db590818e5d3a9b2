//! S3, as far as the panel uses it: a form's upload, a signed address, a look at what is there. It checks what
//! S3 checks, by S3's own rules: who signed, until when, and for what.

mod form;
mod signature;
mod store;

pub use store::Clock;
pub(crate) use store::Files;

use axum::{
    body::Bytes,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use signature::Signed;

/// Why S3 does not do what it is asked, as it says so.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Refused(StatusCode, &'static str, &'static str);

impl Refused {
    fn denied(why: &'static str) -> Self {
        Self(StatusCode::FORBIDDEN, "AccessDenied", why)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let Self(status, code, message) = self;
        let body = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
        (status, [(header::CONTENT_TYPE, "application/xml")], body).into_response()
    }
}

/// Whether a request is S3's: a form, or an address that is signed for it.
pub(crate) fn is_for_s3(method: &Method, uri: &Uri, headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|it| it.to_str().ok());
    let form =
        method == Method::POST && kind.is_some_and(|it| it.starts_with("multipart/form-data"));
    form || uri.query().is_some_and(|query| query.contains("X-Amz-Signature="))
}

/// Answers a request.
pub(crate) async fn answer(
    files: &Files,
    method: Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: Bytes,
) -> Response {
    let answered = match method {
        Method::POST => form::take(files, uri, headers, body).await,
        Method::OPTIONS => Ok(StatusCode::OK.into_response()),
        Method::GET | Method::HEAD => fetch(files, &method, uri, headers),
        _ => Err(Refused(StatusCode::NOT_IMPLEMENTED, "NotImplemented", "not used here")),
    };
    let mut response = answered.unwrap_or_else(IntoResponse::into_response);
    // The bucket lets the portal's pages send to it (template.yaml).
    for name in ["origin", "methods", "headers"] {
        let name = HeaderName::try_from(format!("access-control-allow-{name}"));
        if let Ok(name) = name {
            response.headers_mut().insert(name, HeaderValue::from_static("*"));
        }
    }
    response
}

fn fetch(
    files: &Files,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
) -> Result<Response, Refused> {
    let signed = Signed::of(method, uri, headers)?;
    signed.check(files.now())?;
    let missing = Refused(StatusCode::NOT_FOUND, "NoSuchKey", "there is no such file");
    let file = files.get(uri.path()).ok_or(missing)?;
    let mut response = if method == Method::HEAD {
        let length = file.bytes.len().to_string();
        [(header::CONTENT_LENGTH, length)].into_response()
    } else {
        file.bytes.into_response()
    };
    let kind = signed.parameter("response-content-type").unwrap_or(file.media_type);
    let disposition = signed.parameter("response-content-disposition");
    for (name, value) in
        [(header::CONTENT_TYPE, Some(kind)), (header::CONTENT_DISPOSITION, disposition)]
    {
        if let Some(value) = value.and_then(|it| HeaderValue::from_str(&it).ok()) {
            response.headers_mut().insert(name, value);
        }
    }
    Ok(response)
}
