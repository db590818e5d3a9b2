//! Putting an account on a plan at once, without a charge.

use super::{Account, AccountKind, BillingPeriod, Subscription, account_key, subscription_key};
use crate::{
    app::App,
    error::{Code, Conflicts, Error},
    id::AccountId,
    plan::PlanRef,
    table::{Condition, Read, Tenant, Update},
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
        let mut transaction = app.table.transaction();
        for (key, version) in keys.iter().zip([client.version, subscription.version]) {
            let update = Update::new()
                .set_serialized("plan", plan)
                .map_err(|error| Error::fault(Code::Internal, error))?
                .set("version", version + 1)
                .when(Condition::Equals("version", version.into()));
            transaction.update(key, update, Some(Code::Conflict));
        }
        // What was used is looked at again, for the limits are others.
        let period = BillingPeriod::at(&client.zones, app.clock.now());
        let (key, update) = watch(app, tenant, period, Watched::Account, 0);
        transaction.update(&key, update, None);
        match transaction.commit().await {
            Ok(()) => return Ok(()),
            Err(cancelled) => conflicts.put_up_with(cancelled.into())?,
        }
    }
}
