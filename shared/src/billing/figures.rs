//! What was used in a month, as bills need it: by AI type, and which part of its cost is by request.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Exact;
use crate::{
    money::Pico,
    plan::{AiType, Allowance},
    usage::{Counters, Totals},
};

/// What was used in a month.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// By AI type, at list prices.
    pub by_type: BTreeMap<AiType, Totals>,
    /// Which part of the cost is by request; the rest is by token.
    pub request_cost: Pico,
}

impl Figures {
    /// All types together.
    #[must_use]
    pub fn totals(&self) -> Totals {
        self.by_type.values().fold(Totals::default(), |mut sum, used| {
            sum.add(used);
            sum
        })
    }

    /// What of one type was used.
    #[must_use]
    pub fn of(&self, ai_type: AiType) -> Totals {
        self.by_type.get(&ai_type).copied().unwrap_or_default()
    }

    /// Adds what one counter counted.
    pub fn add(&mut self, counters: &Counters) {
        self.add_parts(&counters.by_type, counters.request_cost);
    }

    /// Adds other figures to these.
    pub fn merge(&mut self, other: &Self) {
        self.add_parts(&other.by_type, other.request_cost);
    }

    fn add_parts(&mut self, by_type: &BTreeMap<AiType, Totals>, by_request: Pico) {
        for (ai_type, used) in by_type {
            self.by_type.entry(*ai_type).or_default().add(used);
        }
        self.request_cost += by_request;
    }

    /// What of the cost an allowance covers, at the month's average price: it does not depend on the order in
    /// which things were used.
    #[must_use]
    pub fn included(&self, allowance: Allowance) -> Exact {
        let used = self.totals();
        let by_token = Pico::new(used.cost.get() - self.request_cost.get());
        covered(self.request_cost, allowance.requests, used.requests)
            + covered(by_token, allowance.tokens, used.tokens())
    }

    /// What is charged for it beyond the allowance, exact.
    #[must_use]
    pub fn net(&self, allowance: Allowance) -> Exact {
        Exact::from(self.totals().cost) - self.included(allowance)
    }
}

impl From<&Counters> for Figures {
    fn from(counters: &Counters) -> Self {
        let mut figures = Self::default();
        figures.add(counters);
        figures
    }
}

fn covered(cost: Pico, allowed: u64, used: u64) -> Exact {
    if allowed >= used {
        return Exact::from(cost);
    }
    Exact::share(cost, allowed.into(), used.into())
}
