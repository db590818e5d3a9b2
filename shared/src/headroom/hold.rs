//! Room that is kept for a request until its usage event settles it.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Amounts, Whose};
use crate::{
    account::BillingPeriod,
    id::{HoldId, KeyId},
    money::Pico,
    table::{Key, Owner, Tenant, owned},
};

/// A hold lasts so long.
pub const LIFETIME: Duration = Duration::from_mins(15);

/// A hold as it is stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Hold {
    account: Owner,
    /// The month whose ledger has it, as its first day.
    month: jiff::civil::Date,
    /// The share of that ledger.
    #[serde(default)]
    pub share: u16,
    requests: u64,
    tokens: u64,
    cost: Pico,
    /// The API key whose ledger has it as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<KeyId>,
    /// When it is over, and dropped by the table some time after; seconds since 1970.
    pub expires_at: i64,
}

owned! {
    Hold: account;
}

impl Hold {
    /// So many requests, tokens and so much money of a month.
    #[must_use]
    pub fn new(
        tenant: Tenant,
        (period, share): (BillingPeriod, u16),
        (requests, tokens, cost): (u64, u64, Pico),
        key: Option<KeyId>,
        expires_at: i64,
    ) -> Self {
        let (account, month) = (tenant.owner(), period.first());
        Self { account, month, share, requests, tokens, cost, key, expires_at }
    }

    /// How much it holds.
    #[must_use]
    pub fn amount(&self) -> Amounts {
        Amounts::new(self.requests, self.tokens, self.cost)
    }

    /// The ledgers that have it.
    pub fn places(&self) -> impl Iterator<Item = Whose> + use<> {
        [Whose::Account].into_iter().chain(self.key.map(Whose::Key))
    }

    /// The month that it is of.
    #[must_use]
    pub fn period(&self) -> BillingPeriod {
        BillingPeriod::of(self.month)
    }

    /// Whether it still holds anything.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        now.as_second() < self.expires_at
    }
}

/// Where a hold lies: whoever gives it back knows its id alone.
#[must_use]
pub fn hold_key(id: HoldId) -> Key {
    Key::global("HOLD", id)
}
