//! Putting an account on a plan at once, without a charge.

use jiff::Timestamp;

use super::{Account, AccountKind, BillingPeriod, Subscription, account_key, subscription_key};
use crate::{
    app::App,
    billing::{close_month, is_billed},
    error::{Code, Conflicts, Error},
    id::AccountId,
    plan::PlanRef,
    table::{Condition, Key, Read, TableError, Tenant, Transaction, Update},
    usage::{Watched, watch},
};

/// Puts a client on a plan: its usage is priced by it from now on, and its limits are in force at once. For the
/// company alone, which names the client and charges nothing.
///
/// # Errors
/// When there is no such client, or the table fails.
pub async fn set_plan(app: &App, account: AccountId, plan: &PlanRef) -> Result<(), Error> {
    let tenant = Tenant::claimed(account);
    let keys = [account_key(tenant), subscription_key(tenant)];
    let mut conflicts = Conflicts::default();
    loop {
        let mut items = app.table.batch(&keys, Read::Strong).await?;
        let client = items.take::<Account>(&keys[0])?.filter(|it| it.kind == AccountKind::Client);
        let subscription: Option<Subscription> = items.take(&keys[1])?;
        let (client, subscription) = client.zip(subscription).ok_or(Code::NotFound)?;
        let (mut transaction, now) = (app.table.transaction(), app.clock.now());
        let account = put_on_plan(client, plan, now, &keys[0], &mut transaction)?;
        let update = versioned(plan, subscription.version)?;
        transaction.update(&keys[1], update, Some(Code::Conflict));
        let period = BillingPeriod::at(&account.zones, now);
        if is_billed(&account, &app.plans, period) {
            let (key, update) = close_month(app, &account, period);
            transaction.update(&key, update, None);
        }
        // What was used is looked at again, for the limits are others.
        let (key, update) = watch(app, tenant, period, Watched::Account, 0);
        transaction.update(&key, update, None);
        match transaction.commit().await {
            Ok(()) => return Ok(()),
            Err(cancelled) => conflicts.put_up_with(cancelled.into())?,
        }
    }
}

/// Adds to a transaction that an account has another plan from now on; the account as it is then.
fn put_on_plan(
    mut account: Account,
    plan: &PlanRef,
    now: Timestamp,
    key: &Key,
    transaction: &mut Transaction<'_, Code>,
) -> Result<Account, Error> {
    // A share of a month is counted in whole seconds.
    let from = Timestamp::from_second(now.as_second()).unwrap_or(now);
    account.terms = account.terms().changed(plan.clone(), from);
    account.plan = plan.clone();
    let update = versioned(plan, account.version)?;
    let update = update.set_serialized("terms", &account.terms).map_err(TableError::from)?;
    transaction.update(key, update, Some(Code::Conflict));
    Ok(account)
}

fn versioned(plan: &PlanRef, version: u64) -> Result<Update, TableError> {
    let update = Update::new().set_serialized("plan", plan)?.set("version", version + 1);
    Ok(update.when(Condition::Equals("version", version.into())))
}
