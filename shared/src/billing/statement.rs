//! What is to be billed of an account, put together from what was read: for a preview, a draft and the invoice
//! alike.

use super::{Base, Bill, Months, PastCounting, PlanSnapshot, Statement};
use crate::{
    account::{Account, AccountStatus, BillingPeriod, Subscription, SubscriptionState},
    app::App,
    error::{Code, Error},
    money::Pico,
    plan::PlanMissing,
};

/// Why an account cannot be billed: a deployment lost something, and nothing is charged by guess.
#[derive(Debug, thiserror::Error)]
pub enum Unbillable {
    /// One of its plans.
    #[error(transparent)]
    Plan(#[from] PlanMissing),
    /// An amount.
    #[error(transparent)]
    Amount(#[from] PastCounting),
}

impl From<Unbillable> for Error {
    fn from(error: Unbillable) -> Self {
        Self::fault(Code::Internal, error)
    }
}

/// The price of the month after one that closes, where the account goes on with a plan that has one.
///
/// # Errors
/// When its plan is not in the catalogue.
pub fn base_after(
    app: &App,
    account: &Account,
    subscription: &Subscription,
    closed: BillingPeriod,
) -> Result<Option<Base>, PlanMissing> {
    let start = closed.ends_at(&account.zones);
    let goes_on = account.status == AccountStatus::Active
        && !account.is_barred(start)
        && matches!(subscription.state, SubscriptionState::Active | SubscriptionState::PastDue);
    let plan = app.plans.require(account.plan_at(start))?;
    if !goes_on || plan.monthly_price == Pico::ZERO {
        return Ok(None);
    }
    let end = closed.next().ends_at(&account.zones);
    Ok(Some(Base { plan: PlanSnapshot::from(plan), start, end, share: (1, 1) }))
}

/// What is to be billed at a month's close.
///
/// # Errors
/// When a plan is not in the catalogue.
pub fn statement(
    app: &App,
    account: &Account,
    months: &Months,
    closed: BillingPeriod,
    base: Option<Base>,
    credit: Pico,
) -> Result<Statement, PlanMissing> {
    Ok(Statement {
        closed: months.month(account, &app.plans, closed)?,
        earlier: months.earlier(account, &app.plans, closed)?,
        base,
        tax: app.tax.of(account.billing_country, &account.tax_id),
        credit,
    })
}

impl Statement {
    /// What an account's next invoice comes to by now.
    ///
    /// # Errors
    /// When it cannot be billed.
    pub fn preview(
        app: &App,
        account: &Account,
        subscription: &Subscription,
        months: &Months,
        credit: Pico,
    ) -> Result<(BillingPeriod, Bill), Unbillable> {
        let closed = super::closing(account, app.clock.now());
        let base = base_after(app, account, subscription, closed)?;
        let statement = statement(app, account, months, closed, base, credit)?;
        Ok((closed, Bill::of(&statement)?))
    }
}
