//! Looking accounts up by what accepted events say of them.

use std::collections::{BTreeMap, BTreeSet};

use super::{Account, account_key};
use crate::{
    app::App,
    id::AccountId,
    table::{MOST_BATCH_KEYS, Read, TableError, Tenant},
    usage::{UsageEvent, Void},
};

/// The accounts of some events.
#[derive(Default)]
pub struct AccountsFound {
    /// Those that there are.
    pub known: BTreeMap<AccountId, Account>,
    /// Those whose items do not fit their type: a defect, which must not touch others.
    pub unreadable: BTreeMap<AccountId, TableError>,
}

/// The accounts that events are about. The service that reported them names any of the company's clients.
///
/// # Errors
/// When the table cannot be read.
pub async fn accounts_of(
    app: &App,
    events: impl Iterator<Item = &UsageEvent>,
    voids: impl Iterator<Item = &Void>,
) -> Result<AccountsFound, TableError> {
    let taken_back = voids.map(|void| void.account);
    let ids: BTreeSet<AccountId> = events.map(|event| event.account).chain(taken_back).collect();
    let ids: Vec<AccountId> = ids.into_iter().collect();
    let mut found = AccountsFound::default();
    for ids in ids.chunks(MOST_BATCH_KEYS) {
        let keys: Vec<_> = ids.iter().map(|id| account_key(Tenant::claimed(*id))).collect();
        let mut items = app.table.batch(&keys, Read::Strong).await?;
        for (id, key) in ids.iter().zip(&keys) {
            match items.take::<Account>(key) {
                Ok(Some(account)) => drop(found.known.insert(*id, account)),
                Ok(None) => {}
                Err(error) => drop(found.unreadable.insert(*id, error)),
            }
        }
    }
    Ok(found)
}
