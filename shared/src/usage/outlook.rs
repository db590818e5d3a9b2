//! Where use leads if it goes on as it did in this period so far: the method is told beside it.

use jiff::{SignedDuration, Timestamp};

use crate::account::{BillingPeriod, ZonePlan};

/// Less than a day says nothing of the days to come.
const SHORTEST: SignedDuration = SignedDuration::from_hours(24);

/// A billing period, as instants.
#[derive(Clone, Copy)]
pub struct Course {
    /// Its first instant.
    pub start: Timestamp,
    /// The present one.
    pub now: Timestamp,
    /// The first instant of the next one.
    pub end: Timestamp,
}

/// What is expected of one number, in the unit of what was used.
#[derive(Debug, PartialEq, Eq)]
pub struct Outlook {
    /// At the period's end.
    pub expected: u128,
    /// When the limit is reached, if it is within the period and still to come.
    pub full_at: Option<Timestamp>,
}

impl Course {
    /// The month that it is in the account's zone.
    #[must_use]
    pub fn of_month(zones: &ZonePlan, now: Timestamp) -> Self {
        let period = BillingPeriod::at(zones, now);
        Self { start: period.starts_at(zones), now, end: period.ends_at(zones) }
    }

    /// Seconds since the period began.
    #[must_use]
    pub fn elapsed(self) -> u64 {
        seconds(self.start, self.now)
    }

    /// The period's seconds.
    #[must_use]
    pub fn length(self) -> u64 {
        seconds(self.start, self.end)
    }

    /// Where `used` leads, and when it reaches `limit`, both in one unit; `None` while it is too early
    /// to tell, or nothing was used.
    #[must_use]
    pub fn outlook(self, used: u128, limit: u128) -> Option<Outlook> {
        let (elapsed, length) = (u128::from(self.elapsed()), u128::from(self.length()));
        let early = self.start.duration_until(self.now) < SHORTEST;
        if early || self.now >= self.end || used == 0 {
            return None;
        }
        let expected = used.saturating_mul(length) / elapsed;
        let full_at = (used < limit)
            .then(|| limit.saturating_mul(elapsed).div_ceil(used))
            .filter(|after| *after < length)
            .and_then(|after| i64::try_from(after).ok())
            .map(|after| self.start + SignedDuration::from_secs(after));
        Some(Outlook { expected, full_at })
    }
}

fn seconds(from: Timestamp, to: Timestamp) -> u64 {
    u64::try_from(from.duration_until(to).as_secs()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn course(now: &str) -> Course {
        let at = |text: &str| text.parse().unwrap();
        Course { start: at("2026-11-01T00:00:00Z"), now: at(now), end: at("2026-12-01T00:00:00Z") }
    }

    #[test]
    fn a_pace_that_holds_leads_past_the_limit_on_a_day() {
        let outlook = course("2026-11-11T00:00:00Z").outlook(500, 1000).unwrap();
        assert_eq!(outlook.expected, 1500);
        assert_eq!(outlook.full_at, Some("2026-11-21T00:00:00Z".parse().unwrap()));
    }

    #[test]
    fn within_the_limit_there_is_no_such_day() {
        let course = course("2026-11-16T00:00:00Z");
        assert_eq!(course.outlook(500, 1001).unwrap().full_at, None);
        assert_eq!(course.outlook(1000, 1000).unwrap().full_at, None, "reached already");
        assert_eq!(course.outlook(0, 1000), None, "nothing leads nowhere");
    }

    #[test]
    fn the_first_day_tells_nothing() {
        assert_eq!(course("2026-11-01T23:59:59Z").outlook(5, 10), None);
        assert!(course("2026-11-02T00:00:00Z").outlook(u128::MAX, u128::MAX).is_some());
    }
}
