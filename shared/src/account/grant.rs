//! What lets somebody into an account beside its password. Whoever was in it may have made such a thing to
//! come back by, so "this was not me" undoes each of them (`functions/security/src/not_me/close.rs` matches
//! on all). An entity that grants access joins this list; a test fails for a stored kind that is neither
//! here nor known to open nothing.

use crate::auth::{API_KEYS, SESSIONS};

/// A way into an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grant {
    /// A sign-in on a device; a new epoch ends them all.
    Session,
    /// A sign-in that waits for its second factor; a new epoch ends them all.
    Challenge,
    /// A second factor, and its backup codes.
    SecondFactor,
    /// An API key.
    ApiKey,
}

impl Grant {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Session, Self::Challenge, Self::SecondFactor, Self::ApiKey];

    /// What the sort keys of its items begin with.
    #[must_use]
    pub fn sort_prefix(self) -> &'static str {
        match self {
            Self::Session => SESSIONS,
            Self::Challenge => "CHALLENGE#",
            Self::SecondFactor => "TOTP#",
            Self::ApiKey => API_KEYS,
        }
    }
}
