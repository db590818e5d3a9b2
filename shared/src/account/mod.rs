//! The client company and its logins.

mod email;
mod found;
mod rescue;
mod spread;
mod zone;

pub use email::{Email, InvalidEmail};
pub use found::{Founded, Founder, FoundingRefused, found};
pub use rescue::{Moment, Rescue};
pub use spread::{Spread, SpreadPlan};
pub use zone::{InvalidZone, Zone, ZonePlan, days_on_earth};

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    auth::PasswordHash,
    id::{AccountId, UserId},
    plan::PlanRef,
    table::{Key, Tenant},
    web::{Digits, Language, Theme},
};

/// What kind of company an account is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountKind {
    /// A client.
    Client,
    /// The company that rents the capacity out: its users are staff.
    Staff,
}

/// Whether an account may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccountStatus {
    /// It may.
    Active,
    /// Staff suspended it.
    Suspended,
}

/// An account as it is stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Client or staff.
    pub kind: AccountKind,
    /// Whether it may be used.
    pub status: AccountStatus,
    /// The company's name; empty if it gave none.
    pub company: String,
    /// The plan its usage is priced by.
    pub plan: PlanRef,
    /// Its time zone, and the one it changes to.
    pub zones: ZonePlan,
    /// Counts, per user, how often all sessions were ended at once.
    #[serde(default)]
    pub epochs: BTreeMap<UserId, u64>,
    /// How its usage is spread over partitions.
    #[serde(default, skip_serializing_if = "SpreadPlan::is_plain")]
    pub spread: SpreadPlan,
    /// Where invoices go, as the client wrote it.
    pub billing_address: String,
    /// Its tax id, as the client wrote it.
    pub tax_id: String,
    /// When it came to be.
    pub created_at: Timestamp,
    /// Counts its changes.
    pub version: u64,
}

impl Account {
    /// The epoch that a user's sessions must be of.
    #[must_use]
    pub fn epoch_of(&self, user: UserId) -> u64 {
        self.epochs.get(&user).copied().unwrap_or_default()
    }
}

/// What a user may do in the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Everything.
    Owner,
    /// The rental company's own people.
    Staff,
}

/// A login as it is stored.
#[derive(Clone, Serialize, Deserialize)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// Where it is reached and what it signs in with.
    pub email: Email,
    /// argon2id.
    pub password_hash: PasswordHash,
    /// What it is called.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// Its language.
    pub locale: Language,
    /// Its digits.
    pub digits: Digits,
    /// Light or dark.
    pub theme: Theme,
    /// Counts how often all of its sessions were ended at once.
    #[serde(default)]
    pub epoch: u64,
    /// How it was rescued lately: links that a rescue disowned do nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rescues: Vec<Rescue>,
    /// When it came to be.
    pub created_at: Timestamp,
    /// Counts its changes.
    pub version: u64,
}

/// Who owns a login: what an address leads to.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct EmailClaim {
    /// The account.
    pub account: AccountId,
    /// The user.
    pub user: UserId,
}

/// A subscription as it is stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Subscription {
    /// The plan and the version of its terms.
    pub plan: PlanRef,
    /// Where it stands.
    pub state: SubscriptionState,
    /// Since when.
    pub created_at: Timestamp,
    /// Counts its changes.
    pub version: u64,
}

/// Where a subscription stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SubscriptionState {
    /// Not paid for yet.
    Trialing,
    /// In order.
    Active,
    /// An invoice is overdue.
    PastDue,
    /// The client paused it.
    Paused,
    /// Over.
    Canceled,
}

/// Where an account's item lies.
#[must_use]
pub fn account_key(tenant: Tenant) -> Key {
    Key::of(tenant, "ACCOUNT")
}

/// Where a user's item lies.
#[must_use]
pub fn user_key(tenant: Tenant, user: UserId) -> Key {
    Key::of(tenant, format_args!("USER#{user}"))
}

/// Where the subscription's item lies.
#[must_use]
pub fn subscription_key(tenant: Tenant) -> Key {
    Key::of(tenant, "SUBSCRIPTION")
}

/// Where the account's counts lie that its dashboard shows.
#[must_use]
pub fn overview_key(tenant: Tenant) -> Key {
    Key::of(tenant, "OVERVIEW")
}

/// Where the claim on a normalised address lies. The key holds a hash: anything fits into it.
#[must_use]
pub fn email_key(normalised: &str) -> Key {
    Key::global("EMAIL", address_hash(normalised))
}

/// What stands for an address in keys.
pub(crate) fn address_hash(normalised: &str) -> String {
    use sha2::{Digest, Sha256};
    hex::encode(Sha256::digest(normalised.as_bytes()))
}
