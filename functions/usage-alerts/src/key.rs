//! A look at the use of an API key that has a limit of its own.

use shared::{
    account::{Account, account_key},
    alerts::{Mark, told_of_key},
    app::App,
    auth::{ApiKey, api_key_key},
    headroom::{Ledger, Whose, ledger_key, with_further_shares},
    id::KeyId,
    money::Pico,
    table::{Read, Tenant},
    timer::Timer,
    usage::{Metric, Watch},
};

use crate::{AlertsError, Seen, account::crossings, commit, look::Look, words};

/// Looks at a key's use, and tells the account's owner what has happened.
pub(crate) async fn look(app: &App, timer: &Timer<Watch>, key: KeyId) -> Result<(), AlertsError> {
    let mut transaction = app.table.transaction();
    let (tenant, period) = (Tenant::of_record(timer), timer.what.period());
    let keys = [
        account_key(tenant),
        api_key_key(tenant, key),
        ledger_key(tenant, Whose::Key(key), period, 0),
    ];
    let mut items = app.table.batch(&keys, Read::Strong).await?;
    let account: Option<Account> = items.take(&keys[0])?;
    let api_key: Option<ApiKey> = items.take(&keys[1])?;
    let first = items.record(&keys[2]).map(|it| Ledger::read(&it)).unwrap_or_default();
    let look = account.and_then(|account| Look::new(app, account, period));
    if let Some((look, api_key)) = look.zip(api_key) {
        let whose = Whose::Key(key);
        let ledger = with_further_shares(app, &look.account, whose, period, first).await?;
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
        let step = seen.step(&crossings(&told_of_key(app, tenant, period, key).await?));
        let words = match step.crossed.first() {
            Some(highest) => Some(words::key_crossed(&look, &seen, *highest, &api_key)),
            None => step.recovered.first().map(|_| words::key_recovered(&api_key)),
        };
        look.write(app, &seen, &step, words, &mut transaction);
    }
    commit(timer, transaction).await
}
