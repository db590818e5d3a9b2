//! A range of days `[from, to)` in the account's zone.

use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date};
use shared::{
    account::{BillingPeriod, ZonePlan},
    error::Error,
    usage::Grain,
};

/// A range that is not empty and not too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    /// The first day.
    pub(crate) from: Date,
    /// The day after the last.
    pub(crate) to: Date,
}

impl Span {
    /// Reads a range; by default this month up to and with today.
    pub(crate) fn parse(
        from: Option<&str>,
        to: Option<&str>,
        today: Date,
        most_days: i32,
    ) -> Result<Self, Error> {
        let read = |field, text: Option<&str>, default| match text {
            None => Ok(default),
            Some(text) => strict_date(text).ok_or_else(|| Error::field(field, "date_invalid")),
        };
        let tomorrow = today.tomorrow().unwrap_or(today);
        let to = read("to", to, tomorrow)?;
        let default_from = BillingPeriod::of(today).first().min(to.yesterday().unwrap_or(to));
        let from = read("from", from, default_from)?;
        if from >= to {
            return Err(Error::field("to", "range_invalid"));
        }
        if from.until(to).map_or(i32::MAX, |span| span.get_days()) > most_days {
            return Err(Error::field("to", "range_too_long"));
        }
        Ok(Self { from, to })
    }

    /// The starts of the spans of time in this range, as rows name them, up to now.
    pub(crate) fn starts(self, grain: Grain, zones: &ZonePlan, now: Timestamp) -> Vec<String> {
        let last = self.last().min(zones.day(now));
        let days = || self.from.series(1.day()).take_while(|day| *day <= last);
        match grain {
            Grain::Day => days().map(|day| day.to_string()).collect(),
            Grain::Month => {
                let firsts = days().filter(|day| *day == self.from || day.day() == 1);
                firsts.map(|day| BillingPeriod::of(day).first().to_string()).collect()
            }
            Grain::Hour => {
                let end = zones.start_of(self.to).min(now);
                let first = zones.hour(zones.start_of(self.from));
                let next =
                    |hour: &Timestamp| Some(zones.hour(*hour + SignedDuration::from_hours(1)));
                let hours = std::iter::successors(Some(first), next).take_while(|hour| *hour < end);
                hours.map(|hour| hour.to_string()).collect()
            }
        }
    }

    /// Its days that are over, if there are any: a day that has only begun compares with nothing.
    pub(crate) fn over(self, today: Date) -> Option<Self> {
        let to = self.to.min(today);
        (self.from < to).then_some(Self { to, ..self })
    }

    /// What to compare this range with: the same days of the month before where it begins a month,
    /// else as many days up to the first one.
    pub(crate) fn before(self) -> Self {
        let days = self.days();
        let period = BillingPeriod::of(self.from);
        if self.from == period.first() && days <= i32::from(period.days()) {
            let month = period.previous().first();
            let whole = self.to == period.end();
            let end = month.checked_add(days.days()).unwrap_or(self.from);
            return Self { from: month, to: if whole { self.from } else { end.min(self.from) } };
        }
        Self { from: self.from.checked_sub(days.days()).unwrap_or(self.from), to: self.from }
    }

    /// How many days.
    pub(crate) fn days(&self) -> i32 {
        self.from.until(self.to).map_or(1, |span| span.get_days())
    }

    /// The last day.
    pub(crate) fn last(&self) -> Date {
        self.to.yesterday().unwrap_or(self.from)
    }
}

/// `2026-11-22` and nothing else.
fn strict_date(text: &str) -> Option<Date> {
    let shape = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    shape
        .then(|| text.parse().ok())
        .flatten()
        .filter(|date: &Date| (2000..=9000).contains(&date.year()))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn span(from: Option<&str>, to: Option<&str>) -> Result<Span, Error> {
        Span::parse(from, to, date(2026, 11, 22), 400)
    }

    #[test]
    fn this_month_is_the_default() {
        let span = span(None, None).unwrap();
        assert_eq!((span.from, span.to), (date(2026, 11, 1), date(2026, 11, 23)));
    }

    #[test]
    fn a_range_has_a_start_for_every_day_month_and_hour_up_to_now() {
        let span = span(Some("2026-10-30"), Some("2026-11-30")).unwrap();
        let zones = ZonePlan::new("Asia/Kolkata".parse().unwrap());
        let now: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
        let starts = |grain| span.starts(grain, &zones, now);
        assert_eq!(starts(Grain::Day).len(), 24);
        assert_eq!(starts(Grain::Month), ["2026-10-01", "2026-11-01"]);
        let hours = starts(Grain::Hour);
        assert_eq!(hours[0], "2026-10-29T18:30:00Z");
        assert_eq!(hours.last().unwrap(), "2026-11-22T11:30:00Z");
        assert_eq!(hours.len(), 24 * 24 - 6);
    }

    #[test]
    fn days_that_are_over_are_compared_with_those_before() {
        let before = |from: &str, to: &str| {
            let over = span(Some(from), Some(to)).unwrap().over(date(2026, 11, 22))?;
            let before = over.before();
            Some(format!("{} {} {}", over.to, before.from, before.to))
        };
        let words = |text: &str| Some(text.to_owned());
        let month = words("2026-11-22 2026-10-01 2026-10-22");
        assert_eq!(before("2026-11-01", "2026-11-23"), month, "today is not over");
        assert_eq!(before("2026-11-01", "2026-12-01"), month, "what is to come neither");
        let whole = words("2026-11-01 2026-09-01 2026-10-01");
        assert_eq!(before("2026-10-01", "2026-11-01"), whole, "31 days with 30");
        let short = words("2026-03-31 2026-02-01 2026-03-01");
        assert_eq!(before("2026-03-01", "2026-03-31"), short, "there is no 30 February");
        assert_eq!(before("2026-11-16", "2026-11-22"), words("2026-11-22 2026-11-10 2026-11-16"));
        assert_eq!(before("2026-11-22", "2026-11-23"), None, "today alone");
    }

    #[test]
    fn what_is_no_day_or_no_range_is_refused() {
        for (from, to) in [
            (Some("2026-11-31"), None),
            (Some("26-11-01"), None),
            (Some("2026-11-22T00:00:00Z"), None),
            (Some("2026-11-22"), Some("2026-11-22")),
            (Some("2026-11-23"), Some("2026-11-22")),
            (Some("2025-10-01"), Some("2026-11-22")),
            (Some("-000001-01"), None),
        ] {
            assert!(span(from, to).is_err(), "{from:?} {to:?}");
        }
    }
}
