//! Input, parsed once and strictly: an unknown field, a second spelling or a wrong type is
//! refused before any rule runs.

use axum::{
    body::{Body, to_bytes},
    extract::{FromRequest, FromRequestParts, Request},
    http::{HeaderMap, header, request::Parts},
};
use serde::de::DeserializeOwned;

use super::Context;
use crate::error::{Code, Error};

/// What a JSON or form body may weigh, unless the endpoint says otherwise.
const MOST_BODY_BYTES: usize = 64 * 1024;

/// A JSON body.
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for Json<T> {
    type Rejection = Error;

    async fn from_request(request: Request, _: &S) -> Result<Self, Error> {
        if media_type(request.headers()) != Some("application/json") {
            return Err(Code::UnsupportedType.into());
        }
        let bytes = read_body(request.into_body(), MOST_BODY_BYTES).await?;
        decode_json(&bytes).map(Self)
    }
}

/// A form's body, as a page posts it.
pub struct Form<T>(pub T);

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for Form<T> {
    type Rejection = Error;

    async fn from_request(request: Request, _: &S) -> Result<Self, Error> {
        if media_type(request.headers()) != Some("application/x-www-form-urlencoded") {
            return Err(Code::UnsupportedType.into());
        }
        let bytes = read_body(request.into_body(), MOST_BODY_BYTES).await?;
        serde_urlencoded::from_bytes(&bytes)
            .map(Self)
            .map_err(|error| Error::malformed(error.to_string()))
    }
}

/// The query.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let query = parts.uri.query().unwrap_or_default();
        serde_urlencoded::from_str(query)
            .map(Self)
            .map_err(|error| Error::malformed(error.to_string()))
    }
}

/// A page's query: the same without `lang`, which every page takes.
pub struct PageQuery<T>(pub T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for PageQuery<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let Ok(context) = Context::from_request_parts(parts, state).await;
        let query = context.place.split_once('?').map_or("", |(_, query)| query);
        serde_urlencoded::from_str(query)
            .map(Self)
            .map_err(|error| Error::malformed(error.to_string()))
    }
}

/// How many items a page of a list has.
#[derive(Debug, Clone, Copy)]
pub struct PageLimit(usize);

impl PageLimit {
    /// `?limit=`, 1 to 100; 25 without it.
    pub fn parse(limit: Option<usize>) -> Result<Self, Error> {
        match limit.unwrap_or(25) {
            limit @ 1..=100 => Ok(Self(limit)),
            _ => Err(Error::field("limit", "limit_invalid")),
        }
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> usize {
        self.0
    }
}

/// The versions that `If-Match` accepts; without the header any will do.
pub struct IfMatch(Option<String>);

impl IfMatch {
    /// Refuses when the stored version is none of those.
    pub fn require(&self, etag: &str) -> Result<(), Error> {
        let Some(wanted) = &self.0 else { return Ok(()) };
        let any = wanted.split(',').map(str::trim).any(|one| one == "*" || one == etag);
        if any { Ok(()) } else { Err(Code::PreconditionFailed.into()) }
    }
}

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let value = parts.headers.get(header::IF_MATCH);
        Ok(Self(value.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())))
    }
}

/// The body's type without its parameters.
#[must_use]
pub fn media_type(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    Some(value.split(';').next().unwrap_or(value).trim())
}

/// The whole body, refused past `most` bytes.
pub async fn read_body(body: Body, most: usize) -> Result<Vec<u8>, Error> {
    let bytes = to_bytes(body, most).await.map_err(|_| Error::new(Code::TooLarge))?;
    Ok(bytes.to_vec())
}

/// JSON into a type. What does not fit it is 400 with the place and the reason.
pub fn decode_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        Error::malformed(format!("{path}: {}", without_value(&error.into_inner().to_string())))
    })?;
    reader.end().map_err(|error| Error::malformed(error.to_string()))?;
    Ok(value)
}

/// The parser's words without the value that it met: a value may be a secret, and replies are
/// kept in logs of others.
fn without_value(words: &str) -> &str {
    match words.split_once(", expected ") {
        Some((met, expected)) if met.starts_with("invalid ") => expected,
        _ => words,
    }
}
