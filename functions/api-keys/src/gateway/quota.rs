//! How much of its limits an account has used, and what is left.

use jiff::Timestamp;
use serde::Serialize;
use shared::{
    headroom::{Amounts, Shares},
    usage::{LimitsInForce, Metric, Quantity, UsageState, percent_of},
};

/// How a limit stands. Of what is allowed it is the one of the account that is nearest, of what is refused the one
/// that has no room.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Quota {
    state: UsageState,
    /// Used of the limit, in whole percents.
    percent: u64,
    metric: Metric,
    used: Quantity,
    /// Held for requests that are under way.
    held: Quantity,
    left: Quantity,
}

impl Quota {
    /// How one limit stands.
    pub(super) fn of(metric: Metric, limit: u128, used: Amounts, held: Amounts) -> Self {
        let (used, held) = (used.of(metric), held.of(metric));
        let percent = percent_of(u128::try_from(used).unwrap_or(0), limit);
        let left = i128::try_from(limit).unwrap_or(i128::MAX).saturating_sub(used + held);
        Self {
            state: UsageState::of(percent),
            percent,
            metric,
            used: Quantity::new(metric, used),
            held: Quantity::new(metric, held),
            left: Quantity::new(metric, left),
        }
    }

    /// How the account's nearest limit stands, with what was held just now.
    pub(super) fn nearest(
        limits: &LimitsInForce,
        ledger: &Shares,
        just_held: Amounts,
        now: Timestamp,
    ) -> Self {
        let held = ledger.held(now) + just_held;
        let full = |metric: &Metric| {
            let used = share(ledger.used().of(*metric), limits.of(*metric));
            (used, share(held.of(*metric), limits.of(*metric)))
        };
        let nearest = Metric::ALL.into_iter().max_by_key(full).unwrap_or_default();
        Self::of(nearest, limits.of(nearest), ledger.used(), held)
    }
}

/// A part of a limit in billionths: fine enough to tell which limit is nearer.
pub(super) fn share(part: i128, limit: u128) -> u128 {
    u128::try_from(part).unwrap_or(0).saturating_mul(1_000_000_000) / limit.max(1)
}
