//! When it is quiet, and when the day's digest goes: times of a wall clock, in the account's zone. A time that
//! a change of the clock skips counts later by as much, one that comes twice counts once.

use jiff::{Timestamp, ToSpan, civil, tz::TimeZone};
use serde::{Deserialize, Serialize};

/// When the digest of a day goes.
const DIGEST: civil::Time = civil::time(8, 0, 0, 0);

/// Hours in which what can wait waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuietHours {
    /// When they begin.
    #[serde(with = "minutes")]
    pub from: civil::Time,
    /// When they end, perhaps on the next day.
    #[serde(with = "minutes")]
    pub to: civil::Time,
}

impl QuietHours {
    /// When the quiet ends that a moment lies in; nothing if it lies in none.
    #[must_use]
    pub fn end(&self, at: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let today = at.to_zoned(zone.clone()).date();
        let yesterday = today.checked_sub(1.day()).unwrap_or(today);
        [yesterday, today].into_iter().find_map(|day| {
            let last = if self.to > self.from { day } else { day.checked_add(1.day()).ok()? };
            let (begin, end) = (moment(day, self.from, zone)?, moment(last, self.to, zone)?);
            (begin <= at && at < end).then_some(end)
        })
    }
}

/// When the next digest goes: at eight, or when the quiet ends that eight lies in.
#[must_use]
pub fn next_digest(at: Timestamp, zone: &TimeZone, quiet: Option<QuietHours>) -> Timestamp {
    let today = at.to_zoned(zone.clone()).date();
    let days = (-1..=2).filter_map(|days| today.checked_add(days.days()).ok());
    let mut digests = days.filter_map(|day| {
        let eight = moment(day, DIGEST, zone)?;
        Some(quiet.and_then(|quiet| quiet.end(eight, zone)).unwrap_or(eight))
    });
    digests.find(|digest| *digest > at).unwrap_or(at)
}

fn moment(day: civil::Date, time: civil::Time, zone: &TimeZone) -> Option<Timestamp> {
    let moment = day.to_datetime(time).to_zoned(zone.clone()).ok()?;
    Some(moment.timestamp())
}

/// `22:00`, and nothing else.
#[must_use]
pub fn time_of(text: &str) -> Option<civil::Time> {
    let (hour, minute) = text.split_once(':')?;
    let digits = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    let parsed = |part: &str| part.parse().ok().filter(|_| digits(part));
    civil::Time::new(parsed(hour)?, parsed(minute)?, 0, 0).ok()
}

/// As [`time_of`] reads it.
#[must_use]
pub fn time_text(time: civil::Time) -> String {
    time.strftime("%H:%M").to_string()
}

mod minutes {
    use jiff::civil::Time;
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(time: &Time, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&super::time_text(*time))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Time, D::Error> {
        let text = String::deserialize(deserializer)?;
        super::time_of(&text).ok_or_else(|| de::Error::custom("no time"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(from: &str, to: &str) -> QuietHours {
        QuietHours { from: time_of(from).unwrap(), to: time_of(to).unwrap() }
    }

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).unwrap()
    }

    fn end(quiet: &QuietHours, at: &str, zone: &TimeZone) -> Option<String> {
        let end = quiet.end(at.parse().unwrap(), zone)?;
        Some(end.to_string())
    }

    #[test]
    fn quiet_hours_over_midnight_end_in_the_morning_and_begin_and_end_to_the_second() {
        let (quiet, riyadh) = (hours("22:00", "07:00"), zone("Asia/Riyadh"));
        // Riyadh is three hours ahead all year.
        for (at, until) in [
            ("2026-11-22T18:59:59Z", None),
            ("2026-11-22T19:00:00Z", Some("2026-11-23T04:00:00Z")),
            ("2026-11-22T22:30:00Z", Some("2026-11-23T04:00:00Z")),
            ("2026-11-23T03:59:59Z", Some("2026-11-23T04:00:00Z")),
            ("2026-11-23T04:00:00Z", None),
        ] {
            assert_eq!(end(&quiet, at, &riyadh).as_deref(), until, "{at}");
        }
    }

    #[test]
    fn quiet_hours_of_an_afternoon_are_the_same_days() {
        let quiet = hours("13:00", "15:30");
        for (at, until) in [
            ("2026-11-22T12:59:59Z", None),
            ("2026-11-22T13:00:00Z", Some("2026-11-22T15:30:00Z")),
            ("2026-11-22T15:30:00Z", None),
            ("2026-11-22T00:00:00Z", None),
        ] {
            assert_eq!(end(&quiet, at, &TimeZone::UTC).as_deref(), until, "{at}");
        }
    }

    #[test]
    fn a_night_is_an_hour_shorter_and_longer_where_the_clock_changes() {
        let (quiet, berlin) = (hours("22:00", "07:00"), zone("Europe/Berlin"));
        // On 29 March 2026 Berlin goes from +1 to +2, on 25 October back.
        for (at, until) in [
            ("2026-03-28T21:00:00Z", "2026-03-29T05:00:00Z"),
            ("2026-03-29T04:59:59Z", "2026-03-29T05:00:00Z"),
            ("2026-10-24T20:00:00Z", "2026-10-25T06:00:00Z"),
            ("2026-10-25T05:59:59Z", "2026-10-25T06:00:00Z"),
        ] {
            assert_eq!(end(&quiet, at, &berlin).as_deref(), Some(until), "{at}");
        }
    }

    #[test]
    fn a_time_that_is_skipped_moves_forward_and_one_that_comes_twice_counts_once() {
        let berlin = zone("Europe/Berlin");
        // 02:30 does not exist on 29 March: quiet that ends then ends at 03:30, which is 01:30 UTC.
        assert_eq!(
            end(&hours("22:00", "02:30"), "2026-03-29T01:00:00Z", &berlin).as_deref(),
            Some("2026-03-29T01:30:00Z")
        );
        // Quiet that begins then begins at 03:30.
        assert_eq!(end(&hours("02:30", "07:00"), "2026-03-29T01:29:59Z", &berlin), None);
        assert!(end(&hours("02:30", "07:00"), "2026-03-29T01:30:00Z", &berlin).is_some());
        // 02:30 comes twice on 25 October, at 00:30 and 01:30 UTC: the first one counts.
        let ended = hours("22:00", "02:30");
        assert_eq!(
            end(&ended, "2026-10-25T00:00:00Z", &berlin).as_deref(),
            Some("2026-10-25T00:30:00Z")
        );
        assert_eq!(end(&ended, "2026-10-25T01:00:00Z", &berlin), None);
    }

    #[test]
    fn the_digest_goes_at_eight_or_when_the_quiet_ends_and_once_a_day() {
        let berlin = zone("Europe/Berlin");
        let next = |at: &str, quiet| next_digest(at.parse().unwrap(), &berlin, quiet).to_string();
        assert_eq!(next("2026-11-22T06:59:59Z", None), "2026-11-22T07:00:00Z");
        assert_eq!(next("2026-11-22T07:00:00Z", None), "2026-11-23T07:00:00Z");
        let late = Some(hours("23:00", "09:30"));
        assert_eq!(next("2026-11-22T06:00:00Z", late), "2026-11-22T08:30:00Z");
        assert_eq!(next("2026-11-22T08:30:00Z", late), "2026-11-23T08:30:00Z");
        // Quiet that begins at eight ends on the next day or later that day.
        assert_eq!(
            next("2026-11-22T06:00:00Z", Some(hours("08:00", "12:00"))),
            "2026-11-22T11:00:00Z"
        );
        // The clock's change in between makes the day 23 and 25 hours long.
        assert_eq!(next("2026-03-28T07:00:00Z", None), "2026-03-29T06:00:00Z");
        assert_eq!(next("2026-10-24T06:00:00Z", None), "2026-10-25T07:00:00Z");
    }

    #[test]
    fn a_time_is_two_digits_a_colon_and_two_digits() {
        for bad in ["", "7:00", "24:00", "07:60", "07:00:00", "+7:00", "٠٧:٠٠", "07.00"] {
            assert_eq!(time_of(bad), None, "{bad}");
        }
        assert_eq!(time_of("07:05").map(time_text).as_deref(), Some("07:05"));
    }
}
