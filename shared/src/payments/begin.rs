//! A period that begins later than its month: its base was left out while nothing was paid, or while the account was
//! suspended.

use jiff::Timestamp;

use super::{Matter, Standing, collect_now};
use crate::{
    account::{Account, BillingPeriod, SubscriptionState, subscription_key},
    app::App,
    billing::{
        Balance, Base, Bill, Invoice, PlanSnapshot, Series, Unbillable, close_month, put_invoice,
        send_out,
    },
    error::{Code, Conflicts, Error},
    id::InvoiceId,
    money::Pico,
    table::{Condition, Read, Tenant},
};

/// Whether the base of the present month was left out: for something that began at a moment, or since an earlier month.
#[must_use]
pub fn left_out(
    app: &App,
    account: &Account,
    balance: &Balance,
    since: Option<Timestamp>,
    now: Timestamp,
) -> bool {
    let period = BillingPeriod::at(&account.zones, now);
    let start = period.starts_at(&account.zones);
    let priced = |at| {
        let plan = app.plans.require(account.plan_at(at));
        plan.is_ok_and(|plan| plan.monthly_price > Pico::ZERO)
    };
    let stopped = since.is_some_and(|since| since <= start)
        || balance.left_out.is_some_and(|month| month <= period.first());
    stopped && !balance.has_base_of(period) && priced(start) && priced(now)
}

/// Bills the base of the rest of the present month, where it is billed at all and was not yet: the period begins now.
///
/// # Errors
/// When the table does not answer, or the account cannot be billed.
pub async fn begin_period(app: &App, tenant: Tenant) -> Result<(), Error> {
    let mut conflicts = Conflicts::default();
    loop {
        match begin(app, tenant).await {
            Ok(()) => return Ok(()),
            Err(error) => conflicts.put_up_with(error)?,
        }
    }
}

async fn begin(app: &App, tenant: Tenant) -> Result<(), Error> {
    let mut keys = Standing::keys(tenant).to_vec();
    keys.push(Series::Invoices.key());
    let mut items = app.table.batch(&keys, Read::Strong).await?;
    let drawn = Series::Invoices.among(&mut items)?;
    let Some(mut standing) = Standing::among(tenant, &mut items)? else { return Ok(()) };
    let now = app.clock.now();
    let period = BillingPeriod::at(&standing.account.zones, now);
    let goes_on = matches!(
        standing.subscription.state,
        SubscriptionState::Active | SubscriptionState::PastDue
    );
    let barred = standing.account.is_barred(now);
    if !goes_on || barred || standing.is_suspended() || standing.balance.has_base_of(period) {
        return Ok(());
    }
    let Some(base) = base_from(app, &standing.account, period, now)? else { return Ok(()) };
    let span = (base.start, base.end);
    let account = &standing.account;
    let tax = app.tax.of(account.billing_country, &account.tax_id);
    let bill = Bill::of_base(&base, tax.as_ref(), standing.balance.credit);
    let bill = bill.map_err(Unbillable::from)?;
    let mut transaction = app.table.transaction();
    standing.balance.bill_base(period);
    if !bill.lines.is_empty() {
        let made = (now, &app.random);
        let id = InvoiceId::new(now, &app.random);
        let mut invoice = Invoice::draft(id, account, &app.tax.seller, span, bill.clone(), made);
        let number = Series::Invoices.draw(drawn, &mut transaction, Code::Conflict);
        let (whose, now) = ((account, &mut standing.balance), now);
        send_out(app, whose, &mut invoice, (&bill, number), now, &mut transaction);
        put_invoice(None, &invoice, &mut transaction, Code::Conflict);
        if standing.balance.dunning.is_none() && invoice.outstanding() > Pico::ZERO {
            let (key, update) = collect_now(app, tenant);
            transaction.update(&key, update, None);
        }
    }
    let (key, update) = close_month(app, &standing.account, period);
    transaction.update(&key, update, None);
    let as_read = Condition::Equals("version", standing.subscription.version.into());
    transaction.check(&subscription_key(tenant), as_read, Code::Conflict);
    transaction.delete(&Matter::Begin {}.key(tenant));
    standing.put_balance(&mut transaction);
    Ok(transaction.commit().await?)
}

/// The base of the rest of a month.
fn base_from(
    app: &App,
    account: &Account,
    period: BillingPeriod,
    now: Timestamp,
) -> Result<Option<Base>, Error> {
    let plan = app.plans.require(account.plan_at(now)).map_err(Unbillable::from)?;
    if plan.monthly_price == Pico::ZERO {
        return Ok(None);
    }
    let (first, end) = (period.starts_at(&account.zones), period.ends_at(&account.zones));
    let start = Timestamp::from_second(now.as_second()).unwrap_or(now);
    let seconds = |from: Timestamp| u128::try_from(end.as_second() - from.as_second()).unwrap_or(0);
    let share = (seconds(start), seconds(first));
    Ok(Some(Base { plan: PlanSnapshot::from(plan), start, end, share }))
}
