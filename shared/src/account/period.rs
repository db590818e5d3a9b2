//! A billing period: a calendar month of the account's zone.

use std::fmt;

use jiff::{Timestamp, ToSpan, civil::Date};

use super::{ZonePlan, days_on_earth};

/// A calendar month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BillingPeriod {
    first: Date,
}

impl BillingPeriod {
    /// The one that a day lies in.
    #[must_use]
    pub fn of(day: Date) -> Self {
        Self { first: day.first_of_month() }
    }

    /// The one of a moment, in the zone that counts then.
    #[must_use]
    pub fn at(zones: &ZonePlan, moment: Timestamp) -> Self {
        Self::of(zones.day(moment))
    }

    /// The first and the last that a moment may belong to, whatever the zone; mostly they are the same.
    #[must_use]
    pub fn on_earth(moment: Timestamp) -> [Self; 2] {
        days_on_earth(moment).map(Self::of)
    }

    /// Its first day.
    #[must_use]
    pub fn first(self) -> Date {
        self.first
    }

    /// Its last day.
    #[must_use]
    pub fn last(self) -> Date {
        self.first.last_of_month()
    }

    /// The first day of the next one.
    #[must_use]
    pub fn end(self) -> Date {
        self.first.saturating_add(1.month())
    }

    /// The next one.
    #[must_use]
    pub fn next(self) -> Self {
        Self { first: self.end() }
    }

    /// The one before.
    #[must_use]
    pub fn previous(self) -> Self {
        Self { first: self.first.saturating_sub(1.month()) }
    }

    /// How many days it has.
    #[must_use]
    pub fn days(self) -> i8 {
        self.first.days_in_month()
    }

    /// Its first instant.
    #[must_use]
    pub fn starts_at(self, zones: &ZonePlan) -> Timestamp {
        zones.start_of(self.first)
    }

    /// The first instant of the next one.
    #[must_use]
    pub fn ends_at(self, zones: &ZonePlan) -> Timestamp {
        zones.start_of(self.end())
    }
}

/// `2026-11`: how counters and keys name it.
impl fmt::Display for BillingPeriod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.first.year(), self.first.month())
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_period_ends_where_the_next_one_begins() {
        let december = BillingPeriod::of(date(2026, 12, 31));
        assert_eq!((december.first(), december.end()), (date(2026, 12, 1), date(2027, 1, 1)));
        assert_eq!(december.next().previous(), december);
        assert_eq!((december.to_string(), december.days()), ("2026-12".to_owned(), 31));
        let zones = ZonePlan::new("Africa/Cairo".parse().unwrap());
        assert_eq!(december.ends_at(&zones), december.next().starts_at(&zones));
        assert_eq!(december.ends_at(&zones).to_string(), "2026-12-31T22:00:00Z");
    }

    #[test]
    fn around_a_months_end_it_may_be_either() {
        let spans =
            |at: &str| BillingPeriod::on_earth(at.parse().unwrap()).map(|it| it.to_string());
        assert_eq!(spans("2026-11-30T12:00:00Z"), ["2026-11", "2026-12"]);
        assert_eq!(spans("2026-11-22T12:00:00Z"), ["2026-11", "2026-11"]);
    }
}
