//! What is left of a month's limits. A [`Ledger`] has what was used and what is held for requests that are
//! under way, of an account or of one of its API keys: `authorize` takes from it under the condition that there
//! is room, and the meter puts what was used in the place of what was held, in the transaction that counts it.
//! So no two requests are promised the same room, and what is counted is never counted beside its promise.
//!
//! A hold lies in its own item, which the table drops in time, and in its month's ledger under the moment at
//! which it expires. What expired is freed by whoever wants room next, by one number a moment and not by looking
//! for holds.

mod begin;
mod hold;
mod ledger;
mod read;
mod release;
mod shares;

pub use begin::{begin, counted};
pub use hold::{Hold, LIFETIME, hold_key};
pub use ledger::{Amounts, Change, Ledger};
pub use read::{read_ledger, read_share, with_further_shares};
pub use release::release;
use shares::SHARES;
pub use shares::{Shares, shares_of};

use crate::{
    account::BillingPeriod,
    id::KeyId,
    table::{Key, Tenant},
};

/// Whose a ledger is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Whose {
    /// The whole account's.
    Account,
    /// One of its API keys'.
    Key(KeyId),
}

/// Where a share of a ledger of a billing period lies. It is begun before anything is counted in it.
#[must_use]
pub fn ledger_key(tenant: Tenant, whose: Whose, period: BillingPeriod, share: u16) -> Key {
    let share = if share == 0 { String::new() } else { format!("#{share}") };
    match whose {
        Whose::Account => Key::of(tenant, format_args!("HEADROOM#{period}{share}")),
        Whose::Key(key) => Key::of(tenant, format_args!("HEADROOM#{period}#{key}{share}")),
    }
}

/// Where all shares of a ledger lie.
#[must_use]
pub fn ledger_keys(
    tenant: Tenant,
    whose: Whose,
    period: BillingPeriod,
    shares: std::ops::Range<u16>,
) -> Vec<Key> {
    shares.map(|share| ledger_key(tenant, whose, period, share)).collect()
}
