//! Relief for a hot account: where its meters or its requests keep conflicting, its usage is spread wider from a
//! day to come, and what is held for it at once.

use crate::{
    account::{Account, account_key},
    app::App,
    queue::chain,
    table::{Condition, TableError, Tenant, Update, Written},
};
use serde_json::Value;

/// What met so many conflicts is a hot account's: each is a pause twice as long
/// as the one before.
const HOT: u32 = 3;

/// Spreads the account's usage wider if it is hot. Failing only means that the next conflicts try
/// again.
pub async fn relieve(app: &App, account: &Account, conflicts: u32) {
    if conflicts < HOT {
        return;
    }
    match widen(app, account).await {
        Ok(true) => tracing::warn!(account = %account.id(), "a hot account is spread wider"),
        Ok(false) => {}
        Err(error) => tracing::error!(error = chain(&error), "a hot account is not spread wider"),
    }
}

/// Whether it was this run that widened it: others may have read the same plan.
async fn widen(app: &App, account: &Account) -> Result<bool, TableError> {
    let today = account.zones.day(app.clock.now());
    let Some(wider) = account.spread.widened(today) else { return Ok(false) };
    let unchanged = if account.spread.is_plain() {
        Condition::Without("spread")
    } else {
        Condition::equals_serialized("spread", &account.spread)?
    };
    let condition = Condition::All(vec![Condition::Exists, unchanged]);
    let update = Update::new().set_serialized("spread", &wider)?.when(condition);
    let key = account_key(Tenant::of_record(account));
    let written: Written<Value> = app.table.update(&key, update).await?;
    Ok(matches!(written, Written::Done(_)))
}
