//! Which models are counted each under its own name.
//!
//! A counter is one item, which everybody pays for by its size who reads it or adds to it, and which
//! takes nothing more once it is full. Names come from outside: a billing period has room for so many
//! of them, and what comes after is counted together.

use std::collections::{BTreeMap, BTreeSet};

use shared::{
    app::App,
    id::AccountId,
    plan::AiType,
    table::{Key, Read, TableError, Tenant},
    usage::{Counters, Grain, OTHER_MODELS, UsageData, counter_key, month_span},
};

use crate::{MOST_KEYS, batch::Group};

/// So many models in a billing period. Meters side by side may find room for a few more.
const MOST: usize = 100;

/// The models that each account's period has names of.
pub(crate) struct Periods(BTreeMap<(AccountId, String), Models>);

/// The models that a period has names of.
#[derive(Clone, Default)]
pub(crate) struct Models(BTreeSet<(AiType, String)>);

impl Periods {
    /// Those of the groups' periods, as the counters have them by now.
    pub(crate) async fn of(
        app: &App,
        groups: impl Iterator<Item = &Group>,
    ) -> Result<Self, TableError> {
        let mut keys: BTreeMap<_, BTreeSet<u16>> = BTreeMap::new();
        for group in groups {
            let shards = 0..group.account.spread.on(group.day).counters;
            keys.entry(period(group)).or_default().extend(shards);
        }
        let keys = keys.into_iter().flat_map(|(period, shards)| {
            shards.into_iter().map(move |shard| (counters_of(&period, shard), period.clone()))
        });
        let keys: Vec<_> = keys.collect();
        let mut periods: BTreeMap<_, Models> = BTreeMap::new();
        for keys in keys.chunks(MOST_KEYS) {
            let wanted: Vec<Key> = keys.iter().map(|(key, _)| key.clone()).collect();
            let mut found = app.table.batch(&wanted, Read::Eventual).await?;
            for (key, period) in keys {
                let record = found.record(key);
                let models = record.map(|it| Counters::read(&it).by_model).unwrap_or_default();
                periods.entry(period.clone()).or_default().0.extend(models.into_keys());
            }
        }
        Ok(Self(periods))
    }

    /// Those of a group's period.
    pub(crate) fn models(&self, group: &Group) -> Models {
        self.0.get(&period(group)).cloned().unwrap_or_default()
    }
}

impl Models {
    /// What a model is counted under.
    pub(crate) fn name_of(&mut self, data: &UsageData) -> String {
        let model = (data.ai_type, data.model.clone());
        if self.0.contains(&model) || self.0.len() < MOST {
            self.0.insert(model);
            data.model.clone()
        } else {
            OTHER_MODELS.to_owned()
        }
    }
}

fn period(group: &Group) -> (AccountId, String) {
    (group.account.id, month_span(group.day))
}

fn counters_of((account, month): &(AccountId, String), shard: u16) -> Key {
    counter_key(Tenant::of_record(*account), Grain::Month, month, shard)
}
