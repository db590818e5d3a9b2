//! Over how many partitions and counters an account's usage is spread. A hot account's events
//! would come faster than one partition takes them, and its meters would meet on one counter.
//!
//! The number is fixed for each day before the day begins: an event that is delivered again finds
//! its item where the first delivery put it, whatever was changed in between.

use jiff::{ToSpan, civil::Date};
use serde::{Deserialize, Serialize};

/// Partitions of a hot account's events: 8,000 events a second, and a page of the log still reads
/// them side by side.
const WIDE: u16 = 16;
/// Shards of a hot account's counters. More would make a dashboard dearer and no meter faster.
const MOST_COUNTERS: u16 = 4;
/// A change begins so many days ahead. An event may be minutes ahead of the clock, a run that
/// read the account before the change may last a quarter of an hour, zones lie within a day.
const DAYS_AHEAD: i64 = 2;

/// How usage is spread on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spread {
    /// Partitions of the day's events.
    pub events: u16,
    /// Counters of one span of time.
    pub counters: u16,
}

/// How usage is spread from which day on; one partition at first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SpreadPlan(Vec<Change>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Change {
    from: Date,
    partitions: u16,
}

impl SpreadPlan {
    /// Whether nothing was ever changed.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.0.is_empty()
    }

    /// How a day's usage is spread.
    #[must_use]
    pub fn on(&self, day: Date) -> Spread {
        let change = self.0.iter().rev().find(|change| change.from <= day);
        let events = change.map_or(1, |change| change.partitions);
        Spread { events, counters: events.min(MOST_COUNTERS) }
    }

    /// The most counters that a span of time may lie in, up to now or soon.
    #[must_use]
    pub fn most_counters(&self) -> u16 {
        self.0.iter().map(|change| change.partitions.min(MOST_COUNTERS)).max().unwrap_or(1)
    }

    /// Wide from a day to come; `None` if it is, or is going to be.
    #[must_use]
    pub fn widened(&self, today: Date) -> Option<Self> {
        let from = today.checked_add(DAYS_AHEAD.days()).ok()?;
        if self.0.last().is_some_and(|last| last.partitions >= WIDE) {
            return None;
        }
        let mut changes = self.0.clone();
        changes.push(Change { from, partitions: WIDE });
        Some(Self(changes))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_change_leaves_the_days_before_it_alone() {
        let plain = SpreadPlan::default();
        let today = date(2026, 11, 22);
        let wider = plain.widened(today).unwrap();
        for day in [date(2026, 1, 1), today, date(2026, 11, 23)] {
            assert_eq!(wider.on(day), plain.on(day));
        }
        assert_eq!(wider.on(date(2026, 11, 24)), Spread { events: 16, counters: 4 });
    }

    #[test]
    fn what_is_wide_or_going_to_be_stays_as_it_is() {
        let wide = SpreadPlan::default().widened(date(2026, 11, 22)).unwrap();
        for day in [date(2026, 11, 23), date(2027, 1, 1)] {
            assert_eq!(wide.widened(day), None);
        }
    }
}
