//! What keeps an account's requests out, whatever its limits are. It lies on the account, which whoever serves a
//! request reads anyway, and says from when on it holds: no timer has to act for it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Why requests are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bar {
    /// What is due has not been paid for a week.
    PaymentRequired,
    /// The subscription is over.
    SubscriptionCanceled,
}

/// Why requests are refused, and from when on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Barred {
    /// Why.
    pub why: Bar,
    /// From when on.
    pub from: Timestamp,
}
