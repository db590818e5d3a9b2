//! When a month closes: at its end its invoice is drafted, and after the grace it goes out. The timer of a month is
//! set with the first thing in it that is billed; who has nothing to bill has none, and costs nothing.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::GRACE;
use crate::{
    account::{Account, BillingPeriod},
    app::App,
    id::InvoiceId,
    plan::Catalogue,
    table::{Key, Tenant, Update},
    timer::{TimerKind, set_timer},
};

/// What is done when a month closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The invoice is drafted.
    Draft,
    /// It goes out.
    Final,
}

/// What the timer of a month has beside.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Closing {
    /// The month, as its first day.
    month: Date,
    /// What is to be done.
    pub stage: Stage,
    /// The draft, once there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draft: Option<InvoiceId>,
}

impl Closing {
    /// The month that closes.
    #[must_use]
    pub fn period(&self) -> BillingPeriod {
        BillingPeriod::of(self.month)
    }
}

/// The change that has a month closed when it ends.
#[must_use]
pub fn close_month(app: &App, account: &Account, period: BillingPeriod) -> (Key, Update) {
    at_stage(app, account, period, Stage::Draft)
}

/// The change that has a stage of a month's close done when it is due: the draft at its end, the rest after the grace.
#[must_use]
pub fn at_stage(
    app: &App,
    account: &Account,
    period: BillingPeriod,
    stage: Stage,
) -> (Key, Update) {
    let end = period.ends_at(&account.zones);
    let (due, stage) = match stage {
        Stage::Draft => (end, "draft"),
        Stage::Final => (end + GRACE, "final"),
    };
    let tenant = Tenant::of_record(account);
    let (key, update) = set_timer(app, tenant, TimerKind::Closing, &period.to_string(), due);
    (key, update.set("month", period.first().to_string()).set("stage", stage))
}

/// Whether what is used in a month is billed: whether any of its plans has a price. What is not in the catalogue
/// counts as one that has, so that the closing finds out.
#[must_use]
pub fn is_billed(account: &Account, plans: &Catalogue, period: BillingPeriod) -> bool {
    super::MonthTerms::of(account, plans, period).map_or(true, |terms| terms.is_priced)
}
