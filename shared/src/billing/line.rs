//! A line of an invoice.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Figures, Month};
use crate::{
    account::BillingPeriod,
    id::LineId,
    money::Pico,
    plan::{AiType, Allowance, Plan, PlanRef},
    usage::Totals,
};

/// What a line is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// What was used of one AI type in the closed month, at list prices.
    Usage,
    /// What the plan includes of it, as a credit.
    Included,
    /// What was used in an earlier month and told later.
    LateUsage,
    /// What of an earlier month was taken back.
    Correction,
    /// The plan's price for the next month.
    Base,
}

impl LineKind {
    /// Its name in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Usage => "usage",
            Self::Included => "included",
            Self::LateUsage => "late_usage",
            Self::Correction => "correction",
            Self::Base => "base",
        }
    }

    /// Whether it opens to days and requests.
    #[must_use]
    pub fn is_usage(self) -> bool {
        matches!(self, Self::Usage | Self::LateUsage | Self::Correction)
    }
}

/// Some use more, or less, than there was.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Requests.
    #[serde(rename = "r")]
    pub requests: i64,
    /// Tokens in.
    #[serde(rename = "i")]
    pub input_tokens: i64,
    /// Tokens out.
    #[serde(rename = "o")]
    pub output_tokens: i64,
    /// At list prices, exact.
    #[serde(rename = "c")]
    pub cost: Pico,
}

impl Change {
    /// What there is now beyond what there was.
    #[must_use]
    pub fn between(before: &Totals, now: &Totals) -> Self {
        let more = |now: u64, before: u64| {
            i64::try_from(i128::from(now) - i128::from(before)).unwrap_or(i64::MAX)
        };
        Self {
            requests: more(now.requests, before.requests),
            input_tokens: more(now.input_tokens, before.input_tokens),
            output_tokens: more(now.output_tokens, before.output_tokens),
            cost: Pico::new(now.cost.get() - before.cost.get()),
        }
    }

    /// Tokens in and out together.
    #[must_use]
    pub fn tokens(&self) -> i64 {
        self.input_tokens.saturating_add(self.output_tokens)
    }

    /// Whether nothing changed.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// Adds another change to this.
    pub fn add(&mut self, other: &Self) {
        self.requests = self.requests.saturating_add(other.requests);
        self.input_tokens = self.input_tokens.saturating_add(other.input_tokens);
        self.output_tokens = self.output_tokens.saturating_add(other.output_tokens);
        self.cost += other.cost;
    }
}

/// The plan that a line is for, as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanSnapshot {
    /// Which, and the version of its terms.
    #[serde(flatten)]
    pub plan: PlanRef,
    /// What it was called, by language.
    pub name: BTreeMap<String, String>,
    /// What it cost a month.
    pub price: Pico,
}

impl From<&Plan> for PlanSnapshot {
    fn from(plan: &Plan) -> Self {
        Self { plan: plan.reference(), name: plan.name.clone(), price: plan.monthly_price }
    }
}

impl PlanSnapshot {
    /// What it was called in a language.
    #[must_use]
    pub fn name_in(&self, language: &str) -> &str {
        let name = self.name.get(language).or_else(|| self.name.get("en"));
        name.map_or(&self.plan.id, String::as_str)
    }
}

/// A line, as the engine makes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Its id, once it stands on an invoice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<LineId>,
    /// What it is for.
    pub kind: LineKind,
    /// With two decimals; below zero where it is a credit.
    pub amount: Pico,
    /// From when it is.
    pub start: Timestamp,
    /// Until when.
    pub end: Timestamp,
    /// The AI type that was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ai_type: Option<AiType>,
    /// What was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used: Option<Change>,
    /// The plan that it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<PlanSnapshot>,
    /// The plans whose prices what was used has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prices: Vec<PlanRef>,
    /// What is included in the month.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub included: Option<Allowance>,
    /// What was counted until then was billed before; the line bills what was counted after it, until the invoice
    /// went out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counted_from: Option<Timestamp>,
}

impl Line {
    /// A line of a span of time.
    #[must_use]
    pub fn new(kind: LineKind, amount: Pico, (start, end): (Timestamp, Timestamp)) -> Self {
        let (id, ai_type, used, plan) = (None, None, None, None);
        let (prices, included, counted_from) = (Vec::new(), None, None);
        Self { id, kind, amount, start, end, ai_type, used, plan, prices, included, counted_from }
    }

    /// For what was used in a month beyond what there was.
    #[must_use]
    pub fn using(self, month: &Month, before: &Totals, now: &Totals) -> Self {
        let (used, prices) = (Some(Change::between(before, now)), month.terms.plans.clone());
        Self { used, prices, counted_from: month.billed.until, ..self }
    }
}

/// What was used on each day and of each AI type, as lines open to it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Days(Vec<DayUse>);

/// What was used of one AI type on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayUse {
    /// The day, in the account's zone.
    pub day: jiff::civil::Date,
    /// The AI type.
    pub ai_type: AiType,
    /// What was used.
    #[serde(flatten)]
    pub used: Change,
}

impl Days {
    /// What there is on each day beyond what was billed of it.
    #[must_use]
    pub fn between(before: &[Self], now: &BTreeMap<jiff::civil::Date, Figures>) -> Self {
        let mut days: BTreeMap<(jiff::civil::Date, AiType), Change> = BTreeMap::new();
        for (day, figures) in now {
            for (ai_type, used) in &figures.by_type {
                let used = Change::between(&Totals::default(), used);
                days.entry((*day, *ai_type)).or_default().add(&used);
            }
        }
        for DayUse { day, ai_type, used } in before.iter().flat_map(|days| &days.0) {
            let less = Change {
                requests: -used.requests,
                input_tokens: -used.input_tokens,
                output_tokens: -used.output_tokens,
                cost: Pico::new(-used.cost.get()),
            };
            days.entry((*day, *ai_type)).or_default().add(&less);
        }
        let changed = days.into_iter().filter(|(_, used)| !used.is_none());
        Self(changed.map(|((day, ai_type), used)| DayUse { day, ai_type, used }).collect())
    }

    /// Those of one AI type, or of all together, in the order of time.
    #[must_use]
    pub fn of(&self, ai_type: Option<AiType>) -> BTreeMap<jiff::civil::Date, Change> {
        let mut days: BTreeMap<jiff::civil::Date, Change> = BTreeMap::new();
        let of_type = |it: &&DayUse| ai_type.is_none_or(|wanted| it.ai_type == wanted);
        for it in self.0.iter().filter(of_type) {
            days.entry(it.day).or_default().add(&it.used);
        }
        days
    }
}

/// What an invoice's lines open to: the days of each month that it bills something of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    months: BTreeMap<String, Days>,
}

impl Opened {
    /// With a month's days.
    pub fn insert(&mut self, period: BillingPeriod, days: Days) {
        if !days.0.is_empty() {
            self.months.insert(period.to_string(), days);
        }
    }

    /// A month's days.
    #[must_use]
    pub fn month(&self, period: BillingPeriod) -> Option<&Days> {
        self.months.get(&period.to_string())
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.months.is_empty()
    }
}
