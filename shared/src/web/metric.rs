//! Amounts of use in the reader's words.

use jiff::civil::Date;

use crate::{
    account::ZonePlan,
    money::Pico,
    usage::{Course, LimitedBy, Metric},
};

use super::Text;

impl Metric {
    /// The message that names it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Requests => "usage-requests",
            Self::Tokens => "usage-tokens",
            Self::Cost => "usage-cost",
        }
    }

    /// An amount in the reader's words. Money is given in 10^-12 of the currency's unit and told to
    /// the cent.
    #[must_use]
    pub fn words(self, text: &Text, amount: u128) -> String {
        match self {
            Self::Requests | Self::Tokens => {
                text.format().number(u64::try_from(amount).unwrap_or(u64::MAX))
            }
            Self::Cost => {
                let amount = Pico::new(i128::try_from(amount).unwrap_or(i128::MAX));
                text.money(amount.rounded())
            }
        }
    }

    /// That requests are refused because a limit of this is reached, and until when: the first day of the next
    /// period.
    #[must_use]
    pub fn refused_until(self, text: &Text, by: LimitedBy, day: &Date) -> String {
        let id = match by {
            LimitedBy::Plan => "usage-refused-plan",
            LimitedBy::Cap => "usage-refused-cap",
        };
        let metric = text.get(&format!("metric-{}", self.as_str()));
        text.with2(id, ("day", &text.format().date(day)), ("metric", &metric))
    }

    /// Where a period leads at its pace so far, in words; nothing while it is too early. Money is
    /// given in 10^-12 of the currency's unit.
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
