//! Beginning a month's ledger with what was counted before there was one: nothing, at a month's beginning.

use super::{Amounts, Ledger, Whose, ledger_key};
use crate::{
    account::{Account, BillingPeriod},
    app::App,
    error::{Code, Conflicts, Error},
    table::{Condition, Key, Read, TableError, Tenant},
    usage::{Counters, MonthUsage},
};

/// What a ledger that is not there would begin with, by what was counted: for who only looks.
///
/// # Errors
/// When the table fails.
pub async fn counted(
    app: &App,
    account: &Account,
    whose: Whose,
    period: BillingPeriod,
) -> Result<Ledger, TableError> {
    let keys = counters(account, whose, period);
    let mut items = app.table.batch(&keys, Read::Strong).await?;
    let totals = keys.iter().filter_map(|key| items.record(key));
    let totals = totals.map(|it| Amounts::from(&Counters::read(&it).totals));
    Ok(Ledger::of(totals.fold(Amounts::default(), |sum, used| sum + used)))
}

/// Where what a ledger is about is counted.
fn counters(account: &Account, whose: Whose, period: BillingPeriod) -> Vec<Key> {
    let (tenant, shards) = (Tenant::of_record(account), 0..account.spread.most_counters());
    match whose {
        Whose::Account => MonthUsage::keys(tenant, period, shards),
        Whose::Key(key) => MonthUsage::keys_of(tenant, period, key, shards),
    }
}

/// The ledger, begun where there was none. Meters count on meanwhile: what they add to the counters without the
/// ledger's knowing refuses its beginning, which is tried again.
///
/// # Errors
/// When the table fails, or somebody else is always first.
pub async fn begin(
    app: &App,
    account: &Account,
    whose: Whose,
    period: BillingPeriod,
) -> Result<Ledger, Error> {
    let tenant = Tenant::of_record(account);
    let counters = counters(account, whose, period);
    let place = ledger_key(tenant, whose, period, 0);
    let all: Vec<_> = counters.iter().chain([&place]).cloned().collect();
    let mut conflicts = Conflicts::default();
    loop {
        let mut items = app.table.batch(&all, Read::Strong).await?;
        if let Some(record) = items.record(&place) {
            return Ok(Ledger::read(&record));
        }
        let mut used = Amounts::default();
        let mut transaction = app.table.transaction();
        for key in &counters {
            let condition = match items.record(key).map(|it| Counters::read(&it).totals) {
                None => Condition::Absent,
                Some(totals) => {
                    used += Amounts::from(&totals);
                    // Every event has a request at least: this number tells one state from the next.
                    Condition::Is("r".to_owned(), totals.requests.into())
                }
            };
            transaction.check(key, condition, Code::Conflict);
        }
        transaction.update(&place, Ledger::beginning(used), Some(Code::Conflict));
        match transaction.commit().await {
            Ok(()) => return Ok(Ledger::of(used)),
            Err(cancelled) => conflicts.put_up_with(cancelled.into())?,
        }
    }
}
