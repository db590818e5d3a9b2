//! At which thresholds a client wants to be told.

use serde::{Deserialize, Serialize};

use crate::usage::{Metric, Units, is_crossed};

/// A client has so many thresholds at most.
pub const MOST_THRESHOLDS: usize = 30;

/// Where a client is told that its use has come so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Threshold {
    /// Of what.
    pub metric: Metric,
    /// How far.
    #[serde(flatten)]
    pub at: Mark,
}

/// How far use has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// Whole percents of the limit in force.
    Percent(u32),
    /// So much, whatever the limit is.
    Amount(Units),
}

impl Mark {
    /// Whether use has come so far: exactly there counts.
    #[must_use]
    pub fn is_crossed(self, used: u128, limit: u128) -> bool {
        match self {
            Self::Percent(percent) => is_crossed(used, percent, limit),
            Self::Amount(amount) => used >= amount.0,
        }
    }

    /// Where it lies in hundredths of the metric's unit: what is higher is told in the place of what is lower.
    #[must_use]
    pub fn height(self, limit: u128) -> u128 {
        match self {
            Self::Percent(percent) => limit.saturating_mul(percent.into()),
            Self::Amount(amount) => amount.0.saturating_mul(100),
        }
    }
}

/// What a client wants to be told of its use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertSettings {
    /// At which thresholds, in order, each once.
    pub thresholds: Vec<Threshold>,
    /// Whether it is told when its pace leads past a limit.
    pub pace: bool,
    /// Counts the changes.
    pub version: u64,
}

impl Default for AlertSettings {
    /// At 80, 90 and 100 percent of each limit.
    fn default() -> Self {
        let thresholds = Metric::ALL.into_iter().flat_map(|metric| {
            [80, 90, 100].map(|percent| Threshold { metric, at: Mark::Percent(percent) })
        });
        Self { thresholds: thresholds.collect(), pace: true, version: 0 }
    }
}

impl AlertSettings {
    /// Whether nobody has changed anything.
    #[must_use]
    pub fn is_untouched(&self) -> bool {
        self.version == 0
    }

    /// Where a metric's use is told.
    pub fn of(&self, metric: Metric) -> impl Iterator<Item = Mark> + '_ {
        self.thresholds.iter().filter(move |it| it.metric == metric).map(|it| it.at)
    }
}
