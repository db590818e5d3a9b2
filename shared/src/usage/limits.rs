//! How use stands to the limits in force: the plan's, and the client's own cap of cost.

use serde::Serialize;

use super::{Metric, Totals};
use crate::{
    money::Pico,
    plan::{Enforcement, Limits, Plan},
};

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

/// How the period stands to the limits.
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

/// Whose a limit is that requests are refused at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitedBy {
    /// The plan's.
    Plan,
    /// The client's own.
    Cap,
}

/// What an account may use in a billing period.
#[derive(Debug, Clone, Copy)]
pub struct LimitsInForce {
    plan: Limits,
    enforcement: Enforcement,
    cap: Option<Pico>,
}

impl LimitsInForce {
    /// A plan's, with the client's own cap of cost.
    #[must_use]
    pub fn new(plan: &Plan, cap: Option<Pico>) -> Self {
        Self { plan: plan.limits, enforcement: plan.enforcement, cap }
    }

    /// The limit in force, whether it blocks or only counts; money in 10^-12 of the currency's unit.
    #[must_use]
    pub fn of(&self, metric: Metric) -> u128 {
        let money = |amount: Pico| u128::try_from(amount.get()).unwrap_or(0);
        match metric {
            Metric::Requests => self.plan.requests.into(),
            Metric::Tokens => self.plan.tokens.into(),
            Metric::Cost => money(self.cost()),
        }
    }

    /// The limit of cost in force: the lower of plan and cap.
    #[must_use]
    pub fn cost(&self) -> Pico {
        self.cap.map_or(self.plan.cost, |cap| cap.min(self.plan.cost))
    }

    /// Where requests are refused, and whose limit that is.
    #[must_use]
    pub fn blocking(&self, metric: Metric) -> Option<(u128, LimitedBy)> {
        let of_plan = (self.enforcement == Enforcement::Hard).then_some(LimitedBy::Plan);
        let money = |amount: Pico| u128::try_from(amount.get()).unwrap_or(0);
        match (metric, self.cap) {
            (Metric::Cost, Some(cap)) if of_plan.is_none() || cap <= self.plan.cost => {
                Some((money(cap), LimitedBy::Cap))
            }
            (Metric::Cost, _) => of_plan.map(|by| (money(self.plan.cost), by)),
            (Metric::Requests | Metric::Tokens, _) => of_plan.map(|by| (self.of(metric), by)),
        }
    }

    /// Where requests are refused by now: the first of the limits that is reached.
    #[must_use]
    pub fn reached(&self, used: impl Fn(Metric) -> u128) -> Option<(Metric, LimitedBy)> {
        Metric::ALL.into_iter().find_map(|metric| {
            let (limit, by) = self.blocking(metric)?;
            is_crossed(used(metric), 100, limit).then_some((metric, by))
        })
    }
}

/// Whether use has reached so many percent of a limit. The one test for pages, replies and everything that is
/// told: exactly there counts.
#[must_use]
pub fn is_crossed(used: u128, percent: u32, limit: u128) -> bool {
    used.saturating_mul(100) >= limit.saturating_mul(percent.into())
}

/// How much of a limit is used, in whole percents rounded down: what it says is crossed is.
#[must_use]
pub fn percent_of(used: u128, limit: u128) -> u64 {
    u64::try_from(used.saturating_mul(100) / limit.max(1)).unwrap_or(u64::MAX)
}

impl Percents {
    /// What was used of the limits in force.
    #[must_use]
    pub fn of(used: &Totals, limits: &LimitsInForce) -> Self {
        let percent = |metric: Metric| percent_of(metric.of(used), limits.of(metric));
        Self {
            requests: percent(Metric::Requests),
            tokens: percent(Metric::Tokens),
            cost: percent(Metric::Cost),
        }
    }

    /// Of one limit.
    #[must_use]
    pub fn metric(self, metric: Metric) -> u64 {
        match metric {
            Metric::Requests => self.requests,
            Metric::Tokens => self.tokens,
            Metric::Cost => self.cost,
        }
    }

    /// Of the limit that is nearest.
    #[must_use]
    pub fn highest(self) -> u64 {
        self.requests.max(self.tokens).max(self.cost)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Catalogue;

    fn blocking(plan: &str, cap: Option<&str>) -> Option<(String, LimitedBy)> {
        let catalogue = Catalogue::embedded().unwrap();
        let cap = cap.map(|text| text.parse().unwrap());
        let limits = LimitsInForce::new(catalogue.newest(plan).unwrap(), cap);
        let (limit, by) = limits.blocking(Metric::Cost)?;
        Some((Pico::new(i128::try_from(limit).unwrap()).to_string(), by))
    }

    #[test]
    fn the_lower_of_a_hard_plan_and_the_cap_blocks_and_a_soft_plan_leaves_it_to_the_cap() {
        let at = |limit: &str, by| Some((limit.to_owned(), by));
        assert_eq!(blocking("starter", None), at("100.00", LimitedBy::Plan));
        assert_eq!(blocking("starter", Some("20")), at("20.00", LimitedBy::Cap));
        assert_eq!(blocking("starter", Some("200")), at("100.00", LimitedBy::Plan));
        assert_eq!(blocking("growth", None), None);
        assert_eq!(blocking("growth", Some("3000")), at("3000.00", LimitedBy::Cap));
    }

    #[test]
    fn exactly_at_a_threshold_is_crossed_and_a_unit_below_is_not() {
        for percent in [80, 90, 100] {
            assert!(is_crossed(u128::from(percent) * 10, percent, 1000));
            assert!(!is_crossed(u128::from(percent) * 10 - 1, percent, 1000));
            assert_eq!(percent_of(u128::from(percent) * 10 - 1, 1000), u64::from(percent) - 1);
        }
    }
}
