//! Passwords: judged by how hard they are to guess, kept as argon2id.

use argon2::{
    Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version, password_hash::phc,
};
use base32::Alphabet;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use zxcvbn::zxcvbn;

use crate::{
    error::{Code, Error},
    random::Random,
};

/// OWASP ASVS 5.0: argon2id with 46 MiB, one pass, one lane.
const MEMORY_KIB: u32 = 47_104;
/// Nobody guesses sixty random bits one by one: what a machine chose is hashed with less.
const SECRET_MEMORY_KIB: u32 = 8_192;
const PASSES: u32 = 1;
const LANES: u32 = 1;

/// What zxcvbn calls "safely unguessable, moderate protection from offline slow-hash scenario".
const LEAST_GUESSES: u64 = 100_000_000;
const LEAST_CHARACTERS: usize = 8;
const MOST_CHARACTERS: usize = 128;
/// So much of a password is judged: what is hard to guess only gets harder by what follows, and the work of
/// judging grows with the square of the length, times the ways to read digits as letters.
const JUDGED_CHARACTERS: usize = 32;

/// A word of a name has at least so many letters: two are in every password.
const LEAST_OF_A_WORD: usize = 3;

/// Words of this product that a password does not become better by: who guesses for it tries them first.
const PRODUCT_WORDS: [&str; 5] = ["rental", "panel", "rentalpanel", "airental", "artificial"];

/// Names and words of the places that the panel is used in, which zxcvbn's lists of English do not have.
const LOCAL_WORDS: &str = include_str!("local.txt");

/// A hash that no password has, made with the same parameters: an unknown login costs as much
/// time as a known one.
const NOBODYS: &str = "$argon2id$v=19$m=47104,t=1,p=1$bm9ib2R5J3Mgc2FsdA$\
                       bm9ib2R5IGhhcyBhIHBhc3N3b3JkIHdpdGggdGhpcyE";

/// A password that is good enough to be set.
pub struct Password(SecretString);

/// Why a password is not good enough; each names a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Under eight characters.
    #[error("too short")]
    TooShort,
    /// Over 128 characters.
    #[error("too long")]
    TooLong,
    /// Easily guessed.
    #[error("too easy to guess")]
    TooWeak,
}

impl PasswordError {
    /// The code of the field's error.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::TooShort => "password_too_short",
            Self::TooLong => "password_too_long",
            Self::TooWeak => "password_too_weak",
        }
    }
}

impl Password {
    /// Judges a password; `about` are words that an attacker would try first.
    pub fn new(text: &str, about: &[&str]) -> Result<Self, PasswordError> {
        match text.chars().count() {
            0..LEAST_CHARACTERS => return Err(PasswordError::TooShort),
            count if count > MOST_CHARACTERS => return Err(PasswordError::TooLong),
            _ => {}
        }
        let about = about.iter().flat_map(|text| words(text)).chain(PRODUCT_WORDS);
        let about: Vec<&str> = about.chain(LOCAL_WORDS.split_whitespace()).collect();
        let cut = text.char_indices().nth(JUDGED_CHARACTERS).map_or(text.len(), |(at, _)| at);
        if zxcvbn(&text[..cut], &about).guesses() < LEAST_GUESSES {
            return Err(PasswordError::TooWeak);
        }
        Ok(Self(text.into()))
    }

    /// A password that nobody chose, of 120 random bits, and its text for whom it is meant.
    #[must_use]
    pub fn generated(random: &Random) -> (Self, String) {
        let text = base32::encode(Alphabet::Rfc4648Lower { padding: false }, &random.bytes::<15>());
        (Self(text.clone().into()), text)
    }
}

/// A text about a person and its parts: "Ada Lovelace" has two that make a password no better, an address has
/// what stands before its `@`.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let parts = text.split(|letter: char| !letter.is_alphanumeric());
    let parts = parts.filter(|part| part.chars().count() >= LEAST_OF_A_WORD);
    parts.chain(text.split('@')).chain([text])
}

/// A stored password, as a PHC string.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PasswordHash(String);

fn hasher(memory_kib: u32) -> Result<Argon2<'static>, argon2::Error> {
    let params = Params::new(memory_kib, PASSES, LANES, None)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

impl PasswordHash {
    /// A hash that no password has: who has it cannot sign in before a password is set anew.
    #[must_use]
    pub fn locked() -> Self {
        Self(NOBODYS.to_owned())
    }

    /// Whether it is that one.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.0 == NOBODYS
    }
}

/// Hashes a password, beside the requests.
pub async fn hash_password(password: Password, random: &Random) -> Result<PasswordHash, Error> {
    let salt: [u8; 16] = random.bytes();
    blocking(move || hash(&password.0, &salt, MEMORY_KIB)).await
}

/// Hashes secrets of at least sixty bits that nobody chose, one after the other, beside the requests.
pub async fn hash_secrets(
    secrets: Vec<SecretString>,
    random: &Random,
) -> Result<Vec<PasswordHash>, Error> {
    let salted: Vec<(SecretString, [u8; 16])> =
        secrets.into_iter().map(|secret| (secret, random.bytes())).collect();
    let each = move || {
        let hashes = salted.iter();
        hashes.map(|(secret, salt)| hash(secret, salt, SECRET_MEMORY_KIB)).collect()
    };
    blocking(each).await
}

/// How many hashes this process has computed, for the tests that compare work.
#[cfg(feature = "testing")]
#[must_use]
pub fn hashes_made() -> u64 {
    HASHES.load(std::sync::atomic::Ordering::Relaxed)
}

#[cfg(feature = "testing")]
static HASHES: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);

fn note_hash() {
    #[cfg(feature = "testing")]
    HASHES.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
}

fn hash(secret: &SecretString, salt: &[u8], memory_kib: u32) -> Result<PasswordHash, Error> {
    note_hash();
    let hash: phc::PasswordHash = hasher(memory_kib)
        .map_err(|error| Error::fault(Code::Internal, error))?
        .hash_password_with_salt(secret.expose_secret().as_bytes(), salt)
        .map_err(|error| Error::fault(Code::Internal, error))?;
    Ok(PasswordHash(hash.to_string()))
}

/// Whether the password is the stored one, beside the requests. Without a stored one the answer
/// is no, after the same work.
pub async fn verify_password(
    given: SecretString,
    stored: Option<PasswordHash>,
) -> Result<bool, Error> {
    blocking(move || {
        note_hash();
        let hash = stored.as_ref().map_or(NOBODYS, |hash| hash.0.as_str());
        let hasher = hasher(MEMORY_KIB).map_err(|error| Error::fault(Code::Internal, error))?;
        let given = given.expose_secret();
        let cut = given.char_indices().nth(MOST_CHARACTERS).map_or(given.len(), |(at, _)| at);
        let same = hasher.verify_password(&given.as_bytes()[..cut], hash).is_ok();
        Ok(same && cut == given.len() && stored.is_some())
    })
    .await
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|panicked| Err(Error::fault(Code::Internal, panicked)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn easy_passwords_are_refused_and_long_ones_are_not() {
        let code = |text: &str| Password::new(text, &["acme", "ada@acme.test"]).err();
        assert_eq!(code("short"), Some(PasswordError::TooShort));
        assert_eq!(code("password1234"), Some(PasswordError::TooWeak));
        assert_eq!(code("ada@acme.test"), Some(PasswordError::TooWeak));
        assert_eq!(code(&"x".repeat(129)), Some(PasswordError::TooLong));
        for hard in ["glass-otter-runs-north", "plenty-otters-swim-north", "قطة خضراء تطير"]
        {
            assert_eq!(code(hard), None, "{hard}");
        }
        assert_eq!(code("khadijah2024"), Some(PasswordError::TooWeak), "a name of the Arab world");
        for walked in ["1qaz2wsx", "q1w2e3r4", "zaq12wsx", "rentalpanel2026"] {
            assert_eq!(code(walked), Some(PasswordError::TooWeak), "{walked}");
        }
    }

    #[test]
    fn what_is_about_the_person_is_weak() {
        let about = ["tharwat.zaghlul@x.eg", "Tharwat Zaghlul", "Zaghlul Trading"];
        for weak in ["zaghlul2026", "Tharwat.Zaghlul1", "zaghlultrading", "tharwat.zaghlul@x.eg"] {
            assert_eq!(Password::new(weak, &about).err(), Some(PasswordError::TooWeak), "{weak}");
            assert_eq!(Password::new(&format!("{weak} glass otter runs"), &about).err(), None);
        }
    }

    /// The reading of digits as letters knows hundreds of ways through such a text.
    #[test]
    fn the_longest_password_is_judged_by_its_beginning() {
        let hard = "4@8({[<369!1|0$5+7%2";
        assert!(Password::new(&hard.repeat(6), &[]).is_ok());
        let begins_weak = format!("{}{hard}", "x".repeat(JUDGED_CHARACTERS));
        assert_eq!(Password::new(&begins_weak, &[]).err(), Some(PasswordError::TooWeak));
    }

    #[tokio::test]
    async fn a_password_is_known_again_and_nobodys_hash_knows_none() {
        let password = Password::new("glass-otter-runs-north", &[]).unwrap();
        let hash = hash_password(password, &Random::seeded(1)).await.unwrap();
        assert!(hash.0.starts_with("$argon2id$v=19$m=47104,t=1,p=1$"));
        let verify = |text: &str, hash| verify_password(text.into(), hash);
        assert!(verify("glass-otter-runs-north", Some(hash.clone())).await.unwrap());
        assert!(!verify("glass-otter-runs-south", Some(hash)).await.unwrap());
        assert!(!verify("glass-otter-runs-north", None).await.unwrap());
    }

    #[test]
    fn nobodys_hash_costs_what_a_real_one_costs() {
        let hash = phc::PasswordHash::new(NOBODYS).unwrap();
        let params = Params::try_from(&hash).unwrap();
        let costs = (params.m_cost(), params.t_cost(), params.p_cost());
        assert_eq!(costs, (MEMORY_KIB, PASSES, LANES));
    }
}
