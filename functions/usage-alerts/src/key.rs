//! A look at the use of an API key that has a limit of its own.

use shared::{
    account::{Account, account_key},
    alerts::{Mark, told_of_key},
    app::App,
    auth::{ApiKey, api_key_key},
    headroom::{Ledger, Whose, counted, ledger_key, with_further_shares},
    id::KeyId,
    money::Pico,
    table::{Read, Tenant},
    timer::Timer,
    usage::{Metric, Watch},
};

use crate::{
    AlertsError, Seen,
    account::{MOST_RECOVERED, crossings},
    look::Look,
    words,
};

/// Looks at a key's use, and tells the account's owner what has happened. Whether there is nothing more to see.
pub(crate) async fn look(app: &App, timer: &Timer<Watch>, key: KeyId) -> Result<bool, AlertsError> {
    let (tenant, period) = (Tenant::of_record(timer), timer.what.period());
    let whose = Whose::Key(key);
    let keys =
        [account_key(tenant), api_key_key(tenant, key), ledger_key(tenant, whose, period, 0)];
    let mut items = app.table.batch(&keys, Read::Strong).await?;
    let account: Option<Account> = items.take(&keys[0])?;
    let api_key: Option<ApiKey> = items.take(&keys[1])?;
    let Some((account, api_key)) = account.zip(api_key) else { return Ok(true) };
    let Some(look) = Look::new(app, account, period) else { return Ok(true) };
    let first = match items.record(&keys[2]) {
        Some(record) => Ledger::read(&record),
        None => counted(app, &look.account, whose, period).await?,
    };
    let ledger = with_further_shares(app, tenant, whose, period, first).await?;
    let limit = api_key.monthly_cost_limit.map(Pico::get);
    let limit = limit.and_then(|limit| u128::try_from(limit).ok());
    let marks = look.account.alerts.of(Metric::Cost);
    let seen = Seen {
        metric: Metric::Cost,
        key: Some(key),
        used: u128::try_from(ledger.used().of(Metric::Cost)).unwrap_or(0),
        // Without a limit, use is below whatever was recorded.
        limit: limit.unwrap_or(u128::MAX / 100),
        blocking: limit,
        marks: marks.filter(|it| matches!(it, Mark::Percent(_))).collect(),
    };
    let mut step = seen.step(&crossings(&told_of_key(app, tenant, period, key).await?));
    let seen_all = step.recovered.len() <= MOST_RECOVERED;
    step.recovered.truncate(MOST_RECOVERED);
    let words = match step.crossed.first() {
        Some(highest) => Some(words::key_crossed(&look, &seen, *highest, &api_key)),
        None => step.recovered.first().map(|_| words::key_recovered(&api_key)),
    };
    let mut transaction = app.table.transaction();
    look.write(app, &seen, &step, words, &mut transaction)?;
    if !transaction.is_empty() {
        transaction.commit().await?;
    }
    Ok(seen_all)
}
