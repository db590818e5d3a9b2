//! Tokens: a prefix that names the kind, the account they lead to, an id, 256 secret bits, and a
//! checksum, so that a typo is refused without a read. Only the secret's SHA-256 is stored.

use std::{fmt, str::FromStr};

use base64ct::{Base64UrlUnpadded, Encoding};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::{
    id::{AccountId, TokenId},
    random::Random,
};

/// The text is no token of this kind: mistyped, cut, or something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a token")]
pub struct MalformedToken;

/// 256 secret bits. It has neither `Debug` nor `Serialize`: it leaves only inside a token.
#[derive(Clone)]
pub struct Secret([u8; 32]);

impl Secret {
    /// A new secret.
    #[must_use]
    pub fn new(random: &Random) -> Self {
        Self(random.bytes())
    }

    /// A secret derived elsewhere.
    #[must_use]
    pub(crate) fn derived(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The first two eights of its bytes, for a kind that says something in them.
    pub(super) fn halves(&self) -> ([u8; 8], [u8; 8]) {
        let (mut first, mut second) = ([0; 8], [0; 8]);
        first.copy_from_slice(&self.0[..8]);
        second.copy_from_slice(&self.0[8..16]);
        (first, second)
    }

    /// What is stored of it.
    #[must_use]
    pub fn hash(&self) -> String {
        hex::encode(Sha256::digest(self.0))
    }

    /// Whether this is the secret behind a stored hash, in constant time.
    #[must_use]
    pub fn matches(&self, stored: &str) -> bool {
        self.hash().as_bytes().ct_eq(stored.as_bytes()).into()
    }
}

/// What a token opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// A session.
    Session,
    /// A client's API key.
    ApiKey,
    /// A service's key.
    Service,
    /// A sign-in whose password was right and whose second factor is not there yet; its id is the
    /// user's.
    Challenge,
}

impl TokenKind {
    const ALL: [Self; 4] = [Self::Session, Self::ApiKey, Self::Service, Self::Challenge];

    /// What every token of the kind begins with.
    #[must_use]
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Session => "mxs_",
            Self::ApiKey => "mxk_",
            Self::Service => "mxv_",
            Self::Challenge => "mxc_",
        }
    }
}

/// A long-lived token.
#[derive(Clone)]
pub struct Token {
    /// What it opens.
    pub kind: TokenKind,
    /// The account whose data it leads to.
    pub account: AccountId,
    /// The id of the session or key, as bytes.
    pub id: [u8; 16],
    /// The secret.
    pub secret: Secret,
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [&self.id, self.account.to_bytes().as_slice(), &self.secret.0].concat();
        f.write_str(&encode(self.kind.prefix(), &parts))
    }
}

impl FromStr for Token {
    type Err = MalformedToken;

    fn from_str(text: &str) -> Result<Self, MalformedToken> {
        let kind = TokenKind::ALL.into_iter().find(|kind| text.starts_with(kind.prefix()));
        let kind = kind.ok_or(MalformedToken)?;
        let bytes: [u8; 64] = decode(kind.prefix(), text)?;
        let (id, rest) = bytes.split_first_chunk::<16>().ok_or(MalformedToken)?;
        let (account, secret) = rest.split_first_chunk::<16>().ok_or(MalformedToken)?;
        Ok(Self {
            kind,
            account: AccountId::from_bytes(*account),
            id: *id,
            secret: Secret(secret.try_into().map_err(|_| MalformedToken)?),
        })
    }
}

/// What a token begins with: its kind and when its id was made, which tells it from others of its
/// account, and nothing of the secret.
pub(super) fn prefix(token: &str) -> String {
    token.chars().take(12).collect()
}

/// What a token ends with: a part of its checksum.
pub(super) fn last4(token: &str) -> String {
    token.chars().skip(token.len().saturating_sub(4)).collect()
}

/// A token that is good once, as links in mails carry it.
#[derive(Clone)]
pub struct OneTimeToken {
    /// The id it is stored under.
    pub id: TokenId,
    /// The secret.
    pub secret: Secret,
}

const ONE_TIME_PREFIX: &str = "mxt_";

impl fmt::Display for OneTimeToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [self.id.to_bytes().as_slice(), &self.secret.0].concat();
        f.write_str(&encode(ONE_TIME_PREFIX, &parts))
    }
}

impl FromStr for OneTimeToken {
    type Err = MalformedToken;

    fn from_str(text: &str) -> Result<Self, MalformedToken> {
        let bytes: [u8; 48] = decode(ONE_TIME_PREFIX, text)?;
        let (id, secret) = bytes.split_first_chunk::<16>().ok_or(MalformedToken)?;
        Ok(Self {
            id: TokenId::from_bytes(*id),
            secret: Secret(secret.try_into().map_err(|_| MalformedToken)?),
        })
    }
}

const CHECKSUM_BYTES: usize = 4;

fn checksum(prefix: &str, bytes: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let hash = Sha256::new().chain_update(prefix).chain_update(bytes).finalize();
    let mut sum = [0; CHECKSUM_BYTES];
    sum.copy_from_slice(&hash[..CHECKSUM_BYTES]);
    sum
}

fn encode(prefix: &str, bytes: &[u8]) -> String {
    let sum = checksum(prefix, bytes);
    format!("{prefix}{}", Base64UrlUnpadded::encode_string(&[bytes, &sum].concat()))
}

fn decode<const N: usize>(prefix: &str, text: &str) -> Result<[u8; N], MalformedToken> {
    let body = text.strip_prefix(prefix).ok_or(MalformedToken)?;
    let bytes = Base64UrlUnpadded::decode_vec(body).map_err(|_| MalformedToken)?;
    let (content, sum) = bytes.split_last_chunk::<CHECKSUM_BYTES>().ok_or(MalformedToken)?;
    if *sum != checksum(prefix, content) {
        return Err(MalformedToken);
    }
    content.try_into().map_err(|_| MalformedToken)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> Token {
        let random = Random::seeded(7);
        Token {
            kind: TokenKind::Session,
            account: AccountId::new(jiff::Timestamp::UNIX_EPOCH, &random),
            id: random.bytes(),
            secret: Secret::new(&random),
        }
    }

    #[test]
    fn a_token_survives_the_round_trip() {
        let token = token();
        let again: Token = token.to_string().parse().unwrap();
        assert!(again.account == token.account && again.id == token.id);
        assert!(again.secret.matches(&token.secret.hash()));
    }

    #[test]
    fn every_single_typo_is_refused_by_the_checksum() {
        let text = token().to_string();
        for place in 0..text.len() {
            let mut typo = text.clone().into_bytes();
            typo[place] = if typo[place] == b'A' { b'B' } else { b'A' };
            let typo = String::from_utf8(typo).unwrap();
            assert!(typo == text || typo.parse::<Token>().is_err(), "{place}");
        }
    }

    #[test]
    fn one_kind_is_never_read_as_another() {
        let text = token().to_string();
        assert!(text.replace("mxs_", "mxv_").parse::<Token>().is_err());
        assert!(text.parse::<OneTimeToken>().is_err());
        for junk in ["", "mxs_", "mxs_AAAA", "mxs_%%%%", "mxt_AAAAAAAA", "mxs_\u{0}"] {
            assert!(junk.parse::<Token>().is_err() && junk.parse::<OneTimeToken>().is_err());
        }
    }
}
