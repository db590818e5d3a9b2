//! Reading ledgers.

use super::{Ledger, SHARES, Shares, Whose, begin, ledger_key, ledger_keys, shares_of};
use crate::{
    account::{Account, BillingPeriod},
    app::App,
    error::{Code, Error},
    table::{Cancelled, Read, TableError, Tenant},
};

/// A month's ledger as it is now: begun where there was none, and in shares where its account is hot. The first
/// share may have been read before.
///
/// # Errors
/// When the table fails.
pub async fn read_ledger(
    app: &App,
    account: &Account,
    whose: Whose,
    period: BillingPeriod,
    first: Option<Ledger>,
) -> Result<Shares, Error> {
    let tenant = Tenant::of_record(account);
    let first = match first {
        Some(first) => Some(first),
        None => read_one(app, tenant, whose, period, 0).await?,
    };
    let mut first = match first {
        Some(first) => first,
        None => begin(app, account, whose, period).await?,
    };
    if !first.wide && shares_of(account) > 1 {
        widen(app, tenant, whose, period).await?;
        first = read_one(app, tenant, whose, period, 0).await?.ok_or(Code::Internal)?;
    }
    Ok(with_further_shares(app, tenant, whose, period, first).await?)
}

/// One share of a ledger as it is now, begun where there was none.
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
    let ledger = read_ledger(app, account, whose, period, None).await?;
    ledger.share(share).cloned().ok_or_else(|| Code::Conflict.into())
}

/// What of a ledger lies beyond its first share, which tells whether there is more.
///
/// # Errors
/// When the table fails.
pub async fn with_further_shares(
    app: &App,
    tenant: Tenant,
    whose: Whose,
    period: BillingPeriod,
    first: Ledger,
) -> Result<Shares, TableError> {
    let mut ledgers = vec![first];
    if ledgers.iter().any(|it| it.wide) {
        let keys = ledger_keys(tenant, whose, period, 1..SHARES);
        let mut items = app.table.batch(&keys, Read::Strong).await?;
        let read = |key| items.record(key).map(|it| Ledger::read(&it)).unwrap_or_default();
        ledgers.extend(keys.iter().map(read));
    }
    Ok(ledgers.into())
}

async fn read_one(
    app: &App,
    tenant: Tenant,
    whose: Whose,
    period: BillingPeriod,
    share: u16,
) -> Result<Option<Ledger>, TableError> {
    let key = ledger_key(tenant, whose, period, share);
    let mut items = app.table.batch(std::slice::from_ref(&key), Read::Strong).await?;
    Ok(items.record(&key).map(|it| Ledger::read(&it)))
}

/// Spreads a ledger over shares. Its first one says so from then on: whoever took it for the only one is refused,
/// and reads again.
async fn widen(
    app: &App,
    tenant: Tenant,
    whose: Whose,
    period: BillingPeriod,
) -> Result<(), TableError> {
    let mut transaction = app.table.transaction::<()>();
    let keys = ledger_keys(tenant, whose, period, 0..SHARES);
    for (share, key) in keys.iter().enumerate() {
        let update = if share == 0 { Ledger::widening() } else { Ledger::beginning_empty() };
        transaction.update(key, update, Some(()));
    }
    match transaction.commit().await {
        // Somebody else was first.
        Ok(()) | Err(Cancelled::Refused(_)) => Ok(()),
        Err(Cancelled::Failed(error)) => Err(error),
    }
}
