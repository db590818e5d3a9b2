//! Giving a hold back.

use super::{Change, Hold, hold_key, ledger_key};
use crate::{
    app::App,
    error::Error,
    id::HoldId,
    table::{Cancelled, Condition, Read, Tenant},
};

/// Gives back what is held. What was settled, given back or freed before is left as it is.
///
/// # Errors
/// When the table fails.
pub async fn release(app: &App, id: HoldId) -> Result<(), Error> {
    let key = hold_key(id);
    let hold: Option<Hold> = app.table.get(&key, Read::Strong).await?;
    let Some(hold) = hold.filter(|it| it.is_live(app.clock.now())) else { return Ok(()) };
    let tenant = Tenant::of_record(&hold);
    let mut transaction = app.table.transaction::<()>();
    transaction.delete_if(&key, Condition::Exists, ());
    for whose in hold.places() {
        let mut change = Change::default();
        change.end_hold(hold.amount(), hold.expires_at);
        let place = ledger_key(tenant, whose, hold.period(), hold.share);
        change.write(&place, &mut transaction, ());
    }
    match transaction.commit().await {
        Ok(()) | Err(Cancelled::Refused(_)) => Ok(()),
        Err(Cancelled::Failed(error)) => Err(error.into()),
    }
}
