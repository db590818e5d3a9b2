//! Keys of the one table. A tenant's keys are made from a [`Tenant`], which comes from a presented
//! token or from a record that only the panel writes ([`Owned`]), or is the company itself, and never
//! comes from a request's input: a query without a tenant cannot be written.

use std::fmt::{self, Display};

use serde::{Deserialize, Serialize};

use crate::id::AccountId;

/// The account whose data a read or a write is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tenant(AccountId);

impl Tenant {
    /// For this crate alone: the account that a presented token claims, whose data leave only once the token's
    /// secret was checked, and the accounts that are founded and looked up here.
    pub(crate) fn claimed(account: AccountId) -> Self {
        Self(account)
    }

    /// The account that owns a record which only the panel writes: the claim on an address, a one-time
    /// link, the account itself.
    #[must_use]
    pub fn of_record(record: &impl Owned) -> Self {
        Self(record.owner().0)
    }

    /// The account of this id, for who has the whole panel on a desk before it: no function is built
    /// with it.
    #[cfg(feature = "desk")]
    #[must_use]
    pub fn at_desk(account: AccountId) -> Self {
        Self(account)
    }

    /// For a record that is about to be written: whose it is going to be.
    #[must_use]
    pub fn owner(self) -> Owner {
        Owner(self.0)
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

/// Whose a record is, as it is stored. It is made from a [`Tenant`] alone, so that a record always belongs to
/// the tenant that wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Owner(AccountId);

impl Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A stored record that says whose it is. Only what this crate stores is one; a test holds that no request
/// is read as one.
pub trait Owned: sealed::Stored {
    /// Whose it is.
    fn owner(&self) -> Owner;
}

pub(crate) mod sealed {
    /// For [`super::Owned`] alone.
    pub trait Stored {}
}

/// Makes stored types [`Owned`], by the field that says whose they are.
macro_rules! owned {
    ($($name:ty: $field:ident;)*) => {$(
        impl $crate::table::sealed::Stored for $name {}

        impl $crate::table::Owned for $name {
            fn owner(&self) -> $crate::table::Owner {
                self.$field
            }
        }
    )*};
}
pub(crate) use owned;

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

    /// An item by the whole key that a message of the panel's own names. What is found there says whose it
    /// is.
    pub(crate) fn raw(pk: &str, sk: &str) -> Self {
        Self { pk: pk.to_owned(), sk: sk.to_owned() }
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
