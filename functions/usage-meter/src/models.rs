//! Which models are counted each under its own name.
//!
//! A counter is one item, which everybody pays for by its size who reads it or adds to it, and which
//! takes nothing more once it is full. Names come from outside: a billing period has room for so many
//! of them, and what comes after is counted together.

use std::collections::{BTreeMap, BTreeSet};

use shared::{
    account::BillingPeriod,
    app::App,
    billing::is_billed,
    id::AccountId,
    plan::AiType,
    table::{Key, MOST_BATCH_KEYS, Read, TableError, Tenant},
    usage::{MonthUsage, OTHERS, UsageData},
};

use crate::batch::Group;

/// So many models in a billing period.
pub const MOST_MODELS: usize = 100;
/// So many of them are named by one run: as many runs as there may be side by side fill no item.
pub const MOST_NEW_MODELS: usize = 64;

/// The models that each account's period has names of.
pub(crate) struct Periods(BTreeMap<(AccountId, BillingPeriod), Models>);

/// The models that a period has names of.
#[derive(Default)]
struct Models {
    known: BTreeSet<(AiType, String)>,
    new: usize,
    /// The month whose close bills them, as far as it is set.
    closes_with: Option<BillingPeriod>,
}

impl Periods {
    /// Those of the groups' periods, as the counters have them by now.
    pub(crate) async fn of(
        app: &App,
        groups: impl Iterator<Item = &Group>,
    ) -> Result<Self, TableError> {
        // Days of one period may be spread over more counters than others.
        let wanted = groups.map(|group| {
            let (tenant, shards) =
                (Tenant::of_record(&group.account), group.account.spread.most_counters());
            (period(group), MonthUsage::keys(tenant, period(group).1, 0..shards))
        });
        let wanted: BTreeMap<_, _> = wanted.collect();
        let all: Vec<Key> = wanted.values().flatten().cloned().collect();
        let mut usages: BTreeMap<_, MonthUsage> = BTreeMap::new();
        for keys in all.chunks(MOST_BATCH_KEYS) {
            let mut found = app.table.batch(keys, Read::Strong).await?;
            for (period, keys) in &wanted {
                usages.entry(*period).or_default().take(&mut found, keys);
            }
        }
        let periods = usages.into_iter().map(|(period, usage)| {
            let closes_with = usage.closes_with;
            let models = usage.counters.by_model.into_keys();
            let known = models.filter(|(_, name)| name != OTHERS).collect();
            (period, Models { known, new: 0, closes_with })
        });
        let periods = periods.collect();
        Ok(Self(periods))
    }

    /// The month whose close is to bill a group's events, where its counters do not say so yet.
    pub(crate) fn closes_with(&self, app: &App, group: &Group) -> Option<BillingPeriod> {
        let known = self.0.get(&period(group)).and_then(|models| models.closes_with);
        let present = BillingPeriod::at(&group.account.zones, app.clock.now());
        let next = present.max(group.period());
        let is_new = known.is_none_or(|known| known < next);
        (is_new && is_billed(&group.account, &app.plans, group.period())).then_some(next)
    }

    /// What a model is counted under in a group's period.
    pub(crate) fn name_of(&mut self, group: &Group, data: &UsageData) -> String {
        let models = self.0.entry(period(group)).or_default();
        let model = (data.ai_type, data.model.clone());
        if !models.known.contains(&model) {
            if models.known.len() >= MOST_MODELS || models.new >= MOST_NEW_MODELS {
                return OTHERS.to_owned();
            }
            models.known.insert(model);
            models.new += 1;
        }
        data.model.clone()
    }
}

fn period(group: &Group) -> (AccountId, BillingPeriod) {
    (group.account.id(), group.period())
}
