//! How use stands to a plan's limits.

use serde::Serialize;

use super::Totals;
use crate::plan::Plan;

/// How far each limit is reached, rounded down.
#[derive(Clone, Copy, Serialize, utoipa::ToSchema)]
pub struct Percents {
    /// Of the limit of requests, in whole percents.
    pub requests: u64,
    /// Of the limit of tokens.
    pub tokens: u64,
    /// Of the limit of cost.
    pub cost: u64,
}

/// How the period stands to the plan's limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UsageState {
    /// Under 80 % of every limit.
    Ok,
    /// 80 % of a limit or more.
    Warning,
    /// 90 % of a limit or more.
    Critical,
    /// A limit is reached.
    Over,
}

impl UsageState {
    /// The state at a percentage.
    #[must_use]
    pub fn of(percent: u64) -> Self {
        match percent {
            0..80 => Self::Ok,
            80..90 => Self::Warning,
            90..100 => Self::Critical,
            _ => Self::Over,
        }
    }

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Critical => "critical",
            Self::Over => "over",
        }
    }
}

impl Percents {
    /// What was used of a plan's limits.
    #[must_use]
    pub fn of(used: &Totals, plan: &Plan) -> Self {
        let percent = |used: i128, limit: i128| {
            u64::try_from(used.saturating_mul(100) / limit.max(1)).unwrap_or(u64::MAX)
        };
        let limits = &plan.limits;
        Self {
            requests: percent(used.requests.into(), limits.requests.into()),
            tokens: percent(used.tokens().into(), limits.tokens.into()),
            cost: percent(used.cost.get(), limits.cost.get()),
        }
    }

    /// Of the limit that is nearest.
    #[must_use]
    pub fn highest(self) -> u64 {
        self.requests.max(self.tokens).max(self.cost)
    }
}
