//! What use is measured in.

use crate::{account::ZonePlan, money::Pico, plan::Plan, web::Text};

use super::{Totals, outlook::Course};

/// One of the numbers that a plan limits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Metric {
    /// What models were asked.
    Requests,
    /// In and out.
    #[default]
    Tokens,
    /// In the currency.
    Cost,
}

/// Amounts of money are drawn and extrapolated in 10^-12 units, and drawn no finer than this.
const DRAWN: u32 = 1_000;

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

    /// The message that names it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Requests => "usage-requests",
            Self::Tokens => "usage-tokens",
            Self::Cost => "usage-cost",
        }
    }

    /// How much was used; money in 10^-12 units.
    #[must_use]
    pub fn of(self, used: &Totals) -> u128 {
        match self {
            Self::Requests => used.requests.into(),
            Self::Tokens => used.tokens().into(),
            Self::Cost => u128::try_from(used.cost.get()).unwrap_or(0),
        }
    }

    /// How much of it the plan allows in a period.
    #[must_use]
    pub fn limit(self, plan: &Plan) -> u128 {
        match self {
            Self::Requests => plan.limits.requests.into(),
            Self::Tokens => plan.limits.tokens.into(),
            Self::Cost => u128::try_from(plan.limits.cost.get()).unwrap_or(0),
        }
    }

    /// An amount in the reader's words; money to the cent.
    #[must_use]
    pub fn words(self, text: &Text, amount: u128) -> String {
        match self {
            Self::Requests | Self::Tokens => text.format().number(whole(amount)),
            Self::Cost => {
                let amount = Pico::new(i128::try_from(amount).unwrap_or(i128::MAX));
                text.money(amount.rounded())
            }
        }
    }

    /// An amount as it was drawn, as short as an axis wants it: its ends are round.
    #[must_use]
    pub fn short(self, text: &Text, drawn: u64) -> String {
        match self {
            Self::Requests | Self::Tokens => text.short(drawn),
            Self::Cost => self.exact(text, drawn),
        }
    }

    /// An amount as it was drawn, to its last decimal.
    #[must_use]
    pub fn exact(self, text: &Text, drawn: u64) -> String {
        match self {
            Self::Requests | Self::Tokens => text.format().number(drawn),
            Self::Cost => text.money(Pico::new(i128::from(drawn) * i128::from(DRAWN))),
        }
    }

    /// An amount as charts draw it.
    #[must_use]
    pub fn drawn(self, amount: u128) -> u64 {
        match self {
            Self::Requests | Self::Tokens => whole(amount),
            Self::Cost => whole(amount / u128::from(DRAWN)),
        }
    }

    /// Where a period leads at its pace so far, in words; nothing while it is too early.
    #[must_use]
    pub fn outlook(
        self,
        text: &Text,
        zones: &ZonePlan,
        course: Course,
        used: u128,
        limit: u128,
    ) -> String {
        let Some(outlook) = course.outlook(used, limit) else { return String::new() };
        match outlook.full_at {
            Some(at) => text.with("usage-outlook-full", "day", text.format().day(&zones.day(at))),
            None => text.with("usage-outlook", "amount", self.words(text, outlook.expected)),
        }
    }
}

fn whole(amount: u128) -> u64 {
    u64::try_from(amount).unwrap_or(u64::MAX)
}
