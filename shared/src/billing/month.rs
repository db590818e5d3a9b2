//! A month as it is billed: its span, what its terms make of it, what was used in it, and how it stood when it was
//! billed last.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Exact, Figures};
use crate::{
    account::{Account, BillingPeriod},
    id::InvoiceId,
    money::Pico,
    plan::{Allowance, Catalogue, PlanMissing, PlanRef},
};

/// What a month's terms make of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthTerms {
    /// What is included: each plan's for its share of the month, summed and then rounded up.
    pub allowance: Allowance,
    /// Whether any of its plans has a price: else nothing of it is billed.
    pub is_priced: bool,
    /// Its plans, the first one first.
    pub plans: Vec<PlanRef>,
}

impl MonthTerms {
    /// Those of an account's month.
    ///
    /// # Errors
    /// When one of its plans is not in the catalogue.
    pub fn of(
        account: &Account,
        plans: &Catalogue,
        month: BillingPeriod,
    ) -> Result<Self, PlanMissing> {
        let (start, end) = (month.starts_at(&account.zones), month.ends_at(&account.zones));
        let whole = nanoseconds(start, end);
        let (mut requests, mut tokens, mut is_priced) = (0, 0, false);
        let mut in_force: Vec<PlanRef> = Vec::new();
        for (reference, from, to) in account.terms().within(start, end) {
            let plan = plans.require(reference)?;
            let share = nanoseconds(from, to);
            requests += u128::from(plan.included.requests) * share;
            tokens += u128::from(plan.included.tokens) * share;
            is_priced |= plan.monthly_price > Pico::ZERO;
            if !in_force.contains(reference) {
                in_force.push(reference.clone());
            }
        }
        let of_month = |sum: u128| u64::try_from(sum.div_ceil(whole.max(1))).unwrap_or(u64::MAX);
        let allowance = Allowance { requests: of_month(requests), tokens: of_month(tokens) };
        Ok(Self { allowance, is_priced, plans: in_force })
    }
}

fn nanoseconds(from: Timestamp, to: Timestamp) -> u128 {
    u128::try_from(to.as_nanosecond() - from.as_nanosecond()).unwrap_or(0)
}

/// How a month stood when it was billed last.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Billed {
    /// What had been used in it: differences that were billed are counted in.
    pub figures: Figures,
    /// What was included in it.
    pub allowance: Allowance,
    /// The invoices that bill it, which hold its days.
    #[serde(default)]
    pub invoices: Vec<InvoiceId>,
    /// What was counted until then is billed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// A month to be billed.
#[derive(Debug, Clone)]
pub struct Month {
    /// Which.
    pub period: BillingPeriod,
    /// From where it is billed.
    pub start: Timestamp,
    /// Where it ends.
    pub end: Timestamp,
    /// What its terms make of it.
    pub terms: MonthTerms,
    /// What was used in it by now.
    pub figures: Figures,
    /// How it stood when it was billed last.
    pub billed: Billed,
}

impl Month {
    /// What is to be charged for it by now beyond what was billed, exact.
    #[must_use]
    pub fn difference(&self) -> Exact {
        let before = self.billed.figures.net(self.billed.allowance);
        self.figures.net(self.terms.allowance) - before
    }

    /// Whether it has been used, or taken back, otherwise than it was billed.
    #[must_use]
    pub fn has_changed(&self) -> bool {
        self.terms.is_priced && self.figures != self.billed.figures
    }
}
