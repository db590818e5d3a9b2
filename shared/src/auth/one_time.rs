//! One-time tokens. The outbox and the queues carry only a token's id; its secret is derived
//! where the mail is written, and the table holds the secret's hash.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    Errand,
    token::{OneTimeToken, Secret},
};
use crate::{
    app::App,
    config::{Config, NotAskedFor},
    error::{Code, Error},
    id::TokenId,
    table::{Key, Read, TableError},
};

/// A stored one-time token and what it is good for.
#[derive(Clone, Serialize, Deserialize)]
pub struct OneTime {
    hash: String,
    /// When it stops being good, whether the table has dropped it or not; seconds since 1970.
    pub expires_at: i64,
    /// What it does.
    pub errand: Errand,
}

/// The token is mistyped, unknown, used or expired; which one is nobody's business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the link is not good any more")]
pub struct InvalidOneTimeToken;

impl From<InvalidOneTimeToken> for Error {
    fn from(_: InvalidOneTimeToken) -> Self {
        Self::new(Code::InvalidLink)
    }
}

/// Where a one-time token lies.
#[must_use]
pub fn one_time_key(id: TokenId) -> Key {
    Key::global("TOKEN", id)
}

/// The secret of a token, derived from its id.
pub fn one_time_secret(config: &Config, id: TokenId) -> Result<Secret, NotAskedFor> {
    Ok(Secret::derived(config.keyed_hash("one-time token", &[&id.to_bytes()])?))
}

/// A new token's item, to be written with the mail that carries it.
pub fn one_time_item(
    config: &Config,
    id: TokenId,
    now: Timestamp,
    life: SignedDuration,
    errand: Errand,
) -> Result<(Key, OneTime), NotAskedFor> {
    let hash = one_time_secret(config, id)?.hash();
    let expires_at = now.as_second() + life.as_secs();
    Ok((one_time_key(id), OneTime { hash, expires_at, errand }))
}

impl OneTime {
    /// Whether it is still good.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        now.as_second() < self.expires_at
    }
}

/// The token behind a link and what it is good for, if it is good. Reading does not use it up: the transaction that does
/// what it is good for deletes its item under [`Condition::Exists`](crate::table::Condition).
pub async fn read_one_time(app: &App, text: &str) -> Result<(TokenId, Errand), Error> {
    let OneTimeToken { id, secret } = text.parse().map_err(|_| InvalidOneTimeToken)?;
    let stored: Option<OneTime> = app.table.get(&one_time_key(id), Read::Strong).await?;
    let good = stored.filter(|it| secret.matches(&it.hash) && it.is_live(app.clock.now()));
    Ok((id, good.ok_or(InvalidOneTimeToken)?.errand))
}

/// The token's item by its id, for the mailer.
pub async fn find_one_time(app: &App, id: TokenId) -> Result<Option<OneTime>, TableError> {
    app.table.get(&one_time_key(id), Read::Strong).await
}
