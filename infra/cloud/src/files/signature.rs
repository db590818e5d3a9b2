//! AWS's signature, version 4, written down from its description and not by the panel's own signer: what one gets
//! wrong the other refuses.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, Method, Uri, header};
use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha2::{Digest, Sha256};

use super::Refused;

/// What stands as it is in a signed text.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Clocks may differ by so much.
const SKEW: i64 = 15 * 60;

/// A request with what it was signed with.
pub(super) struct Signed {
    canonical: String,
    scope: Scope,
    at: String,
    /// How long an address is good, in seconds; a request's headers are signed for the moment.
    life: Option<i64>,
    signature: String,
    parameters: BTreeMap<String, String>,
}

/// What a signature is for: access key, day, region, service.
pub(super) struct Scope {
    pub(super) access_key: String,
    rest: String,
}

impl Scope {
    pub(super) fn parse(credential: &str) -> Option<Self> {
        let (access_key, rest) = credential.split_once('/')?;
        let sound = rest.ends_with("/s3/aws4_request") && rest.split('/').count() == 4;
        sound.then(|| Self { access_key: access_key.to_owned(), rest: rest.to_owned() })
    }

    /// The signature of a text: on a laptop the secret of an access key is its own name.
    pub(super) fn sign(&self, text: &str) -> String {
        let mut key = format!("AWS4{}", self.access_key).into_bytes();
        for part in self.rest.split('/') {
            key = mac(&key, part.as_bytes());
        }
        hex::encode(mac(&key, text.as_bytes()))
    }
}

#[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
fn mac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of every length");
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

/// When it was, in seconds since 1970: `20261122T120000Z`.
pub(super) fn moment(text: &str) -> Option<i64> {
    let at = chrono::NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%SZ").ok()?;
    Some(at.and_utc().timestamp())
}

impl Signed {
    /// A request that says how it was signed: in its address, or in its headers.
    pub(super) fn of(method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<Self, Refused> {
        let unsigned = Refused::denied("the request is not signed");
        let parameters = parameters(uri.query().unwrap_or_default());
        let signed = match headers.get(header::AUTHORIZATION) {
            Some(value) => Self::by_header(method, uri, headers, &parameters, value.to_str().ok()),
            None => Self::by_address(method, uri, headers, &parameters),
        };
        signed.ok_or(unsigned)
    }

    fn by_address(
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
        parameters: &BTreeMap<String, String>,
    ) -> Option<Self> {
        let get = |name: &str| parameters.get(name).cloned();
        let rest: BTreeMap<String, String> = parameters
            .iter()
            .filter(|(name, _)| *name != "X-Amz-Signature")
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let names = get("X-Amz-SignedHeaders")?;
        let canonical = canonical(method, uri.path(), &rest, &names, headers, "UNSIGNED-PAYLOAD")?;
        Some(Self {
            canonical,
            scope: Scope::parse(&get("X-Amz-Credential")?)?,
            at: get("X-Amz-Date")?,
            life: Some(get("X-Amz-Expires")?.parse().ok()?),
            signature: get("X-Amz-Signature")?,
            parameters: rest,
        })
    }

    fn by_header(
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
        parameters: &BTreeMap<String, String>,
        authorization: Option<&str>,
    ) -> Option<Self> {
        let fields = authorization?.strip_prefix("AWS4-HMAC-SHA256 ")?;
        let field = |name: &str| {
            fields.split(',').find_map(|it| it.trim().strip_prefix(name)?.strip_prefix('='))
        };
        let header = |name: &str| headers.get(name).and_then(|it| it.to_str().ok());
        let payload = header("x-amz-content-sha256")?;
        let names = field("SignedHeaders")?;
        let canonical = canonical(method, uri.path(), parameters, names, headers, payload)?;
        Some(Self {
            canonical,
            scope: Scope::parse(field("Credential")?)?,
            at: header("x-amz-date")?.to_owned(),
            life: None,
            signature: field("Signature")?.to_owned(),
            parameters: parameters.clone(),
        })
    }

    /// A parameter of the address.
    pub(super) fn parameter(&self, name: &str) -> Option<String> {
        self.parameters.get(name).cloned()
    }

    /// Whether it was signed by whom it says, and its time is not over.
    pub(super) fn check(&self, now: i64) -> Result<(), Refused> {
        let text = format!(
            "AWS4-HMAC-SHA256\n{}\n{}\n{}",
            self.at,
            self.scope.rest,
            hex::encode(Sha256::digest(&self.canonical))
        );
        let known = self.scope.sign(&text) == self.signature;
        known.then_some(()).ok_or(Refused::denied("the signature does not match"))?;
        let at = moment(&self.at).ok_or(Refused::denied("the date is none"))?;
        match self.life {
            Some(life) if now > at + life => Err(Refused::denied("Request has expired")),
            Some(_) if now < at - SKEW => Err(Refused::denied("Request is not valid yet")),
            _ => Ok(()),
        }
    }
}

fn parameters(query: &str) -> BTreeMap<String, String> {
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let pairs = query.split('&').filter(|it| !it.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect()
}

/// The request as it is signed.
fn canonical(
    method: &Method,
    path: &str,
    parameters: &BTreeMap<String, String>,
    names: &str,
    headers: &HeaderMap,
    payload: &str,
) -> Option<String> {
    let encode = |text: &str| utf8_percent_encode(text, UNRESERVED).to_string();
    let query: Vec<String> = parameters
        .iter()
        .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
        .collect();
    let mut lines = String::new();
    for name in names.split(';') {
        let value = headers.get(name)?.to_str().ok()?;
        let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
        lines.extend([name, ":", &value, "\n"]);
    }
    Some(format!("{method}\n{path}\n{}\n{lines}\n{names}\n{payload}", query.join("&")))
}
