//! Reading ledgers.

use serde::de::IgnoredAny;

use super::{Ledger, Shares, Whose, begin, ledger_key, ledger_keys, shares_of};
use crate::{
    account::{Account, BillingPeriod},
    app::App,
    error::Error,
    table::{Read, TableError, Tenant, Written},
};

/// Ledgers of a month as they are now, begun where there was none.
///
/// # Errors
/// When the table fails.
pub async fn read_ledgers(
    app: &App,
    account: &Account,
    period: BillingPeriod,
    wanted: &[Whose],
) -> Result<Vec<Shares>, Error> {
    let (tenant, shares) = (Tenant::of_record(account), shares_of(account));
    let keys = |whose: &Whose| ledger_keys(tenant, *whose, period, 0..shares);
    let all: Vec<_> = wanted.iter().flat_map(keys).collect();
    let mut items = app.table.batch(&all, Read::Strong).await?;
    let mut ledgers = Vec::new();
    for whose in wanted {
        let mut found = Vec::new();
        for (share, key) in (0..shares).zip(&keys(whose)) {
            found.push(match items.record(key) {
                Some(record) => Ledger::read(&record),
                None => read_share(app, account, *whose, period, share).await?,
            });
        }
        ledgers.push(found.into());
    }
    Ok(ledgers)
}

/// One share of a ledger as it is now, begun where there was none: the first has what was counted before there
/// were ledgers, and the others come after it.
///
/// # Errors
/// When the table fails.
pub async fn read_share(
    app: &App,
    account: &Account,
    whose: Whose,
    period: BillingPeriod,
    share: u16,
) -> Result<Ledger, Error> {
    let first = begin(app, account, whose, period).await?;
    if share == 0 {
        return Ok(first);
    }
    let key = ledger_key(Tenant::of_record(account), whose, period, share);
    let _begun: Written<IgnoredAny> = app.table.update(&key, Ledger::beginning_empty()).await?;
    let mut items = app.table.batch(std::slice::from_ref(&key), Read::Strong).await?;
    Ok(items.record(&key).map(|it| Ledger::read(&it)).unwrap_or_default())
}

/// What of a ledger lies beyond its first share, which was read with what tells how many there are.
///
/// # Errors
/// When the table fails.
pub async fn with_further_shares(
    app: &App,
    account: &Account,
    whose: Whose,
    period: BillingPeriod,
    first: Ledger,
) -> Result<Shares, TableError> {
    let mut ledgers = vec![first];
    let shares = shares_of(account);
    if shares > 1 {
        let keys = ledger_keys(Tenant::of_record(account), whose, period, 1..shares);
        let mut items = app.table.batch(&keys, Read::Strong).await?;
        let read = |key| items.record(key).map(|it| Ledger::read(&it)).unwrap_or_default();
        ledgers.extend(keys.iter().map(read));
    }
    Ok(ledgers.into())
}
