//! A made-up life: plans that change, events that come twice, late or are taken back.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use shared::random::Random;

/// Where clocks change, on both halves of the earth and by half an hour, and where they do not.
pub(super) const ZONES: [&str; 6] = [
    "UTC",
    "Africa/Cairo",
    "America/New_York",
    "Asia/Riyadh",
    "Australia/Lord_Howe",
    "Europe/Berlin",
];
pub(super) const PLANS: [&str; 4] = ["free", "starter", "growth", "scale"];
/// Countries of the table of taxes, and one that is not in it.
pub(super) const COUNTRIES: [&str; 4] = ["", "SA", "AE", "CH"];
pub(super) const KINDS: [&str; 6] = ["text", "code", "embedding", "image", "speech", "video"];

const DAY: u64 = 86_400;

/// An event, and when it is told.
#[derive(Debug, Clone)]
pub(super) struct Used {
    pub(super) id: usize,
    pub(super) time: i64,
    pub(super) kind: usize,
    pub(super) requests: u64,
    pub(super) input: u64,
    pub(super) output: u64,
    /// When it is told, the first time and again.
    pub(super) told: Vec<i64>,
    /// When it is taken back: after it was told, or before.
    pub(super) taken_back: Vec<i64>,
}

/// An account's life over some months.
#[derive(Debug, Clone)]
pub(super) struct Life {
    pub(super) zone: &'static str,
    pub(super) country: &'static str,
    pub(super) first: Date,
    pub(super) months: usize,
    /// When the account came to be.
    pub(super) begun: i64,
    /// Plans from their moments on, the first one from the first month's beginning.
    pub(super) plans: Vec<(i64, usize)>,
    pub(super) events: Vec<Used>,
    /// Credit that is given, in cents.
    pub(super) credits: Vec<(i64, i64)>,
}

impl Life {
    /// A life of so many months from a month on, with about so many events a month.
    pub(super) fn new(random: &Random, first: Date, months: usize, busy: u64) -> Self {
        let pick = |most: usize| usize::try_from(random.below(most as u64)).unwrap();
        let (zone, country) = (ZONES[pick(ZONES.len())], COUNTRIES[pick(COUNTRIES.len())]);
        let mut life = Self {
            zone,
            country,
            first,
            months,
            begun: 0,
            plans: Vec::new(),
            events: Vec::new(),
            credits: Vec::new(),
        };
        let (start, end) = (life.bound(0), life.bound(months));
        life.begun = start;
        life.plans.push((start, pick(PLANS.len())));
        let moment = || start + i64::try_from(random.below((end - start).unsigned_abs())).unwrap();
        let mut changes: Vec<i64> = (0..pick(8)).map(|_| moment()).collect();
        // At a month's end and in the grace after it.
        let month = pick(months);
        changes.extend((pick(3) == 0).then(|| life.bound(month) + 1));
        changes.extend((pick(3) == 0).then(|| life.bound(month) + 3_600));
        changes.sort_unstable();
        changes.dedup();
        changes.retain(|at| *at > start);
        life.plans.extend(changes.into_iter().map(|at| (at, pick(PLANS.len()))));
        let events = usize::try_from(busy * months as u64).unwrap();
        life.events = (0..pick(2 * events + 1)).map(|id| used(random, id, moment())).collect();
        life.credits =
            (0..pick(3)).map(|_| (moment(), 1 + i64::try_from(pick(9_000)).unwrap())).collect();
        life.credits.sort_unstable();
        life
    }

    /// The first second of a month, counted from the first.
    pub(super) fn bound(&self, month: usize) -> i64 {
        let zone = TimeZone::get(self.zone).unwrap();
        let months = jiff::Span::new().months(i64::try_from(month).unwrap());
        let day = self.first.checked_add(months).unwrap();
        day.to_zoned(zone).unwrap().timestamp().as_second()
    }
}

fn used(random: &Random, id: usize, time: i64) -> Used {
    let spread = |most: u64| random.below(most + 1);
    let soon = || i64::try_from(random.below(600)).unwrap();
    // A few seconds from the edge of what is too old.
    let whenever = || i64::try_from(random.below(35 * DAY - 60)).unwrap();
    let delay = |late: bool| if late { whenever() } else { soon() };
    let mut told = vec![time + delay(random.below(5) == 0)];
    while random.below(6) == 0 && told.len() < 4 {
        told.push(time + delay(random.below(2) == 0));
    }
    let taken_back = match random.below(8) {
        0 => vec![time + whenever()],
        1 => vec![time + soon(), time + whenever()],
        _ => Vec::new(),
    };
    // Some are large, so that allowances run out, and some cost a fraction of a cent.
    let size = [1, 1_000, 400_000][usize::try_from(random.below(3)).unwrap()];
    Used {
        id,
        time,
        kind: usize::try_from(random.below(KINDS.len() as u64)).unwrap(),
        requests: 1 + spread(size / 10),
        input: spread(size * 50),
        output: spread(size * 20),
        told,
        taken_back,
    }
}

/// A second as a moment.
pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}
