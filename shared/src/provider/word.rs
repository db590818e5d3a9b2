//! What the provider tells by itself: signed, perhaps twice, late and in any order. Only what it is about is
//! believed; how that stands is asked.

use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// What was signed longer ago, or that far ahead, is somebody else's.
pub const MOST_AGE: SignedDuration = SignedDuration::from_mins(5);

/// Signatures under so many secrets: while one is changed there are two.
const MOST_SIGNATURES: usize = 8;

/// What the provider says has happened.
#[derive(Debug, Clone, Deserialize)]
pub struct ProviderWord {
    /// `evt_...`
    pub id: String,
    /// `payment_intent.succeeded` ...
    #[serde(rename = "type")]
    pub kind: String,
    data: Data,
}

#[derive(Debug, Clone, Deserialize)]
struct Data {
    object: About,
}

/// What it is about.
#[derive(Debug, Clone, Deserialize)]
struct About {
    object: String,
    /// Some have none.
    #[serde(default)]
    id: String,
}

/// It is not the provider's, or not of now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not signed by the provider a short while ago")]
pub struct Forged;

impl ProviderWord {
    /// What a body says that the provider signed a short while ago.
    ///
    /// # Errors
    /// When it did not.
    pub fn read(
        secret: &SecretString,
        signature: &str,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Self, Forged> {
        verify(secret.expose_secret(), signature, body, now)?;
        serde_json::from_slice(body).map_err(|_| Forged)
    }

    /// The kind of the object that it is about, and its id.
    #[must_use]
    pub fn about(&self) -> (&str, &str) {
        (&self.data.object.object, &self.data.object.id)
    }
}

fn verify(secret: &str, header: &str, body: &[u8], now: Timestamp) -> Result<(), Forged> {
    let parts = || header.split(',').filter_map(|part| part.trim().split_once('='));
    let mut times = parts().filter(|(name, _)| *name == "t").map(|(_, value)| value);
    let (Some(time), None) = (times.next(), times.next()) else { return Err(Forged) };
    let digits = !time.is_empty() && time.bytes().all(|it| it.is_ascii_digit());
    let signed_at: i64 = time.parse().ok().filter(|_| digits).ok_or(Forged)?;
    if now.as_second().abs_diff(signed_at) > MOST_AGE.as_secs().unsigned_abs() {
        return Err(Forged);
    }
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).map_err(|_| Forged)?;
    mac.update(time.as_bytes());
    mac.update(b".");
    mac.update(body);
    let expected = mac.finalize().into_bytes();
    let signatures = parts().filter(|(name, _)| *name == "v1").take(MOST_SIGNATURES);
    let is_ours = |value: &str| {
        hex::decode(value).is_ok_and(|it| bool::from(it.as_slice().ct_eq(expected.as_slice())))
    };
    let found = signatures.fold(false, |found, (_, value)| is_ours(value) || found);
    found.then_some(()).ok_or(Forged)
}
