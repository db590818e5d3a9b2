//! Under which of an account's API keys and instances use is counted.

use std::fmt;

use crate::{
    id::InstanceId,
    table::{Key, Tenant},
};

/// What is counted together: models that come when a period has names enough, and keys and instances that the
/// account does not have. No model and no id is called so.
pub const OTHERS: &str = "#other";

/// A key or an instance that use is counted under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Counted<T> {
    /// One that the account has.
    Known(T),
    /// All that it has not, together.
    Unknown,
}

impl<T> Counted<T> {
    /// The one that the account has.
    pub fn known(self) -> Option<T> {
        match self {
            Self::Known(id) => Some(id),
            Self::Unknown => None,
        }
    }
}

impl<T: fmt::Display> fmt::Display for Counted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(id) => id.fmt(f),
            Self::Unknown => f.write_str(OTHERS),
        }
    }
}

/// Where an instance lies.
#[must_use]
pub fn instance_key(tenant: Tenant, id: InstanceId) -> Key {
    Key::of(tenant, format_args!("INSTANCE#{id}"))
}
