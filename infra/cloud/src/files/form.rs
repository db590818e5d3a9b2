//! A file that a browser's form brings, under the policy that was signed for it.

use std::collections::BTreeMap;

use axum::{
    body::{Body, Bytes},
    extract::{FromRequest, Multipart, Request},
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use base64ct::{Base64, Encoding};
use serde_json::Value;

use super::{Files, Refused, signature::Scope, store::File};

/// Fields that no condition speaks of.
const FREE: [&str; 3] = ["policy", "x-amz-signature", "file"];

/// Takes a file, if its policy allows it.
pub(super) async fn take(
    files: &Files,
    uri: &Uri,
    headers: &HeaderMap,
    body: Bytes,
) -> Result<Response, Refused> {
    let (fields, file) = parts(headers, body).await?;
    let bucket = uri.path().trim_matches('/').to_owned();
    let policy = signed_policy(&fields)?;
    check(&policy, &fields, &bucket, file.len(), files.now())?;
    let key = fields.get("key").ok_or(Refused::denied("there is no key"))?;
    let media_type = fields.get("content-type").cloned().unwrap_or_default();
    let stored = files.put(&format!("/{bucket}/{key}"), File { bytes: file, media_type });
    let failed = Refused(StatusCode::INTERNAL_SERVER_ERROR, "InternalError", "it was not stored");
    stored.map_err(|_| failed)?;
    match fields.get("success_action_redirect") {
        Some(place) => {
            let joint = if place.contains('?') { '&' } else { '?' };
            let place = format!("{place}{joint}bucket={bucket}&key={key}&etag=local");
            Ok((StatusCode::SEE_OTHER, [(header::LOCATION, place)]).into_response())
        }
        None => Ok(StatusCode::CREATED.into_response()),
    }
}

async fn parts(
    headers: &HeaderMap,
    body: Bytes,
) -> Result<(BTreeMap<String, String>, Bytes), Refused> {
    let malformed = Refused(StatusCode::BAD_REQUEST, "MalformedPOSTRequest", "it is not a form");
    let mut request = Request::new(Body::from(body));
    *request.headers_mut() = headers.clone();
    let mut form = Multipart::from_request(request, &()).await.map_err(|_| malformed)?;
    let mut fields = BTreeMap::new();
    while let Some(part) = form.next_field().await.map_err(|_| malformed)? {
        let name = part.name().unwrap_or_default().to_lowercase();
        if name == "file" {
            // What follows the file is not looked at.
            let file = part.bytes().await.map_err(|_| malformed)?;
            return Ok((fields, file));
        }
        fields.insert(name, part.text().await.map_err(|_| malformed)?);
    }
    Err(Refused(StatusCode::BAD_REQUEST, "InvalidArgument", "there is no file"))
}

fn signed_policy(fields: &BTreeMap<String, String>) -> Result<Value, Refused> {
    let refused = Refused::denied("the policy is not signed");
    let field = |name: &str| fields.get(name).ok_or(refused);
    let scope = Scope::parse(field("x-amz-credential")?).ok_or(refused)?;
    let policy = field("policy")?;
    if scope.sign(policy) != *field("x-amz-signature")? {
        return Err(refused);
    }
    let policy = Base64::decode_vec(policy).ok();
    policy.and_then(|it| serde_json::from_slice(&it).ok()).ok_or(refused)
}

fn check(
    policy: &Value,
    fields: &BTreeMap<String, String>,
    bucket: &str,
    bytes: usize,
    now: i64,
) -> Result<(), Refused> {
    let until = policy["expiration"].as_str();
    let until = until.and_then(|it| chrono::DateTime::parse_from_rfc3339(it).ok());
    if until.is_none_or(|until| now > until.timestamp()) {
        return Err(Refused::denied("Invalid according to Policy: Policy expired."));
    }
    let broken = Refused::denied("Invalid according to Policy: Policy Condition failed");
    let conditions = policy["conditions"].as_array().ok_or(broken)?;
    let mut allowed: Vec<String> = FREE.map(str::to_owned).into();
    for condition in conditions {
        match condition {
            Value::Object(one) => {
                for (name, value) in one {
                    let name = name.to_lowercase();
                    let given = if name == "bucket" {
                        Some(bucket)
                    } else {
                        fields.get(&name).map(String::as_str)
                    };
                    if given != value.as_str() {
                        return Err(broken);
                    }
                    allowed.push(name);
                }
            }
            Value::Array(parts)
                if parts.first().and_then(Value::as_str) == Some("content-length-range") =>
            {
                let bound = |place: usize| parts.get(place).and_then(Value::as_u64).ok_or(broken);
                let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
                if bytes < bound(1)? {
                    return Err(Refused(
                        StatusCode::BAD_REQUEST,
                        "EntityTooSmall",
                        "the file is too short",
                    ));
                }
                if bytes > bound(2)? {
                    return Err(Refused(
                        StatusCode::BAD_REQUEST,
                        "EntityTooLarge",
                        "the file is too long",
                    ));
                }
            }
            _ => return Err(broken),
        }
    }
    // A field that the policy does not speak of is refused.
    let covered = |name: &String| allowed.contains(name) || name.starts_with("x-ignore-");
    if fields.keys().all(covered) { Ok(()) } else { Err(broken) }
}
