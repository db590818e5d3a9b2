//! What use is measured in.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::Totals;
use crate::money::{Money, Pico};

/// One of the numbers that a plan limits.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// How often a model was asked.
    Requests,
    /// What went in and what came out, in tokens.
    #[default]
    Tokens,
    /// Money, in 10^-12 of the currency's unit.
    Cost,
}

impl Metric {
    /// All of them, as plans list them.
    pub const ALL: [Self; 3] = [Self::Requests, Self::Tokens, Self::Cost];

    /// Its name in addresses.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Tokens => "tokens",
            Self::Cost => "cost",
        }
    }

    /// How much was used; money in 10^-12 of the currency's unit.
    #[must_use]
    pub fn of(self, used: &Totals) -> u128 {
        match self {
            Self::Requests => used.requests.into(),
            Self::Tokens => used.tokens().into(),
            Self::Cost => u128::try_from(used.cost.get()).unwrap_or(0),
        }
    }
}

/// An amount of a metric in its smallest unit; money in 10^-12 of the currency's unit. It is stored as text, which
/// holds any number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Units(pub u128);

impl fmt::Display for Units {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Units {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Units {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map(Self).map_err(de::Error::custom)
    }
}

/// An amount of a metric as the API speaks of it: a number, or money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum Quantity {
    /// Requests or tokens.
    Number(u64),
    /// Cost.
    Money(Money),
}

impl Quantity {
    /// So much of a metric, nothing below zero; money in 10^-12 of the currency's unit.
    #[must_use]
    pub fn new(metric: Metric, amount: i128) -> Self {
        match metric {
            Metric::Cost => Self::Money(Pico::new(amount.max(0)).into()),
            Metric::Requests | Metric::Tokens => {
                Self::Number(u64::try_from(amount.max(0)).unwrap_or(u64::MAX))
            }
        }
    }

    /// The same of what cannot be below zero.
    #[must_use]
    pub fn of_units(metric: Metric, amount: u128) -> Self {
        Self::new(metric, i128::try_from(amount).unwrap_or(i128::MAX))
    }
}
