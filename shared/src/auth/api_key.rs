//! API keys: what a client's own programs are known by.

use std::{collections::BTreeSet, net::IpAddr, time::Duration};

use ipnet::IpNet;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tokio::time::timeout;

use super::{
    Caller,
    token::{Secret, Token, TokenKind, last4, prefix},
};
use crate::{
    account::Role,
    app::App,
    error::{Code, Error},
    id::{KeyId, UserId},
    money::Pico,
    queue::chain,
    random::Random,
    table::{Condition, Key, Range, TableError, Tenant, Update},
};

/// A plan never has more keys than this.
const MOST_KEYS: u32 = 20;

/// The last use is written down at most so often.
const USED_EVERY: SignedDuration = SignedDuration::from_mins(5);

/// No request waits longer than this for it.
const NOTE_LIMIT: Duration = Duration::from_millis(300);

/// What an API key may do.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema,
)]
pub enum Scope {
    /// Read what the account has.
    #[serde(rename = "read")]
    Read,
    /// Create, start, stop and delete instances.
    #[serde(rename = "instances:write")]
    InstancesWrite,
    /// Open tickets and reply.
    #[serde(rename = "tickets:write")]
    TicketsWrite,
    /// Change the plan and pay.
    #[serde(rename = "billing:write")]
    BillingWrite,
    /// Use models through the gateway.
    #[serde(rename = "inference")]
    Inference,
}

impl Scope {
    /// All that an API key can have. Reporting usage is for service keys.
    pub const ALL: [Self; 5] =
        [Self::Read, Self::InstancesWrite, Self::TicketsWrite, Self::BillingWrite, Self::Inference];

    /// Its name in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::InstancesWrite => "instances:write",
            Self::TicketsWrite => "tickets:write",
            Self::BillingWrite => "billing:write",
            Self::Inference => "inference",
        }
    }

    /// The scope of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == name)
    }

    /// What a user may do, and so the most that a key of the user's can.
    #[must_use]
    pub fn of_role(role: Role) -> &'static [Self] {
        match role {
            Role::Owner => &Self::ALL,
            Role::Staff => &[],
        }
    }
}

/// An API key as it is stored.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKey {
    /// Its id.
    pub id: KeyId,
    /// What it is called.
    pub name: String,
    /// Who made it.
    pub user: UserId,
    /// What it may do.
    pub scopes: BTreeSet<Scope>,
    /// When it stops working. Not `expires_at`: the table would drop it, and the client should see
    /// what became of its key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Timestamp>,
    /// The networks it works from; from everywhere if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allowed_ips: Vec<IpNet>,
    /// The most that it may cost in a billing period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monthly_cost_limit: Option<Pico>,
    /// The hash of its token's secret.
    secret_hash: String,
    /// The secret before the last rotation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    previous: Option<Previous>,
    /// What its token begins with.
    pub prefix: String,
    /// What its token ends with.
    pub last4: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last got a secret or was allowed more.
    #[serde(default)]
    pub granted_at: Timestamp,
    /// When it was used last, give or take five minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<Timestamp>,
    /// Counts its changes.
    pub version: u64,
}

/// A secret that still works for a while.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Previous {
    secret_hash: String,
    until: Timestamp,
}

/// What a key is to be.
pub struct NewApiKey {
    /// Its id.
    pub id: KeyId,
    /// What it is called.
    pub name: String,
    /// Who makes it.
    pub user: UserId,
    /// What it may do.
    pub scopes: BTreeSet<Scope>,
    /// When it stops working.
    pub ends_at: Option<Timestamp>,
    /// The networks it works from.
    pub allowed_ips: Vec<IpNet>,
    /// The most that it may cost in a billing period.
    pub monthly_cost_limit: Option<Pico>,
}

impl NewApiKey {
    /// The key's item, and the token that leaves once.
    #[must_use]
    pub fn make(self, tenant: Tenant, now: Timestamp, random: &Random) -> (ApiKey, String) {
        let (token, secret_hash) = token(tenant, self.id, random);
        let key = ApiKey {
            id: self.id,
            name: self.name,
            user: self.user,
            scopes: self.scopes,
            ends_at: self.ends_at,
            allowed_ips: self.allowed_ips,
            monthly_cost_limit: self.monthly_cost_limit,
            secret_hash,
            previous: None,
            prefix: prefix(&token),
            last4: last4(&token),
            created_at: now,
            granted_at: now,
            last_used_at: None,
            version: 1,
        };
        (key, token)
    }
}

fn token(tenant: Tenant, id: KeyId, random: &Random) -> (String, String) {
    let secret = Secret::new(random);
    let hash = secret.hash();
    let kind = TokenKind::ApiKey;
    (Token { kind, account: tenant.account(), id: id.to_bytes(), secret }.to_string(), hash)
}

/// Why a key that is genuine does not open anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyRefused {
    /// Its time is over.
    Expired,
    /// It is not for this address.
    Address,
}

impl ApiKey {
    /// Whether a token's secret is this key's, or was within the grace of its rotation.
    #[must_use]
    pub fn is_of(&self, secret: &Secret, now: Timestamp) -> bool {
        let previous = self.previous.as_ref().filter(|it| now < it.until);
        secret.matches(&self.secret_hash)
            || previous.is_some_and(|it| secret.matches(&it.secret_hash))
    }

    /// Whether it may be used now and from there.
    pub fn check(&self, now: Timestamp, address: Option<IpAddr>) -> Result<(), KeyRefused> {
        if self.is_over(now) {
            return Err(KeyRefused::Expired);
        }
        let from_there =
            |address: IpAddr| self.allowed_ips.iter().any(|net| net.contains(&address));
        match address {
            _ if self.allowed_ips.is_empty() => Ok(()),
            Some(address) if from_there(address.to_canonical()) => Ok(()),
            _ => Err(KeyRefused::Address),
        }
    }

    /// Whether it has stopped working for good.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.ends_at.is_some_and(|end| end <= now)
    }

    /// Writes down that it is used, unless that was not long ago. No request fails for that or waits for
    /// it for long: the next one tries again.
    pub async fn note_use(&self, app: &App, place: &Key) {
        let now = app.clock.now();
        if self.last_used_at.is_some_and(|last| now.duration_since(last) < USED_EVERY) {
            return;
        }
        // A revoked key must not come back as an item of its last use.
        let used = Update::new().set("last_used_at", now).when(Condition::Exists);
        let error = match timeout(NOTE_LIMIT, app.table.update::<Self>(place, used)).await {
            Ok(Ok(_written)) => return,
            Ok(Err(error)) => chain(&error),
            Err(_elapsed) => "it took too long".to_owned(),
        };
        tracing::warn!(error, "the use of a key was not written down");
    }

    /// Until when the secret before the last rotation works.
    #[must_use]
    pub fn previous_until(&self) -> Option<Timestamp> {
        self.previous.as_ref().map(|it| it.until)
    }

    /// Whether it may do this: it was given the scope, and its maker, who has this role, may do it too.
    #[must_use]
    pub fn may(&self, scope: Scope, maker: Option<Role>) -> bool {
        let makers = maker.is_some_and(|role| Scope::of_role(role).contains(&scope));
        makers && self.scopes.contains(&scope)
    }

    /// Gives it another secret; the present one works for `grace` longer. The token leaves once.
    #[must_use]
    pub fn rotated(
        self,
        tenant: Tenant,
        grace: SignedDuration,
        now: Timestamp,
        random: &Random,
    ) -> (Self, String) {
        let (token, secret_hash) = token(tenant, self.id, random);
        let until = now.checked_add(grace).unwrap_or(Timestamp::MAX);
        let previous = Previous { secret_hash: self.secret_hash, until };
        let key = Self {
            secret_hash,
            previous: Some(previous),
            prefix: prefix(&token),
            last4: last4(&token),
            granted_at: now,
            version: self.version + 1,
            ..self
        };
        (key, token)
    }
}

/// Where a client's API key lies.
#[must_use]
pub fn api_key_key(tenant: Tenant, id: KeyId) -> Key {
    Key::of(tenant, format_args!("{API_KEYS}{id}"))
}

/// The client and the key that a presented token claims to be. What is read under them leaves only
/// once the token's secret was checked.
#[must_use]
pub fn key_behind(token: &Token) -> (Tenant, KeyId) {
    (Tenant::claimed(token.account), KeyId::from_bytes(token.id))
}

/// The attribute that has a key's own limit of cost.
pub const COST_LIMIT: &str = "monthly_cost_limit";

/// What the sort keys of API keys begin with.
pub const API_KEYS: &str = "KEY#";

/// All API keys of the client, newest first: a plan has a few.
///
/// # Errors
/// When the table cannot be read.
pub async fn api_keys_of(caller: &Caller) -> Result<Vec<ApiKey>, TableError> {
    let most = usize::try_from(MOST_KEYS).unwrap_or(usize::MAX);
    let range = Range::prefix(caller.tenant, API_KEYS).newest_first().limit(most);
    Ok(caller.app.table.page(&range).await?.0)
}

/// All API keys of the client that were made, rotated or allowed more at that moment or later, with
/// all that was written before.
///
/// # Errors
/// When the table cannot be read.
pub async fn keys_granted_since(
    app: &App,
    tenant: Tenant,
    since: Timestamp,
) -> Result<Vec<ApiKey>, TableError> {
    let mut keys: Vec<ApiKey> = app.table.all(Range::prefix(tenant, API_KEYS).strong()).await?;
    keys.retain(|key| since <= key.granted_at.max(key.created_at));
    Ok(keys)
}

/// How many API keys the account may have: its plan's number, [`MOST_KEYS`] at most.
///
/// # Errors
/// When the account's plan is not for sale and never was.
pub fn most_api_keys(caller: &Caller) -> Result<u32, Error> {
    let plan = caller.app.plans.find(&caller.account.plan).ok_or(Code::Internal)?;
    Ok(plan.limits.api_keys.min(MOST_KEYS))
}
