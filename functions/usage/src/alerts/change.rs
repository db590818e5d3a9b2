//! Changing what a client is told of its use, and its cap.

use shared::{
    account::{Account, BillingPeriod, account_key},
    alerts::AlertSettings,
    auth::Caller,
    error::{Code, Conflicts, Error},
    http::IfMatch,
    table::{Condition, Read, Transaction, Update},
    usage::{Watched, watch},
};

use super::{etag, input::Wanted};

/// Makes the settings what is wanted; the account as it is then. What was used is looked at again.
pub(super) async fn change(
    caller: &Caller,
    if_match: &IfMatch,
    wanted: &Wanted,
) -> Result<Account, Error> {
    let key = account_key(caller.tenant);
    let mut conflicts = Conflicts::default();
    loop {
        let account: Option<Account> = caller.app.table.get(&key, Read::Strong).await?;
        let account = account.ok_or(Code::Unauthenticated)?;
        if_match.require(&etag(&account.alerts))?;
        match write(caller, account, wanted).await {
            Ok(account) => return Ok(account),
            Err(error) => if_match.lost(error, &mut conflicts)?,
        }
    }
}

async fn write(caller: &Caller, mut account: Account, wanted: &Wanted) -> Result<Account, Error> {
    let (app, tenant) = (&caller.app, caller.tenant);
    let Wanted { thresholds, pace, cost_cap } = wanted.clone();
    let alerts = AlertSettings { thresholds, pace, version: account.alerts.version + 1 };
    let update = Update::new()
        .set_serialized("alerts", &alerts)
        .map_err(|error| Error::fault(Code::Internal, error))?
        .set("version", account.version + 1)
        .when(Condition::Equals("version", account.version.into()));
    let update = match cost_cap {
        Some(cap) => update.set("cost_cap", cap.to_string()),
        None => update.remove("cost_cap"),
    };
    let mut transaction: Transaction<'_, Code> = app.table.transaction();
    transaction.update(&account_key(tenant), update, Some(Code::Conflict));
    let period = BillingPeriod::at(&account.zones, app.clock.now());
    let (key, update) = watch(app, tenant, period, Watched::Account, 0);
    transaction.update(&key, update, None);
    transaction.commit().await?;
    (account.alerts, account.cost_cap) = (alerts, cost_cap);
    account.version += 1;
    Ok(account)
}
