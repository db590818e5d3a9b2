//! A sign-in whose password was right and whose second factor is not there yet. It opens nothing
//! but the question for the factor.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::token::{Secret, Token, TokenKind};
use crate::{
    account::User,
    app::App,
    config::{Config, NotAskedFor},
    error::{Code, Error},
    id::UserId,
    table::{Key, Tenant},
};

/// So long one may look for one's telephone.
const LIFE: SignedDuration = SignedDuration::from_mins(10);

/// A challenge as it is stored.
#[derive(Clone, Serialize, Deserialize)]
pub struct Challenge {
    secret_hash: String,
    /// The user's when the password was right: one that ended all sessions ends it too.
    epoch: u64,
    /// When it stops being good, whether the table has dropped it or not; seconds since 1970.
    expires_at: i64,
}

/// A challenge that is about to begin: its item, and the token that leaves once.
pub struct NewChallenge {
    /// Where the item lies.
    pub key: Key,
    /// The item.
    pub item: Challenge,
    /// The token.
    pub token: String,
}

impl NewChallenge {
    /// A new challenge for a user who knew the password.
    pub fn new(app: &App, tenant: Tenant, user: &User) -> Result<Self, NotAskedFor> {
        let expires_at = app.clock.now().as_second() + LIFE.as_secs();
        let secret = secret(&app.config, tenant, user.id, expires_at, app.random.bytes())?;
        let item = Challenge { secret_hash: secret.hash(), epoch: user.epoch, expires_at };
        let key = key(tenant, user.id, &secret);
        let (kind, id) = (TokenKind::Challenge, user.id.to_bytes());
        let token = Token { kind, account: tenant.account(), id, secret };
        Ok(Self { key, item, token: token.to_string() })
    }
}

/// A challenge that somebody answers; it is not checked yet.
pub struct PresentedChallenge {
    /// The account that it claims to lead to.
    pub tenant: Tenant,
    /// The user that it claims to be.
    pub user: UserId,
    /// Where its item lies.
    pub key: Key,
    secret: Secret,
}

/// When it stops being good and what makes it unique, with a seal that the panel alone can make: one
/// that was made up or is over is refused before it counts as an attempt of anybody's.
fn secret(
    config: &Config,
    tenant: Tenant,
    user: UserId,
    expires_at: i64,
    nonce: [u8; 8],
) -> Result<Secret, NotAskedFor> {
    let expires_at = expires_at.to_be_bytes();
    let (account, user) = (tenant.account().to_bytes(), user.to_bytes());
    let seal = config.keyed_hash("challenge", &[&account, &user, &expires_at, &nonce])?;
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&expires_at);
    bytes[8..16].copy_from_slice(&nonce);
    bytes[16..].copy_from_slice(&seal[..16]);
    Ok(Secret::derived(bytes))
}

impl PresentedChallenge {
    /// Reads a challenge that the panel made and whose time is not over.
    pub fn parse(config: &Config, text: &str, now: Timestamp) -> Result<Self, Error> {
        let token: Token = text.parse().map_err(|_| Code::Unauthenticated)?;
        if token.kind != TokenKind::Challenge {
            return Err(Code::Unauthenticated.into());
        }
        let (tenant, user) = (Tenant::claimed(token.account), UserId::from_bytes(token.id));
        let (expires_at, nonce) = token.secret.halves();
        let expires_at = i64::from_be_bytes(expires_at);
        let genuine = secret(config, tenant, user, expires_at, nonce)?;
        if !token.secret.matches(&genuine.hash()) || now.as_second() >= expires_at {
            return Err(Code::Unauthenticated.into());
        }
        let key = key(tenant, user, &token.secret);
        Ok(Self { tenant, user, key, secret: token.secret })
    }
}

impl PresentedChallenge {
    /// Checks it against its item and its user.
    pub fn check(
        &self,
        stored: Option<&Challenge>,
        user: &User,
        now: Timestamp,
    ) -> Result<(), Error> {
        let good = stored.is_some_and(|it| {
            self.secret.matches(&it.secret_hash)
                && now.as_second() < it.expires_at
                && it.epoch == user.epoch
        });
        if good { Ok(()) } else { Err(Code::Unauthenticated.into()) }
    }
}

/// A user may have several under way; each is found by its secret's hash.
fn key(tenant: Tenant, user: UserId, secret: &Secret) -> Key {
    Key::of(tenant, format_args!("CHALLENGE#{user}#{}", &secret.hash()[..32]))
}
