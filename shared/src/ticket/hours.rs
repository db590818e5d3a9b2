//! When people are at work: what a promise is counted in.

use std::collections::BTreeSet;

use jiff::{
    Timestamp,
    civil::{Date, Time, Weekday},
};
use serde::Deserialize;

use crate::account::Zone;

/// Nobody looks further ahead than this for work to go on.
const MOST_DAYS: u32 = 4_000;

/// The hours in which people are at work.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hours {
    zone: Zone,
    #[serde(deserialize_with = "time_of_day")]
    from: Time,
    #[serde(deserialize_with = "time_of_day")]
    to: Time,
    #[serde(deserialize_with = "weekdays")]
    days: Vec<Weekday>,
    #[serde(default)]
    holidays: BTreeSet<Date>,
}

fn time_of_day<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Time, D::Error> {
    let text = String::deserialize(deserializer)?;
    Time::strptime("%H:%M", &text).map_err(serde::de::Error::custom)
}

fn weekdays<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<Weekday>, D::Error> {
    const NAMES: [(&str, Weekday); 7] = [
        ("monday", Weekday::Monday),
        ("tuesday", Weekday::Tuesday),
        ("wednesday", Weekday::Wednesday),
        ("thursday", Weekday::Thursday),
        ("friday", Weekday::Friday),
        ("saturday", Weekday::Saturday),
        ("sunday", Weekday::Sunday),
    ];
    let names = Vec::<String>::deserialize(deserializer)?;
    let day = |name: &String| {
        let known = NAMES.iter().find(|(known, _)| known == name).map(|(_, day)| *day);
        known.ok_or_else(|| serde::de::Error::custom(format!("{name} is no day of the week")))
    };
    names.iter().map(day).collect()
}

impl Hours {
    /// Whether there is any time to count.
    #[must_use]
    pub fn are_some(&self) -> bool {
        self.from < self.to && !self.days.is_empty()
    }

    /// So many seconds of work lie between two moments.
    #[must_use]
    pub fn between(&self, from: Timestamp, to: Timestamp) -> i64 {
        let (mut worked, mut day, last) = (0, self.zone.day(from), self.zone.day(to));
        while day <= last {
            if let Some((begin, end)) = self.shift(day) {
                let (begin, end) = (begin.max(from), end.min(to));
                worked += (end.as_second() - begin.as_second()).max(0);
            }
            let Ok(next) = day.tomorrow() else { break };
            day = next;
        }
        worked
    }

    /// The moment at which so many seconds of work are done, if they begin at another.
    #[must_use]
    pub fn after(&self, from: Timestamp, seconds: i64) -> Timestamp {
        let mut left = seconds;
        let mut day = self.zone.day(from);
        for _day in 0..MOST_DAYS {
            if let Some((begin, end)) = self.shift(day) {
                let begin = begin.max(from);
                let worked = (end.as_second() - begin.as_second()).max(0);
                if worked > 0 && left <= worked {
                    return Timestamp::from_second(begin.as_second() + left).unwrap_or(end);
                }
                left -= worked;
            }
            let Ok(next) = day.tomorrow() else { break };
            day = next;
        }
        Timestamp::MAX
    }

    /// From when to when there is work on a day, if there is. A local time that the clocks skip or repeat is the
    /// one that comes first by the clock of before.
    fn shift(&self, day: Date) -> Option<(Timestamp, Timestamp)> {
        if self.holidays.contains(&day) || !self.days.contains(&day.weekday()) {
            return None;
        }
        let at = |time: Time| day.to_datetime(time).to_zoned(self.zone.zone().clone());
        let [begin, end] = [at(self.from), at(self.to)].map(|it| it.map(|it| it.timestamp()));
        begin.ok().zip(end.ok())
    }
}
