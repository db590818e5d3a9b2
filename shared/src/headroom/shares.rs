//! A ledger in shares. A hot account's requests would meet on one item: its ledger lies in several, each with an
//! even share of every limit. Whoever wants room takes it of one of them. Where that one is full, or another is
//! past its share, what is taken is levelled: moved between the shares, so that their sum stays what it was.

use jiff::Timestamp;

use super::{Amounts, Change, Ledger};
use crate::{account::Account, usage::Metric};

/// So many shares: five hundred requests a second are sixty a share.
pub(super) const SHARES: u16 = 8;

/// What is left is parted evenly while each part has room for so many requests like the one that asks.
const ROOMY: i128 = 16;

/// In how many shares an account's ledgers are to lie: a hot one's are what its usage is, spread. A ledger itself
/// says whether it does.
#[must_use]
pub fn shares_of(account: &Account) -> u16 {
    if account.spread.most_counters() > 1 { SHARES } else { 1 }
}

/// A ledger, share by share.
#[derive(Debug, Clone, Default)]
pub struct Shares(Vec<Ledger>);

impl From<Vec<Ledger>> for Shares {
    fn from(ledgers: Vec<Ledger>) -> Self {
        Self(ledgers)
    }
}

impl Shares {
    /// What was used.
    #[must_use]
    pub fn used(&self) -> Amounts {
        self.sum(|ledger| ledger.used)
    }

    /// What is held at a moment.
    #[must_use]
    pub fn held(&self, now: Timestamp) -> Amounts {
        self.sum(|ledger| ledger.held(now))
    }

    /// What is used and held at a moment. Not what is taken share by share: that may move from one to another
    /// while they are read.
    #[must_use]
    pub fn taken(&self, now: Timestamp) -> Amounts {
        self.used() + self.held(now)
    }

    fn sum(&self, of: impl Fn(&Ledger) -> Amounts) -> Amounts {
        self.0.iter().fold(Amounts::default(), |sum, ledger| sum + of(ledger))
    }

    /// Whether what is taken is what is used and held, of all shares together.
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.sum(Ledger::booked) == self.sum(|ledger| ledger.taken)
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.len() as u64
    }

    /// One of the shares.
    #[must_use]
    pub fn share(&self, share: u16) -> Option<&Ledger> {
        self.0.get(usize::from(share))
    }

    /// The share that a request takes its room of: the drawn one, or the first other that has room for it. The first
    /// of all where none has: there what is left is gathered.
    #[must_use]
    pub fn choose(
        &self,
        drawn: u16,
        amount: Amounts,
        most: &[(Metric, i128)],
        now: Timestamp,
    ) -> u16 {
        let fits = |place: &usize| self.fits(*place, amount, most, now);
        let place = [usize::from(drawn)].into_iter().chain(0..self.0.len()).find(fits);
        place.and_then(|place| u16::try_from(place).ok()).unwrap_or_default()
    }

    /// The changes that hold an amount in a share until a moment, if no more than this is taken of these metrics
    /// afterwards, of all shares together. There has to be room by what was read.
    #[must_use]
    pub fn hold(
        &self,
        share: u16,
        amount: Amounts,
        expires: i64,
        most: &[(Metric, i128)],
        now: Timestamp,
    ) -> Vec<(u16, Change)> {
        let here = usize::from(share);
        let is_past = |place: usize| !self.fits(place, Amounts::default(), most, now);
        let only = self.0.len() == 1;
        let past = || !self.fits(here, amount, most, now) || (0..self.0.len()).any(is_past);
        let level = !only && past();
        let touched = self.0.iter().enumerate().filter(|(place, _)| level || *place == here);
        let changes = touched.map(|(place, ledger)| {
            let mut change = Change::default();
            change.free_expired(ledger, now);
            change.only = only;
            if place == here {
                let part = |(metric, limit): &(Metric, i128)| (*metric, self.part(*limit, place));
                let parts: Vec<_> = most.iter().map(part).collect();
                // Levelled, it fits by what the shares were read as.
                change.hold(amount, expires, if level { &[] } else { &parts });
            }
            for (metric, limit) in most.iter().filter(|_| level) {
                let wanted = amount.of(*metric);
                let after =
                    self.part(*limit, place) - self.room(*metric, *limit, wanted, place, now);
                let own = if place == here { wanted } else { 0 };
                let by = after - ledger.taken_by(now).of(*metric) - own;
                change.move_taken(*metric, by, ledger);
            }
            (u16::try_from(place).unwrap_or(u16::MAX), change)
        });
        changes.collect()
    }

    /// Whether a share has room for an amount.
    fn fits(&self, place: usize, amount: Amounts, most: &[(Metric, i128)], now: Timestamp) -> bool {
        let Some(ledger) = self.0.get(place) else { return false };
        let taken = ledger.taken_by(now) + amount;
        most.iter().all(|(metric, limit)| taken.of(*metric) <= self.part(*limit, place))
    }

    /// The room that a share has once they are levelled: an even part of what is left, or all of it in the first
    /// where so little is left that its parts would be too small.
    fn room(
        &self,
        metric: Metric,
        limit: i128,
        wanted: i128,
        place: usize,
        now: Timestamp,
    ) -> i128 {
        let taken = self.sum(|ledger| ledger.taken_by(now)).of(metric);
        let left = limit - taken - wanted;
        let small = left / i128::from(SHARES) < wanted.saturating_mul(ROOMY);
        match (small, place) {
            (false, _) => self.part(left, place),
            (true, 0) => left,
            (true, _) => 0,
        }
    }

    /// A share's part of something: the parts add up to all of it.
    fn part(&self, whole: i128, place: usize) -> i128 {
        let number = |count: usize| i128::try_from(count).unwrap_or(i128::MAX);
        let (count, place) = (number(self.0.len().max(1)), number(place));
        let until = |place: i128| whole / count * place + whole % count * place / count;
        until(place + 1) - until(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_limit_add_up_to_it() {
        let shares = Shares::from(vec![Ledger::default(); usize::from(SHARES)]);
        for whole in [0, 1, 7, 8, 50_000_001, 100 * 10_i128.pow(12) + 3] {
            let parts = (0..usize::from(SHARES)).map(|place| shares.part(whole, place));
            assert_eq!(parts.sum::<i128>(), whole);
        }
    }
}
