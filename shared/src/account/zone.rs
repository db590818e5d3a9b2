//! The account's time zone decides where its days and billing periods begin. A change counts from
//! the next period, so that no counted hour moves to another day.

use std::{fmt, str::FromStr};

use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date, tz::TimeZone};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::BillingPeriod;

/// A time zone of the IANA database.
#[derive(Clone, PartialEq)]
pub struct Zone(TimeZone);

/// The text names no time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a time zone")]
pub struct InvalidZone;

impl Zone {
    /// Universal time.
    #[must_use]
    pub fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    /// Its IANA name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// For calculations.
    #[must_use]
    pub fn zone(&self) -> &TimeZone {
        &self.0
    }

    /// The day that a moment belongs to.
    #[must_use]
    pub fn day(&self, at: Timestamp) -> Date {
        at.to_zoned(self.0.clone()).date()
    }

    /// The first moment of a day.
    #[must_use]
    pub fn start_of(&self, day: Date) -> Timestamp {
        day.to_zoned(self.0.clone()).map_or(Timestamp::MIN, |midnight| midnight.timestamp())
    }

    /// The names to choose from.
    #[must_use]
    pub fn names() -> Vec<String> {
        let names = jiff::tz::db().available().map(|name| name.to_string());
        names.filter(|name| name.contains('/') || name == "UTC").collect()
    }
}

impl FromStr for Zone {
    type Err = InvalidZone;

    fn from_str(text: &str) -> Result<Self, InvalidZone> {
        if text == "UTC" {
            return Ok(Self::utc());
        }
        let zone = jiff::tz::db().get(text).map_err(|_| InvalidZone)?;
        zone.iana_name().is_some().then_some(Self(zone)).ok_or(InvalidZone)
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Zone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// The first and the last day that a moment may belong to, whatever the zone.
#[must_use]
pub fn days_on_earth(at: Timestamp) -> [Date; 2] {
    /// No zone is further from universal time.
    const FURTHEST: SignedDuration = SignedDuration::from_hours(15);
    [at - FURTHEST, at + FURTHEST].map(|at| at.to_zoned(TimeZone::UTC).date())
}

const JUST_BEFORE: SignedDuration = SignedDuration::from_nanos(1);

/// Which zone counts when: the first one, and each later one from the moment it took over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ZonePlan {
    first: Zone,
    changes: Vec<Change>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Change {
    from: Timestamp,
    zone: Zone,
}

/// A zone in force.
struct Reign<'a> {
    from: Timestamp,
    zone: &'a Zone,
    /// The one before it.
    former: Option<&'a Zone>,
}

impl Reign<'_> {
    /// The day that it takes over on: none before it comes again.
    fn first_day(&self) -> Date {
        let Some(former) = self.former else { return Date::MIN };
        former.day(self.from - JUST_BEFORE).max(self.zone.day(self.from))
    }

    fn day(&self, at: Timestamp) -> Date {
        self.first_day().max(self.zone.day(at))
    }

    fn start_of(&self, day: Date) -> Timestamp {
        if day <= self.first_day() { self.from } else { self.zone.start_of(day).max(self.from) }
    }
}

impl ZonePlan {
    /// One zone from the beginning.
    #[must_use]
    pub fn new(first: Zone) -> Self {
        Self { first, changes: Vec::new() }
    }

    /// The zone in force at a moment.
    #[must_use]
    pub fn at(&self, moment: Timestamp) -> &Zone {
        let in_force = self.changes.iter().rev().find(|change| change.from <= moment);
        in_force.map_or(&self.first, |change| &change.zone)
    }

    /// The first moment of the hour that a moment belongs to, on the clock of the zone in force:
    /// where clocks run half an hour off, so do the hours, and an hour never begins before its zone
    /// does. The hours of a day therefore add up to the day.
    #[must_use]
    pub fn hour(&self, at: Timestamp) -> Timestamp {
        let offset = i64::from(self.at(at).zone().to_offset(at).seconds());
        let local = at.as_second() + offset;
        let second = local - local.rem_euclid(3600) - offset;
        let hour = Timestamp::from_second(second).unwrap_or(at);
        let since = self.changes.iter().rev().find(|change| change.from <= at);
        since.map_or(hour, |change| hour.max(change.from))
    }

    /// The zone that was chosen last, in force or not yet.
    #[must_use]
    pub fn chosen(&self) -> &Zone {
        self.changes.last().map_or(&self.first, |change| &change.zone)
    }

    /// The day that a moment belongs to. Days run forward: where a zone takes over that lies more than a
    /// day behind, the day that had begun goes on.
    #[must_use]
    pub fn day(&self, at: Timestamp) -> Date {
        let reign = self.reigns().take_while(|reign| reign.from <= at).last();
        reign.map_or(Date::MIN, |reign| reign.day(at))
    }

    /// The first moment of a day, or of what comes after it where a change of zone leaves the day out.
    #[must_use]
    pub fn start_of(&self, day: Date) -> Timestamp {
        let mut reigns = self.reigns().peekable();
        while let Some(reign) = reigns.next() {
            let start = reign.start_of(day);
            if reigns.peek().is_none_or(|next| start < next.from) {
                return start;
            }
        }
        Timestamp::MAX
    }

    /// The zones in the order of time, each with when it took over.
    fn reigns(&self) -> impl Iterator<Item = Reign<'_>> {
        let first = Reign { from: Timestamp::MIN, zone: &self.first, former: None };
        let before = std::iter::once(&self.first).chain(self.changes.iter().map(|it| &it.zone));
        let later = self.changes.iter().zip(before);
        let later = later.map(|(change, former)| Reign {
            from: change.from,
            zone: &change.zone,
            former: Some(former),
        });
        std::iter::once(first).chain(later)
    }

    /// Changes the zone from the next billing period on; replaces a change that was still to
    /// come. The switch waits for the later of the two midnights, so that no event after it falls
    /// into a day of the period before, but not for the old zone's second day.
    #[must_use]
    pub fn changed(&self, zone: Zone, now: Timestamp) -> Self {
        if zone == *self.chosen() {
            return self.clone();
        }
        let mut changes: Vec<_> =
            self.changes.iter().filter(|change| change.from <= now).cloned().collect();
        let current = changes.last().map_or(&self.first, |change| &change.zone);
        if *current != zone {
            let next = BillingPeriod::at(self, now).end();
            let second = next.saturating_add(1.day());
            let from =
                current.start_of(next).max(zone.start_of(next)).min(current.start_of(second));
            changes.push(Change { from, zone });
        }
        Self { first: self.first.clone(), changes }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_change_waits_for_the_next_period_and_never_goes_back_a_month() {
        for (old, new) in [("UTC", "Asia/Tokyo"), ("Asia/Tokyo", "America/New_York")] {
            let plan = ZonePlan::new(old.parse().unwrap());
            let now = at("2026-11-22T12:00:00Z");
            let changed = plan.changed(new.parse().unwrap(), now);
            assert_eq!(changed.at(now).name(), old, "not yet");
            assert_eq!(changed.chosen().name(), new);
            let mut day = changed.day(at("2026-11-29T00:00:00Z"));
            for hour in 0..96 {
                let moment = at("2026-11-29T00:00:00Z") + SPAN * hour;
                assert!(changed.day(moment) >= day, "{old} to {new}: days run forward");
                day = changed.day(moment);
            }
            assert_eq!(changed.at(at("2026-12-03T00:00:00Z")).name(), new);
        }
    }

    #[test]
    fn every_hour_lies_within_its_day_also_where_the_zone_changes() {
        let zones = [
            "UTC",
            "America/New_York",
            "Asia/Kolkata",
            "Asia/Tokyo",
            "Pacific/Apia",
            // More than a day apart.
            "Pacific/Pago_Pago",
            "Pacific/Kiritimati",
            "Etc/GMT+12",
        ];
        for (old, new) in zones.iter().flat_map(|old| zones.iter().map(move |new| (old, new))) {
            let plan = ZonePlan::new(old.parse().unwrap());
            let plan = plan.changed(new.parse().unwrap(), at("2026-11-22T12:00:00Z"));
            let mut last = Date::MIN;
            for quarter in 0..4 * 24 * 6 {
                let moment = at("2026-11-29T00:00:00Z") + SPAN * quarter / 4;
                let (hour, day) = (plan.hour(moment), plan.day(moment));
                assert!(last <= day, "{old} to {new}: {last} comes again at {moment}");
                assert!(plan.day(plan.start_of(day) - JUST_BEFORE) < day, "{old} to {new}: {day}");
                last = day;
                assert!(plan.start_of(day) <= hour, "{old} to {new}: {moment} of {day}");
                assert!(hour <= moment && moment < plan.start_of(day.tomorrow().unwrap()));
            }
        }
    }

    #[test]
    fn a_change_in_a_day_that_goes_on_waits_for_the_period_after_it() {
        let plan = ZonePlan::new("Pacific/Kiritimati".parse().unwrap());
        let plan = plan.changed("Pacific/Pago_Pago".parse().unwrap(), at("2027-01-15T00:00:00Z"));
        // Behind the old zone's second midnight, and before the new one's first.
        let now = at("2027-02-01T10:30:00Z");
        assert_eq!((plan.at(now).name(), plan.day(now)), ("Pacific/Pago_Pago", date(2027, 2, 1)));
        let changed = plan.changed("UTC".parse().unwrap(), now);
        assert_eq!(changed.at(at("2027-02-20T00:00:00Z")).name(), "Pacific/Pago_Pago");
        assert_eq!(changed.at(at("2027-03-02T00:00:00Z")).name(), "UTC");
    }

    #[test]
    fn hours_follow_the_zones_own_clock() {
        let hour = |zone: &str, moment: &str| {
            ZonePlan::new(zone.parse().unwrap()).hour(at(moment)).to_string()
        };
        assert_eq!(hour("UTC", "2026-11-22T14:59:59.9Z"), "2026-11-22T14:00:00Z");
        assert_eq!(hour("Asia/Kolkata", "2026-11-22T14:59:59Z"), "2026-11-22T14:30:00Z");
        assert_eq!(hour("Asia/Kolkata", "2026-11-22T14:15:00Z"), "2026-11-22T13:30:00Z");
    }

    #[test]
    fn choosing_the_chosen_zone_again_moves_nothing() {
        let plan = ZonePlan::new("UTC".parse().unwrap());
        let zone = || "America/New_York".parse().unwrap();
        let changed = plan.changed(zone(), at("2026-11-22T12:00:00Z"));
        assert_eq!(changed.changed(zone(), at("2026-12-01T01:00:00Z")), changed);
    }

    const SPAN: SignedDuration = SignedDuration::from_hours(1);

    #[test]
    fn going_back_to_the_old_zone_in_time_undoes_the_change() {
        let plan = ZonePlan::new("UTC".parse().unwrap());
        let now = at("2026-11-22T12:00:00Z");
        let there = plan.changed("Asia/Tokyo".parse().unwrap(), now);
        assert_eq!(there.changed("UTC".parse().unwrap(), now), plan);
    }

    #[test]
    fn days_begin_at_the_zones_own_midnight() {
        let plan = ZonePlan::new("Africa/Cairo".parse().unwrap());
        assert_eq!(plan.start_of(date(2026, 11, 22)), at("2026-11-21T22:00:00Z"));
        assert_eq!(plan.day(at("2026-11-21T22:30:00Z")), date(2026, 11, 22));
        assert!("Mars/Olympus".parse::<Zone>().is_err());
    }
}
