//! Input, parsed once and strictly: an unknown field, a second spelling or a wrong type is
//! refused before any rule runs.

use std::{fmt, marker::PhantomData};

use axum::{
    body::{Body, to_bytes},
    extract::{self, FromRequest, FromRequestParts, Request},
    http::{HeaderMap, header, request::Parts},
};
use percent_encoding::percent_decode;
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, IgnoredAny, MapAccess, Visitor, value::MapAccessDeserializer},
};
use serde_path_to_error::Segment;

use super::Context;
use crate::error::{Code, Conflicts, Error, FieldError};

/// What a JSON or form body may weigh, unless the endpoint says otherwise.
const MOST_BODY_BYTES: usize = 64 * 1024;

/// A JSON body.
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for Json<T> {
    type Rejection = Error;

    async fn from_request(request: Request, _: &S) -> Result<Self, Error> {
        decode_json_object(&json_body(request).await?).map(Self)
    }
}

/// The bytes of a body that says it is JSON.
pub(super) async fn json_body(request: Request) -> Result<Vec<u8>, Error> {
    if !is_of_type(request.headers(), "application/json") {
        return Err(Code::UnsupportedType.into());
    }
    read_body(request.into_body(), MOST_BODY_BYTES).await
}

/// The same; no body at all is an object without fields.
pub(super) async fn json_body_if_any(request: Request) -> Result<Vec<u8>, Error> {
    if media_type(request.headers()).is_some() {
        return json_body(request).await;
    }
    let body = read_body(request.into_body(), MOST_BODY_BYTES).await?;
    if body.is_empty() { Ok(b"{}".to_vec()) } else { Err(Code::UnsupportedType.into()) }
}

/// One JSON object into a type.
pub(super) fn decode_json_object<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    // serde would read an array as the fields in their order, which nothing documents.
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(Error::malformed("not a JSON object"));
    }
    decode_json(bytes)
}

/// A JSON object inside another one, and no array.
#[derive(Clone)]
pub struct Object<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
            type Value = T;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<T, A::Error> {
                T::deserialize(MapAccessDeserializer::new(fields))
            }
        }

        deserializer.deserialize_map(Fields(PhantomData)).map(Self)
    }
}

/// A form's body, as a page posts it.
pub struct Form<T>(pub T);

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for Form<T> {
    type Rejection = Error;

    async fn from_request(request: Request, _: &S) -> Result<Self, Error> {
        decode_form(&form_body(request).await?).map(Self)
    }
}

/// The bytes of a body that says it is a form.
pub(crate) async fn form_body(request: Request) -> Result<Vec<u8>, Error> {
    if !is_of_type(request.headers(), "application/x-www-form-urlencoded") {
        return Err(Code::UnsupportedType.into());
    }
    read_body(request.into_body(), MOST_BODY_BYTES).await
}

/// A form's fields into a type.
pub(crate) fn decode_form<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    // Its parser would put other characters in the place of what is no text.
    if percent_decode(bytes).decode_utf8().is_err() {
        return Err(Error::malformed("not UTF-8"));
    }
    serde_urlencoded::from_bytes(bytes).map_err(|error| Error::malformed(error.to_string()))
}

/// A path's parameters. What is no text names nothing.
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let parsed = extract::Path::from_request_parts(parts, state).await;
        parsed.map(|extract::Path(it)| Self(it)).map_err(|_| Code::NotFound.into())
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
    pub fn parse(limit: Option<&str>) -> Result<Self, Error> {
        match limit.map_or(Ok(25), str::parse) {
            Ok(limit @ 1..=100) => Ok(Self(limit)),
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
    /// Whatever is stored: what a form is about.
    #[must_use]
    pub fn any() -> Self {
        Self(None)
    }

    /// Gives a change's error back unless the change is to be begun with anew. Without the header it is
    /// about whatever is stored; with it, a conflict says that the version was another one by then.
    pub fn lost(&self, error: Error, conflicts: &mut Conflicts) -> Result<(), Error> {
        match (&self.0, error.code) {
            (Some(_), Code::Conflict) => Err(Code::PreconditionFailed.into()),
            _ => conflicts.put_up_with(error),
        }
    }

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

fn is_of_type(headers: &HeaderMap, wanted: &str) -> bool {
    media_type(headers).is_some_and(|it| it.eq_ignore_ascii_case(wanted))
}

/// The whole body, refused past `most` bytes.
pub async fn read_body(body: Body, most: usize) -> Result<Vec<u8>, Error> {
    let bytes = to_bytes(body, most).await.map_err(|_| Error::new(Code::TooLarge))?;
    Ok(bytes.to_vec())
}

/// JSON into a type. What is no JSON, or names a field that is not known or names one twice, is
/// 400; a field that is missing or of another type is 422 with its place.
pub fn decode_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        // What is no JSON further on is told before what is wrong up to there.
        if let Err(error) = serde_json::from_slice::<IgnoredAny>(bytes) {
            return Error::malformed(without_value(&error.to_string()));
        }
        let pointer = pointer(error.path());
        refusal(&pointer, &error.into_inner())
    })?;
    reader.end().map_err(|error| Error::malformed(error.to_string()))?;
    Ok(value)
}

fn refusal(pointer: &str, error: &serde_json::Error) -> Error {
    let words = error.to_string();
    let missing = words.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
    let field = match missing {
        Some(name) => Some((format!("{pointer}/{name}"), "required")),
        None if pointer.is_empty() => None,
        None => words.starts_with("invalid ").then(|| (pointer.to_owned(), "type_wrong")),
    };
    match field.filter(|_| error.is_data()) {
        Some((pointer, code)) => Error::fields(vec![FieldError { pointer, code }]),
        None => Error::malformed(format!("{pointer}: {}", without_value(&words))),
    }
}

/// A JSON pointer (RFC 6901).
fn pointer(path: &serde_path_to_error::Path) -> String {
    let segments = path.iter().filter_map(|segment| match segment {
        Segment::Seq { index } => Some(index.to_string()),
        Segment::Map { key } => Some(key.replace('~', "~0").replace('/', "~1")),
        Segment::Enum { .. } | Segment::Unknown => None,
    });
    segments.fold(String::new(), |pointer, segment| pointer + "/" + &segment)
}

/// The parser's words without the value that it met: a value may be a secret, and replies are
/// kept in logs of others.
fn without_value(words: &str) -> &str {
    match words.split_once(", expected ") {
        Some((met, expected)) if met.starts_with("invalid ") => expected,
        _ => words,
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only what is refused matters")]
    struct Input {
        name: String,
        #[serde(default)]
        parts: Vec<u8>,
    }

    #[test]
    fn each_way_of_being_wrong_has_its_status_and_its_place() {
        let refused = |text: &str| {
            let error = decode_json::<Input>(text.as_bytes()).unwrap_err();
            let places: Vec<_> = error.fields.into_iter().map(|it| (it.pointer, it.code)).collect();
            (error.code, places)
        };
        let place = |pointer: &str, code| (Code::InvalidInput, vec![(pointer.to_owned(), code)]);
        assert_eq!(refused("{}"), place("/name", "required"));
        assert_eq!(refused(r#"{"name":1}"#), place("/name", "type_wrong"));
        assert_eq!(refused(r#"{"name":"a","parts":[1,"b"]}"#), place("/parts/1", "type_wrong"));
        for unreadable in ["", "{", "null", r#"{"name":"a"} b"#, r#"{"name":"a","x":1}"#] {
            assert_eq!(refused(unreadable), (Code::Malformed, vec![]), "{unreadable}");
        }
        assert_eq!(refused(r#"{"name":"a","name":"b"}"#).0, Code::Malformed);
    }
}
