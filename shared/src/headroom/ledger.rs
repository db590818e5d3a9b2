//! The item that says how much of a month is used and held.
//!
//! Attribute names: `ur`, `ut`, `uc` (requests, tokens, cost in 10^-12) for what was used; `tr`, `tt`, `tc` for
//! what is taken, used and held together, which conditions compare with limits; `h<seconds since 1970>r` ... for
//! what is held until a moment.

use std::{
    collections::BTreeMap,
    ops::{Add, AddAssign, Neg},
};

use jiff::Timestamp;

use super::LIFETIME;
use crate::{
    money::Pico,
    table::{Condition, Key, Record, Transaction, Update},
    usage::{Metric, Totals},
};

/// So many moments at which holds expire are told apart to the second; holds beyond them expire at a full
/// minute, so that a busy account's ledger stays small.
const MOST_SECONDS: usize = 8;

/// Some of each metric; cost in 10^-12 of the currency's unit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Amounts([i128; 3]);

impl Amounts {
    /// So many requests, tokens and so much money.
    #[must_use]
    pub fn new(requests: u64, tokens: u64, cost: Pico) -> Self {
        Self([requests.into(), tokens.into(), cost.get()])
    }

    /// Of one metric.
    #[must_use]
    pub fn of(&self, metric: Metric) -> i128 {
        self.0[metric as usize]
    }

    fn of_mut(&mut self, metric: Metric) -> &mut i128 {
        &mut self.0[metric as usize]
    }
}

impl From<&Totals> for Amounts {
    fn from(used: &Totals) -> Self {
        Self::new(used.requests, used.tokens(), used.cost)
    }
}

impl AddAssign for Amounts {
    fn add_assign(&mut self, other: Self) {
        for (sum, more) in self.0.iter_mut().zip(other.0) {
            *sum = sum.saturating_add(more);
        }
    }
}

impl Add for Amounts {
    type Output = Self;

    fn add(mut self, other: Self) -> Self {
        self += other;
        self
    }
}

impl Neg for Amounts {
    type Output = Self;

    fn neg(self) -> Self {
        Self(self.0.map(i128::saturating_neg))
    }
}

fn letter(metric: Metric) -> char {
    match metric {
        Metric::Requests => 'r',
        Metric::Tokens => 't',
        Metric::Cost => 'c',
    }
}

/// What conditions compare with a limit.
fn taken_name(metric: Metric) -> &'static str {
    match metric {
        Metric::Requests => "tr",
        Metric::Tokens => "tt",
        Metric::Cost => "tc",
    }
}

/// The attribute of a first share that says that there are further ones.
const WIDE: &str = "wide";

fn held_name(expires: i64, metric: Metric) -> String {
    format!("h{expires}{}", letter(metric))
}

/// A ledger as it is stored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger {
    /// What was used, as the meter counted it.
    pub used: Amounts,
    /// What is held, by the second since 1970 at which it expires.
    held: BTreeMap<i64, Amounts>,
    /// What conditions compare with limits: used and held together, what has expired included until it is freed.
    pub(super) taken: Amounts,
    /// Whether there are further shares.
    pub(super) wide: bool,
}

impl Ledger {
    /// Reads a stored item.
    #[must_use]
    pub fn read(record: &Record) -> Self {
        let mut ledger = Self::default();
        for (name, number) in record.numbers() {
            ledger.wide |= name == WIDE;
            let Some((metric, place)) = Metric::ALL
                .into_iter()
                .find_map(|metric| Some((metric, name.strip_suffix(letter(metric))?)))
            else {
                continue;
            };
            match place {
                "u" => *ledger.used.of_mut(metric) = number,
                "t" => *ledger.taken.of_mut(metric) = number,
                _ => {
                    if let Some(expires) = place.strip_prefix('h').and_then(|at| at.parse().ok()) {
                        let held: &mut Amounts = ledger.held.entry(expires).or_default();
                        *held.of_mut(metric) = number;
                    }
                }
            }
        }
        ledger
    }

    /// Whether what is taken is what is used and held.
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.booked() == self.taken
    }

    /// What is used and held, what has expired included.
    #[cfg(feature = "testing")]
    pub(super) fn booked(&self) -> Amounts {
        self.held.values().fold(self.used, |sum, held| sum + *held)
    }

    /// What is held at a moment.
    #[must_use]
    pub fn held(&self, now: Timestamp) -> Amounts {
        let live = self.held.iter().filter(|(expires, _)| **expires > now.as_second());
        live.fold(Amounts::default(), |sum, (_, held)| sum + *held)
    }

    /// What is taken at a moment, without what has expired by then.
    pub(super) fn taken_by(&self, now: Timestamp) -> Amounts {
        let expired = self.held.iter().filter(|(expires, _)| **expires <= now.as_second());
        expired.fold(self.taken, |taken, (_, held)| taken + -*held)
    }

    /// Whether it has what is held until a moment, in seconds since 1970: what expired may have been freed.
    #[must_use]
    pub fn has_until(&self, expires: i64) -> bool {
        self.held.contains_key(&expires)
    }

    /// When a hold that is made now expires, in seconds since 1970.
    #[must_use]
    pub fn expiry(&self, now: Timestamp) -> i64 {
        let end = now.saturating_add(LIFETIME).unwrap_or(Timestamp::MAX);
        let second = end.as_second() + i64::from(end.subsec_nanosecond() > 0);
        let live = self.held.range(now.as_second() + 1..).count();
        if self.held.contains_key(&second) || live < MOST_SECONDS {
            return second;
        }
        second.saturating_add(59).div_euclid(60).saturating_mul(60)
    }

    /// One of which nothing is held.
    pub(super) fn of(used: Amounts) -> Self {
        Self { used, taken: used, ..Self::default() }
    }

    /// The change that says that there are further shares, if nobody has said so.
    #[must_use]
    pub(super) fn widening() -> Update {
        let narrow = vec![Condition::Exists, Condition::Without(WIDE)];
        Update::new().set(WIDE, 1u64).when(Condition::All(narrow))
    }

    /// What a further share begins with.
    #[must_use]
    pub(super) fn beginning_empty() -> Update {
        Self::beginning(Amounts::default())
    }

    /// What a new month's ledger begins with: what was counted before there was one.
    #[must_use]
    pub(super) fn beginning(used: Amounts) -> Update {
        Metric::ALL.into_iter().fold(Update::new().when(Condition::Absent), |update, metric| {
            let amount = used.of(metric);
            let used = format!("u{}", letter(metric));
            update.set(used, amount).set(taken_name(metric), amount)
        })
    }
}

/// What is changed in a ledger.
#[derive(Debug, Clone, Default)]
pub struct Change {
    used: Amounts,
    taken: Amounts,
    held: BTreeMap<i64, Amounts>,
    /// Holds that are over: they have to be there still.
    over: BTreeMap<i64, Amounts>,
    /// What expired, as it was read.
    freed: BTreeMap<i64, Amounts>,
    most: Vec<(Metric, i128)>,
    /// What is taken has to be as it was read.
    as_read: Vec<(Metric, i128)>,
    /// It is of a ledger that has no further shares.
    pub(super) only: bool,
}

impl Change {
    /// Counts what was used.
    pub fn count(&mut self, used: Amounts) {
        self.used += used;
        self.taken += used;
    }

    /// Holds an amount until a moment, if no more than this is taken of these metrics afterwards.
    pub fn hold(&mut self, amount: Amounts, expires: i64, most: &[(Metric, i128)]) {
        self.taken += amount;
        *self.held.entry(expires).or_default() += amount;
        let before = |(metric, limit): &(Metric, i128)| (*metric, limit - amount.of(*metric));
        self.most.extend(most.iter().map(before));
    }

    /// Moves some of what is taken to or from other shares, if it is what was read.
    pub(super) fn move_taken(&mut self, metric: Metric, by: i128, read: &Ledger) {
        *self.taken.of_mut(metric) += by;
        self.as_read.push((metric, read.taken.of(metric)));
    }

    /// Ends a hold, if it was not freed before.
    pub fn end_hold(&mut self, amount: Amounts, expires: i64) {
        self.taken += -amount;
        *self.over.entry(expires).or_default() += amount;
    }

    /// Frees what has expired, if nobody has by then.
    pub fn free_expired(&mut self, ledger: &Ledger, now: Timestamp) {
        let expired = ledger.held.iter().filter(|(expires, _)| **expires <= now.as_second());
        for (expires, amount) in expired {
            self.taken += -*amount;
            self.freed.insert(*expires, *amount);
        }
    }

    /// Adds the change to a transaction, under all that it takes for granted.
    pub fn write<R: Clone>(&self, key: &Key, transaction: &mut Transaction<'_, R>, refused: R) {
        let update = self.update();
        match update.condition.clone() {
            // Nothing changes of what has to stay as it is.
            Some(condition) if update.is_empty() => transaction.check(key, condition, refused),
            _ => transaction.update(key, update, Some(refused)),
        }
    }

    fn update(&self) -> Update {
        let mut conditions = vec![Condition::Exists];
        if self.only {
            conditions.push(Condition::Without(WIDE));
        }
        let mut sums: BTreeMap<String, i128> = BTreeMap::new();
        for metric in Metric::ALL {
            *sums.entry(format!("u{}", letter(metric))).or_default() += self.used.of(metric);
            *sums.entry(taken_name(metric).to_owned()).or_default() += self.taken.of(metric);
            for (expires, amount) in &self.held {
                *sums.entry(held_name(*expires, metric)).or_default() += amount.of(metric);
            }
            for (expires, amount) in &self.over {
                *sums.entry(held_name(*expires, metric)).or_default() -= amount.of(metric);
            }
        }
        // Every hold is of a request at least: where its number is gone, the hold was freed.
        let there = |expires: &i64| Condition::Has(held_name(*expires, Metric::Requests));
        conditions.extend(self.over.keys().map(there));
        let mut update = Update::new();
        for (name, sum) in sums.into_iter().filter(|(_, sum)| *sum != 0) {
            update = update.add(name, sum);
        }
        let mut freed = Amounts::default();
        for (expires, amount) in &self.freed {
            freed += *amount;
            for metric in Metric::ALL {
                let name = held_name(*expires, metric);
                if amount.of(metric) != 0 || metric == Metric::Requests {
                    conditions.push(Condition::Is(name.clone(), amount.of(metric).into()));
                }
                update = update.remove(name);
            }
        }
        for (metric, most) in &self.most {
            let most = most.saturating_add(freed.of(*metric));
            conditions.push(Condition::AtMost(taken_name(*metric), most.into()));
        }
        for (metric, taken) in &self.as_read {
            conditions.push(Condition::Equals(taken_name(*metric), (*taken).into()));
        }
        update.when(Condition::All(conditions))
    }
}
