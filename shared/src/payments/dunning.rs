//! The clock of who has not paid. It counts from the first failure, and from nothing else: how often somebody tried
//! by hand does not matter, and a try that came late moves none of the others.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::Reason;
use crate::id::{InvoiceId, MethodId};

/// Tries after the first failure.
const TRIES: [SignedDuration; 4] = [days(2), days(7), days(14), days(21)];

/// From then on requests are refused and no base is billed.
pub const BLOCKED_AFTER: SignedDuration = days(7);

const fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

/// The clock of an account's oldest unpaid invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dunning {
    /// When the first payment failed; a suspension moves it on.
    pub since: Timestamp,
    /// Why the last one did.
    pub reason: Reason,
    /// The invoice that it was for.
    pub invoice: InvoiceId,
    /// The card that is not to be tried again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked_card: Option<MethodId>,
    /// Since when it stands still: the account is suspended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stands_since: Option<Timestamp>,
    /// Whether the last try is over.
    #[serde(default)]
    pub is_over: bool,
}

impl Dunning {
    /// A payment has failed for the first time.
    #[must_use]
    pub fn begin(now: Timestamp, reason: Reason, invoice: InvoiceId) -> Self {
        let (blocked_card, stands_since, is_over) = (None, None, false);
        // A timer is due at a whole second: it must not come before the moment that it is set for.
        let since = Timestamp::from_second(now.as_second()).unwrap_or(now);
        Self { since, reason, invoice, blocked_card, stands_since, is_over }
    }

    /// The next try after a moment; `None` once the last one is over.
    #[must_use]
    pub fn next_after(&self, now: Timestamp) -> Option<Timestamp> {
        let tries = TRIES.iter().map(|after| self.since + *after);
        let mut left = tries.filter(|at| *at > now);
        left.next().filter(|_| !self.is_over && self.stands_since.is_none())
    }

    /// Whether the last try's time has come, or is past.
    #[must_use]
    pub fn is_past_last(&self, now: Timestamp) -> bool {
        let last = TRIES.iter().map(|after| self.since + *after).max();
        self.stands_since.is_none() && last.is_some_and(|last| last <= now)
    }

    /// From when requests are refused.
    #[must_use]
    pub fn blocks_from(&self) -> Timestamp {
        self.since + BLOCKED_AFTER
    }

    /// The account is suspended: the clock stands still.
    pub fn stand(&mut self, now: Timestamp) {
        self.stands_since.get_or_insert(now);
    }

    /// The account is active again: the clock goes on where it stood.
    pub fn go_on(&mut self, now: Timestamp) {
        if let Some(since) = self.stands_since.take() {
            self.since += now.duration_since(since);
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::random::Random;

    fn begun() -> (Dunning, Timestamp) {
        let at: Timestamp = "2026-12-01T12:00:00Z".parse().unwrap();
        let invoice = InvoiceId::new(at, &Random::seeded(1));
        (Dunning::begin(at, Reason::Declined, invoice), at)
    }

    #[test]
    fn tries_come_two_seven_fourteen_and_twenty_one_days_after_the_first_failure() {
        let (dunning, at) = begun();
        let tries: Vec<_> =
            std::iter::successors(dunning.next_after(at), |at| dunning.next_after(*at)).collect();
        assert_eq!(tries, [2, 7, 14, 21].map(|after| at + days(after)));
        assert_eq!(dunning.blocks_from(), at + days(7));
    }

    #[test]
    fn a_suspension_moves_all_that_was_to_come() {
        let (mut dunning, at) = begun();
        dunning.stand(at + days(3));
        assert_eq!(dunning.next_after(at + days(3)), None, "it stands");
        dunning.go_on(at + days(13));
        assert_eq!(dunning.next_after(at + days(13)), Some(at + days(17)));
        assert_eq!(dunning.blocks_from(), at + days(17));
    }
}
