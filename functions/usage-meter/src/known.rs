//! Under which API key and instance an event is counted: under one that the account has. What a gateway makes
//! up is counted together, so that nobody fills the account's reports with names.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use shared::{
    app::App,
    auth::{COST_LIMIT, api_key_key},
    id::{AccountId, InstanceId, KeyId},
    table::{Key, MOST_BATCH_KEYS, Read, TableError, Tenant},
    usage::{Counted, MonthUsage, instance_key},
};

use crate::{Metered, batch::Group};

/// The keys and instances that there are among those that events name.
#[derive(Default)]
pub(crate) struct Known {
    /// With whether it has a limit of its own.
    keys: BTreeMap<(AccountId, KeyId), bool>,
    instances: BTreeSet<(AccountId, InstanceId)>,
}

/// What events name, and where it would lie.
#[derive(Default)]
struct Named {
    keys: BTreeMap<(AccountId, KeyId), Key>,
    /// Where keys were counted before.
    counters: BTreeMap<(AccountId, KeyId), HashSet<Key>>,
    instances: BTreeMap<(AccountId, InstanceId), Key>,
}

impl Named {
    fn by(groups: &[(Group, Vec<Metered>)]) -> Self {
        let mut named = Self::default();
        for (group, events) in groups {
            let (account, tenant) = (group.account.id(), Tenant::of_record(&group.account));
            let shards = 0..group.account.spread.most_counters();
            for data in events.iter().map(|it| &it.event.data) {
                if let Some(key) = data.api_key_id {
                    named.keys.insert((account, key), api_key_key(tenant, key));
                    // Its last requests of a month may be the first that the next one has of it.
                    let months = [group.period(), group.period().previous()];
                    let counters =
                        months.map(|month| MonthUsage::keys_of(tenant, month, key, shards.clone()));
                    let known = named.counters.entry((account, key)).or_default();
                    known.extend(counters.into_iter().flatten());
                }
                if let Some(instance) = data.instance_id {
                    let place = instance_key(tenant, instance);
                    named.instances.insert((account, instance), place);
                }
            }
        }
        named
    }
}

impl Known {
    /// Those that the events of some groups name.
    pub(crate) async fn of(
        app: &App,
        groups: &[(Group, Vec<Metered>)],
    ) -> Result<Self, TableError> {
        let (mut known, named) = (Self::default(), Named::by(groups));
        let places = named.keys.values().chain(named.instances.values()).cloned();
        for some in places.collect::<Vec<_>>().chunks(MOST_BATCH_KEYS) {
            let mut found = app.table.batch(some, Read::Strong).await?;
            for (key, place) in &named.keys {
                if let Some(item) = found.record(place) {
                    known.keys.insert(*key, !item.text(COST_LIMIT).is_empty());
                }
            }
            for (instance, place) in &named.instances {
                known.instances.extend(found.record(place).map(|_| *instance));
            }
        }
        // One that is revoked has its last requests under way: whatever was counted before goes on.
        let gone = named.counters.iter().filter(|(key, _)| !known.keys.contains_key(key));
        let gone: Vec<_> = gone.collect();
        let places: Vec<Key> = gone.iter().flat_map(|(_, places)| places.iter().cloned()).collect();
        let mut counted = Vec::new();
        for some in places.chunks(MOST_BATCH_KEYS) {
            let mut found = app.table.batch(some, Read::Strong).await?;
            for (key, places) in &gone {
                counted.extend(places.iter().find_map(|it| found.record(it)).map(|_| **key));
            }
        }
        known.keys.extend(counted.into_iter().map(|key| (key, false)));
        Ok(known)
    }

    /// Finds out what an event is counted under.
    pub(crate) fn assign(&self, group: &Group, metered: &mut Metered) {
        let (account, data) = (group.account.id(), &metered.event.data);
        metered.key = data.api_key_id.map(|key| {
            let known = self.keys.contains_key(&(account, key));
            if known { Counted::Known(key) } else { Counted::Unknown }
        });
        metered.capped = data
            .api_key_id
            .is_some_and(|key| self.keys.get(&(account, key)).is_some_and(|capped| *capped));
        metered.instance = data.instance_id.map(|instance| {
            let known = self.instances.contains(&(account, instance));
            if known { Counted::Known(instance) } else { Counted::Unknown }
        });
    }
}
