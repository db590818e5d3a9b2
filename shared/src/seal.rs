//! Secrets at rest that have to be read again: sealed with AES-256-GCM under a configured key.
//!
//! A sealed text names its key, so that keys can be changed one after the other: the first of the
//! configured keys seals, all of them open. It is bound to its place: what was sealed for one user
//! does not open for another.

use base64ct::{Base64UrlUnpadded, Encoding};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use sha2::{Digest, Sha256};

use crate::random::Random;

/// A key has at least so many characters.
const LEAST_CHARACTERS: usize = 32;

/// The text cannot be opened: another place's, altered, or sealed with a key that is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sealed text does not open")]
pub struct Unsealable;

/// A configured key is too short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sealing key is too short")]
pub struct WeakKey;

/// The keys that seal and open. It has no `Debug`.
pub struct SealingKeys(Vec<SealingKey>);

struct SealingKey {
    id: String,
    key: LessSafeKey,
}

impl SealingKeys {
    /// Reads keys with blanks between them; the first one seals.
    pub fn parse(text: &str) -> Result<Self, WeakKey> {
        let keys: Result<Vec<_>, _> = text.split_whitespace().map(SealingKey::new).collect();
        match keys {
            Ok(keys) if !keys.is_empty() => Ok(Self(keys)),
            _ => Err(WeakKey),
        }
    }

    /// Seals `secret` for one place.
    pub fn seal(&self, place: &str, secret: &[u8], random: &Random) -> Result<String, Unsealable> {
        let sealing = self.0.first().ok_or(Unsealable)?;
        let nonce: [u8; NONCE_LEN] = random.bytes();
        let mut sealed = secret.to_vec();
        sealing
            .key
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(place.as_bytes()),
                &mut sealed,
            )
            .map_err(|_| Unsealable)?;
        let text = Base64UrlUnpadded::encode_string(&[nonce.as_slice(), &sealed].concat());
        Ok(format!("{}.{text}", sealing.id))
    }

    /// Opens what was sealed for this place.
    pub fn open(&self, place: &str, sealed: &str) -> Result<Vec<u8>, Unsealable> {
        let (id, text) = sealed.split_once('.').ok_or(Unsealable)?;
        let opening = self.0.iter().find(|key| key.id == id).ok_or(Unsealable)?;
        let bytes = Base64UrlUnpadded::decode_vec(text).map_err(|_| Unsealable)?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE_LEN>().ok_or(Unsealable)?;
        let mut opened = sealed.to_vec();
        let length = opening
            .key
            .open_in_place(
                Nonce::assume_unique_for_key(*nonce),
                Aad::from(place.as_bytes()),
                &mut opened,
            )
            .map_err(|_| Unsealable)?
            .len();
        opened.truncate(length);
        Ok(opened)
    }

    /// Whether a text was sealed with the key that seals now.
    #[must_use]
    pub fn is_current(&self, sealed: &str) -> bool {
        let id = sealed.split_once('.').map(|(id, _)| id);
        id.is_some() && id == self.0.first().map(|key| key.id.as_str())
    }
}

impl SealingKey {
    fn new(text: &str) -> Result<Self, WeakKey> {
        if text.len() < LEAST_CHARACTERS {
            return Err(WeakKey);
        }
        let hash =
            |purpose: &str| Sha256::new().chain_update(purpose).chain_update(text).finalize();
        let id = hex::encode(&hash("sealing key's name")[..4]);
        let key = UnboundKey::new(&AES_256_GCM, &hash("sealing key")).map_err(|_| WeakKey)?;
        Ok(Self { id, key: LessSafeKey::new(key) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "an old key of at least 32 characters";

    fn keys(text: &str) -> SealingKeys {
        SealingKeys::parse(&text.replace(' ', "-").replace('|', " ")).unwrap()
    }

    #[test]
    fn what_is_sealed_opens_at_its_place_and_nowhere_else() {
        let (keys, random) = (keys(OLD), Random::seeded(1));
        let sealed = keys.seal("ada", b"secret", &random).unwrap();
        assert_eq!(keys.open("ada", &sealed).as_deref(), Ok(b"secret".as_slice()));
        assert_eq!(keys.open("bob", &sealed), Err(Unsealable));
        let mut altered = sealed.clone();
        let last = if altered.pop() == Some('A') { 'B' } else { 'A' };
        altered.push(last);
        for bad in [altered.as_str(), "", ".", "x.y", &sealed[..20]] {
            assert_eq!(keys.open("ada", bad), Err(Unsealable), "{bad}");
        }
    }

    #[test]
    fn a_new_key_in_front_seals_and_the_old_one_still_opens() {
        let random = Random::seeded(1);
        let before = keys(OLD);
        let both = keys(&format!("a new key of at least 32 characters!|{OLD}"));
        let sealed = before.seal("ada", b"secret", &random).unwrap();
        assert_eq!(both.open("ada", &sealed).as_deref(), Ok(b"secret".as_slice()));
        assert!(before.is_current(&sealed) && !both.is_current(&sealed));
        let anew = both.seal("ada", b"secret", &random).unwrap();
        assert!(both.is_current(&anew));
        assert_eq!(before.open("ada", &anew), Err(Unsealable));
    }

    #[test]
    fn a_short_key_is_none() {
        assert!(SealingKeys::parse("short").is_err() && SealingKeys::parse(" ").is_err());
    }
}
