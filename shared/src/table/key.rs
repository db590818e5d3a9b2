//! Keys of the one table. A tenant's keys are made from a [`Tenant`], which comes from a presented
//! token or from a record that only the panel writes, or is the company itself, and never comes from a
//! request's input: a query without a tenant cannot be written.

use std::fmt::Display;

use crate::id::AccountId;

/// The account whose data a read or a write is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tenant(AccountId);

impl Tenant {
    /// For authentication alone: the account that a presented token claims. What is read under it
    /// leaves only once the token's secret was checked.
    pub(crate) fn claimed(account: AccountId) -> Self {
        Self(account)
    }

    /// The account named in a record that only the panel writes: an outbox record, a queued event,
    /// the claim on an address.
    #[must_use]
    pub fn of_record(account: AccountId) -> Self {
        Self(account)
    }

    /// The rental company itself: what its people share. No account has its id.
    #[must_use]
    pub(crate) fn company() -> Self {
        Self(AccountId::from_bytes([0; 16]))
    }

    /// The account's id.
    #[must_use]
    pub fn account(self) -> AccountId {
        self.0
    }
}

/// The primary key of an item.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    /// The partition key.
    pub(crate) pk: String,
    /// The sort key.
    pub(crate) sk: String,
}

impl Key {
    /// An item of a tenant.
    #[must_use]
    pub fn of(tenant: Tenant, sk: impl Display) -> Self {
        Self { pk: partition(tenant), sk: sk.to_string() }
    }

    /// An item in one of a tenant's partitions beside the main one.
    #[must_use]
    pub fn within(tenant: Tenant, partition: impl Display, sk: impl Display) -> Self {
        Self { pk: format!("A#{}#{partition}", tenant.account()), sk: sk.to_string() }
    }

    /// An item that belongs to no tenant and is found by what it guards: an e-mail claim, a
    /// counter of attempts, a one-time token. `name` must not hold a `#`: ids and hashes don't.
    #[must_use]
    pub fn global(kind: &str, name: impl Display) -> Self {
        Self { pk: format!("{kind}#{name}"), sk: kind.to_owned() }
    }

    /// An item of the panel's own whose sort key is found by a prefix: an outbox record before
    /// there is an account. Its partition is spread by the sort key itself.
    #[must_use]
    pub fn unowned(sk: impl Display) -> Self {
        let sk = sk.to_string();
        Self { pk: sk.clone(), sk }
    }
}

pub(super) fn partition(tenant: Tenant) -> String {
    format!("A#{}", tenant.account())
}
