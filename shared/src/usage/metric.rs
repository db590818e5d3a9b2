//! What use is measured in.

use crate::plan::Plan;

use super::Totals;

/// One of the numbers that a plan limits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
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

    /// How much of it the plan allows in a period; money in 10^-12 of the currency's unit.
    #[must_use]
    pub fn limit(self, plan: &Plan) -> u128 {
        match self {
            Self::Requests => plan.limits.requests.into(),
            Self::Tokens => plan.limits.tokens.into(),
            Self::Cost => u128::try_from(plan.limits.cost.get()).unwrap_or(0),
        }
    }
}
