//! Backup codes: the slot's number and sixty random bits, `3-h4kd-9x2m-w7qp`.

use jiff::Timestamp;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use shared::{
    auth::{PasswordHash, hash_secrets},
    error::Error,
    random::Random,
};

/// How many codes there are.
const SLOTS: u8 = 10;
/// No letter that is taken for a digit.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const GROUPS: usize = 3;
const GROUP: usize = 4;

/// The place of one backup code.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Slot {
    /// The code, hashed; not there once it was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) hash: Option<PasswordHash>,
    /// When it was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) used_at: Option<Timestamp>,
}

impl Slot {
    pub(super) fn is_left(&self) -> bool {
        self.hash.is_some()
    }
}

/// Ten new codes as the user keeps them, and as they are stored.
pub(super) async fn generate(random: &Random) -> Result<(Vec<String>, Vec<Slot>), Error> {
    let codes: Vec<String> = (0..SLOTS).map(|slot| code(slot, random)).collect();
    let secrets = codes.iter().map(|code| SecretString::from(folded(code))).collect();
    let hashes = hash_secrets(secrets, random).await?;
    let slots = hashes.into_iter().map(|hash| Slot { hash: Some(hash), used_at: None });
    Ok((codes, slots.collect()))
}

fn code(slot: u8, random: &Random) -> String {
    let bytes: [u8; GROUPS * GROUP] = random.bytes();
    let letters = bytes.map(|byte| char::from(ALPHABET[usize::from(byte) % ALPHABET.len()]));
    let groups: Vec<String> = letters.chunks(GROUP).map(|group| group.iter().collect()).collect();
    format!("{slot}-{}", groups.join("-"))
}

/// The slot that a code names, and the code without what people add to it.
pub(super) fn read(text: &str) -> Option<(usize, String)> {
    let code = folded(text);
    let slot = code.chars().next()?.to_digit(10)?;
    let whole =
        code.len() == 1 + GROUPS * GROUP && code.bytes().skip(1).all(|c| ALPHABET.contains(&c));
    whole.then_some((slot as usize, code))
}

fn folded(text: &str) -> String {
    super::totp::plain_code(text)
        .to_lowercase()
        .chars()
        .map(|c| match c {
            'o' => '0',
            'i' | 'l' => '1',
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_however_it_is_written_and_names_its_slot() {
        for text in ["3-h4kd-9x2m-w7qp", "3H4KD9X2MW7QP", " 3 h4kd 9x2m w7qp "] {
            assert_eq!(read(text), Some((3, "3h4kd9x2mw7qp".to_owned())), "{text}");
        }
        assert_eq!(read("3-o1il-9x2m-w7qp"), Some((3, "301119x2mw7qp".to_owned())));
        for bad in [
            "",
            "x-h4kd-9x2m-w7qp",
            "3-h4kd-9x2m",
            "3-h4kd-9x2m-w7qpp",
            "123456",
            "3-h4kd-9x2m-w7u!",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[tokio::test]
    async fn ten_codes_are_made_and_none_is_stored_as_it_is() {
        let (codes, slots) = generate(&Random::seeded(1)).await.unwrap();
        assert_eq!((codes.len(), slots.len()), (10, 10));
        let stored = serde_json::to_string(&slots).unwrap();
        for (place, code) in codes.iter().enumerate() {
            assert_eq!(read(code).unwrap().0, place);
            assert!(!stored.contains(code.as_str()) && !stored.contains(&folded(code)));
        }
    }
}
