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

/// So many models in a billing period.
pub const MOST_MODELS: usize = 100;
/// So many of them are named by one run: as many runs as there may be side by side fill no item.
pub const MOST_NEW_MODELS: usize = 64;

/// The models that each account's period has names of.
pub(crate) struct Periods(BTreeMap<(AccountId, String), Models>);

/// The models that a period has names of.
#[derive(Default)]
struct Models {
    known: BTreeSet<(AiType, String)>,
    new: usize,
}

impl Periods {
    /// Those of the groups' periods, as the counters have them by now.
    pub(crate) async fn of(
        app: &App,
        groups: impl Iterator<Item = &Group>,
    ) -> Result<Self, TableError> {
        let keys = groups.flat_map(|group| {
            // Days of one period may be spread over more counters than others.
            let shards = 0..group.account.spread.most_counters();
            shards.map(move |shard| (period(group), shard))
        });
        let keys: BTreeSet<_> = keys.collect();
        let keys: Vec<_> =
            keys.into_iter().map(|(period, shard)| (counters_of(&period, shard), period)).collect();
        let mut periods: BTreeMap<_, Models> = BTreeMap::new();
        for keys in keys.chunks(MOST_KEYS) {
            let wanted: Vec<Key> = keys.iter().map(|(key, _)| key.clone()).collect();
            let mut found = app.table.batch(&wanted, Read::Strong).await?;
            for (key, period) in keys {
                let record = found.record(key);
                let models = record.map(|it| Counters::read(&it).by_model).unwrap_or_default();
                let named = models.into_keys().filter(|(_, name)| name != OTHER_MODELS);
                periods.entry(period.clone()).or_default().known.extend(named);
            }
        }
        Ok(Self(periods))
    }

    /// What a model is counted under in a group's period.
    pub(crate) fn name_of(&mut self, group: &Group, data: &UsageData) -> String {
        let models = self.0.entry(period(group)).or_default();
        let model = (data.ai_type, data.model.clone());
        if !models.known.contains(&model) {
            if models.known.len() >= MOST_MODELS || models.new >= MOST_NEW_MODELS {
                return OTHER_MODELS.to_owned();
            }
            models.known.insert(model);
            models.new += 1;
        }
        data.model.clone()
    }
}

fn period(group: &Group) -> (AccountId, String) {
    (group.account.id, month_span(group.day))
}

fn counters_of((account, month): &(AccountId, String), shard: u16) -> Key {
    counter_key(Tenant::of_record(*account), Grain::Month, month, shard)
}
