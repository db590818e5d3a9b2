//! As many events as one transaction can count: their items and every counter they touch.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use shared::{
    account::BillingPeriod,
    app::App,
    id::{InstanceId, KeyId},
    money::Pico,
    plan::Plan,
    table::{MOST_WRITES, Tenant, Transaction, Update},
    usage::{
        self, Counters, Grain, HOUR_DAYS_KEPT, StoredEvent, Totals, UPDATED_AT, counter_key,
        instance_counter_key, key_counter_key,
    },
};

use crate::batch::{Group, Metered};

/// An update's expression has at most 4 KB; so many models with four numbers each fit.
const MOST_MODELS: usize = 32;

/// Month and day.
const FIXED_COUNTERS: usize = 2;

/// An event that can be counted.
pub(crate) struct Priced {
    pub(crate) metered: Metered,
    pub(crate) cost: Pico,
}

/// Events that are counted together.
#[derive(Default)]
pub(crate) struct Slice {
    events: Vec<Priced>,
    all: Counters,
    hours: BTreeMap<Timestamp, Counters>,
    keys: BTreeMap<KeyId, Counters>,
    instances: BTreeMap<InstanceId, Counters>,
}

impl Slice {
    /// Adds an event; gives it back when it does not fit any more.
    pub(crate) fn add(&mut self, group: &Group, priced: Priced) -> Result<(), Box<Priced>> {
        let data = &priced.metered.event.data;
        let hour = group.account.zones.hour(priced.metered.event.time);
        let new_hour = usize::from(!self.hours.contains_key(&hour));
        let new_key = data.api_key_id.map_or(0, |id| usize::from(!self.keys.contains_key(&id)));
        let new_instance =
            data.instance_id.map_or(0, |id| usize::from(!self.instances.contains_key(&id)));
        let writes = self.writes() + 1 + new_hour + 2 * new_key + 2 * new_instance;
        let model = (data.ai_type, priced.metered.model.clone());
        let models = self.all.by_model.len() + usize::from(!self.all.by_model.contains_key(&model));
        if writes > MOST_WRITES || models > MOST_MODELS {
            return Err(Box::new(priced));
        }

        let used = Totals {
            requests: data.requests,
            input_tokens: data.input_tokens,
            output_tokens: data.output_tokens,
            cost: priced.cost,
        };
        let (ai_type, model) = (data.ai_type, priced.metered.model.as_str());
        self.all.count(ai_type, model, &used);
        self.hours.entry(hour).or_default().count(ai_type, model, &used);
        if let Some(key) = data.api_key_id {
            self.keys.entry(key).or_default().count(ai_type, model, &used);
        }
        if let Some(instance) = data.instance_id {
            self.instances.entry(instance).or_default().count(ai_type, model, &used);
        }
        self.events.push(priced);
        Ok(())
    }

    fn writes(&self) -> usize {
        let counters = self.hours.len() + 2 * self.keys.len() + 2 * self.instances.len();
        self.events.len() + FIXED_COUNTERS + counters
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// The events, to be tried again without some of them.
    pub(crate) fn into_events(self) -> Vec<Priced> {
        self.events
    }

    /// The transaction: an event that is there already is refused by its place in the slice.
    pub(crate) fn transaction<'a>(
        &self,
        app: &'a App,
        group: &Group,
        plan: &Plan,
    ) -> Transaction<'a, usize> {
        let now = app.clock.now();
        let tenant = Tenant::of_record(&group.account);
        let mut transaction = app.table.transaction();
        for (place, Priced { metered, cost }) in self.events.iter().enumerate() {
            let item = StoredEvent::new(metered.event.clone(), *cost, &plan.reference());
            transaction.create(&metered.key, &item, place);
        }
        let (day, month) = (group.day.to_string(), BillingPeriod::of(group.day).to_string());
        let shard = self.shard(group);
        let stamped = |update: Update| update.set(UPDATED_AT, now);
        let mut add = |key, update| transaction.update(&key, stamped(update), None);
        add(counter_key(tenant, Grain::Month, &month, shard), self.all.update());
        add(counter_key(tenant, Grain::Day, &day, shard), self.all.update());
        for (hour, counters) in &self.hours {
            let dropped = *hour + SignedDuration::from_hours(24 * HOUR_DAYS_KEPT);
            let update = counters.update().set("expires_at", dropped.as_second());
            add(counter_key(tenant, Grain::Hour, &hour.to_string(), shard), update);
        }
        for (grain, span) in [(Grain::Month, &month), (Grain::Day, &day)] {
            for (key, counters) in &self.keys {
                add(key_counter_key(tenant, grain, span, *key, shard), counters.totals_update());
            }
            for (instance, counters) in &self.instances {
                let key = instance_counter_key(tenant, grain, span, *instance, shard);
                add(key, counters.totals_update());
            }
        }
        transaction
    }

    /// The counters that this slice is added to. Any would do, for readers sum them: the first
    /// event picks, so that meters side by side seldom pick the same.
    fn shard(&self, group: &Group) -> u16 {
        let counters = group.account.spread.on(group.day).counters;
        self.events.first().map_or(0, |first| {
            let event = &first.metered.event;
            usage::shard(&event.source, &event.id, counters)
        })
    }
}
