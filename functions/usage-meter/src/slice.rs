//! As many events as one transaction can count: their items, every counter they touch, and the holds they
//! settle.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use shared::{
    account::BillingPeriod,
    app::App,
    billing::close_month,
    headroom::{Amounts, Change, Whose, hold_key, ledger_key, shares_of},
    id::{InstanceId, KeyId},
    plan::{PlanRef, Price},
    table::{Condition, MOST_WRITES, Tenant, Transaction, Update},
    usage::{
        self, CLOSES_WITH, Counted, CountedAs, Counters, Grain, HOUR_DAYS_KEPT, Sign, StoredEvent,
        Totals, UPDATED_AT, Watched, counter_key, instance_counter_key, key_counter_key, watch,
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
    pub(crate) price: Price,
    /// The plan whose prices those are.
    pub(crate) plan: PlanRef,
}

/// Why a slice is not counted as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Refused {
    /// The event at this place was counted before.
    Counted(usize),
    /// The hold of the event at this place is settled or given back.
    Settled(usize),
    /// This ledger was not begun yet, or holds in it have expired and were freed.
    Ledger(Whose, BillingPeriod, u16),
}

/// An item that many events share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Shared {
    Hour(Timestamp),
    Key(Counted<KeyId>),
    Instance(Counted<InstanceId>),
    Ledger(Whose, BillingPeriod, u16),
    Watch(Watched),
}

impl Shared {
    /// How many items: keys and instances are counted by month and by day.
    fn items(self) -> usize {
        match self {
            Self::Key(_) | Self::Instance(_) => 2,
            Self::Hour(_) | Self::Ledger(..) | Self::Watch(_) => 1,
        }
    }
}

/// Events that are counted together.
#[derive(Default)]
pub(crate) struct Slice {
    events: Vec<Priced>,
    shared: BTreeSet<Shared>,
    all: Counters,
    hours: BTreeMap<Timestamp, Counters>,
    keys: BTreeMap<Counted<KeyId>, Counters>,
    instances: BTreeMap<Counted<InstanceId>, Counters>,
    /// By whose, month and share.
    ledgers: BTreeMap<(Whose, BillingPeriod, u16), Change>,
    /// The share that it is counted in: the first event's, so that a slice touches few.
    share: Option<u16>,
}

impl Slice {
    /// An empty one that is counted in the same share as another: what fitted there fits here.
    pub(crate) fn like(other: &Self) -> Self {
        Self { share: other.share, ..Self::default() }
    }

    /// Adds an event; gives it back when it does not fit any more.
    pub(crate) fn add(&mut self, group: &Group, priced: Priced) -> Result<(), Box<Priced>> {
        let share = self.share.unwrap_or_else(|| priced.metered.share(group));
        let touched = priced.metered.touches(group, share);
        let new = touched.iter().filter(|it| !self.shared.contains(it));
        let new: usize = new.map(|it| it.items()).sum();
        let model = (priced.metered.event.data.ai_type, priced.metered.model.clone());
        let models = self.all.by_model.len() + usize::from(!self.all.by_model.contains_key(&model));
        let writes = self.writes(group) + priced.metered.own_items() + new;
        if writes > MOST_WRITES || models > MOST_MODELS {
            return Err(Box::new(priced));
        }
        self.share = Some(share);
        self.shared.extend(touched);
        self.count(group, share, &priced);
        self.events.push(priced);
        Ok(())
    }

    fn count(&mut self, group: &Group, share: u16, Priced { metered, price, .. }: &Priced) {
        let data = &metered.event.data;
        let used = Totals {
            requests: data.requests,
            input_tokens: data.input_tokens,
            output_tokens: data.output_tokens,
            cost: price.cost,
        };
        let by_request = price.by_request;
        let (ai_type, model) = (data.ai_type, metered.model.as_str());
        let hour = group.account.zones.hour(metered.event.time);
        self.all.count(ai_type, model, &used, by_request);
        self.hours.entry(hour).or_default().count(ai_type, model, &used, by_request);
        if let Some(key) = metered.key {
            let counters = self.keys.entry(key).or_default();
            counters.count(ai_type, model, &used, by_request);
        }
        if let Some(instance) = metered.instance {
            let counters = self.instances.entry(instance).or_default();
            counters.count(ai_type, model, &used, by_request);
        }
        for whose in metered.ledgers() {
            self.ledger(whose, group.period(), share).count(Amounts::from(&used));
        }
        if let Some((_, hold)) = &metered.hold {
            for whose in hold.places() {
                let ledger = self.ledger(whose, hold.period(), hold.share);
                ledger.end_hold(hold.amount(), hold.expires_at);
            }
        }
    }

    fn ledger(&mut self, whose: Whose, period: BillingPeriod, share: u16) -> &mut Change {
        self.ledgers.entry((whose, period, share)).or_default()
    }

    fn writes(&self, group: &Group) -> usize {
        let closing = usize::from(group.closes_with.is_some());
        let own: usize = self.events.iter().map(|it| it.metered.own_items()).sum();
        own + FIXED_COUNTERS + closing + self.shared.iter().map(|it| it.items()).sum::<usize>()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// The events, to be tried again without some of them.
    pub(crate) fn into_events(self) -> Vec<Priced> {
        self.events
    }

    /// The transaction, whose refusals say what of it cannot be.
    pub(crate) fn transaction<'a>(&self, app: &'a App, group: &Group) -> Transaction<'a, Refused> {
        let tenant = Tenant::of_record(&group.account);
        let mut transaction = app.table.transaction();
        let shard = self.shard(group);
        for (place, priced) in self.events.iter().enumerate() {
            let item = priced.stored(shard, app.clock.now());
            transaction.create(&priced.metered.place, &item, Refused::Counted(place));
        }
        for (place, Priced { metered, .. }) in self.events.iter().enumerate() {
            if let Some((id, _)) = &metered.hold {
                transaction.delete_if(&hold_key(*id), Condition::Exists, Refused::Settled(place));
            }
        }
        self.add_counters(app, group, &mut transaction);
        for ((whose, period, share), change) in &self.ledgers {
            let key = ledger_key(tenant, *whose, *period, *share);
            let refused = Refused::Ledger(*whose, *period, *share);
            change.write(&key, &mut transaction, refused);
        }
        for watched in self.shared.iter().filter_map(|it| it.watched()) {
            let (key, update) = watch(app, tenant, group.period(), watched, shard);
            transaction.update(&key, update, None);
        }
        if let Some(period) = group.closes_with {
            let (key, update) = close_month(app, &group.account, period);
            transaction.update(&key, update, None);
        }
        transaction
    }

    fn add_counters(&self, app: &App, group: &Group, transaction: &mut Transaction<'_, Refused>) {
        let (now, tenant) = (app.clock.now(), Tenant::of_record(&group.account));
        let (day, month) = (group.day.to_string(), group.period().to_string());
        let shard = self.shard(group);
        let stamped = |update: Update| update.set(UPDATED_AT, now);
        let mut add = |key, update| transaction.update(&key, stamped(update), None);
        let all = self.all.update(Sign::Used);
        let closes_with = group.closes_with.map(|period| period.first().to_string());
        let of_month = closes_with
            .into_iter()
            .fold(all.clone(), |update, first| update.set(CLOSES_WITH, first));
        add(counter_key(tenant, Grain::Month, &month, shard), of_month);
        add(counter_key(tenant, Grain::Day, &day, shard), all);
        for (hour, counters) in &self.hours {
            let dropped = *hour + SignedDuration::from_hours(24 * HOUR_DAYS_KEPT);
            let update = counters.update(Sign::Used).set("expires_at", dropped.as_second());
            add(counter_key(tenant, Grain::Hour, &hour.to_string(), shard), update);
        }
        for (grain, span) in [(Grain::Month, &month), (Grain::Day, &day)] {
            for (key, counters) in &self.keys {
                let place = key_counter_key(tenant, grain, span, *key, shard);
                add(place, counters.totals_update(Sign::Used));
            }
            for (instance, counters) in &self.instances {
                let key = instance_counter_key(tenant, grain, span, *instance, shard);
                add(key, counters.totals_update(Sign::Used));
            }
        }
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

impl Priced {
    /// The item that proves that it was counted.
    pub(crate) fn stored(&self, shard: u16, now: Timestamp) -> StoredEvent {
        let Metered { event, model, key, instance, .. } = &self.metered;
        let counted_as = CountedAs::new(&event.data, model, *key, *instance, shard);
        StoredEvent::new(event.clone(), self.price, &self.plan, counted_as, now)
    }
}

impl Shared {
    fn watched(self) -> Option<Watched> {
        match self {
            Self::Watch(watched) => Some(watched),
            Self::Hour(_) | Self::Key(_) | Self::Instance(_) | Self::Ledger(..) => None,
        }
    }
}

impl Metered {
    /// The items of its own: what is stored of it, and the hold that it settles.
    fn own_items(&self) -> usize {
        1 + usize::from(self.hold.is_some())
    }

    /// The ledgers that it is counted in.
    fn ledgers(&self) -> impl Iterator<Item = Whose> + use<> {
        let key = self.key.and_then(Counted::known).map(Whose::Key);
        [Whose::Account].into_iter().chain(key)
    }

    /// The share of a ledger that it is best counted in: its hold's, or any.
    pub(crate) fn share(&self, group: &Group) -> u16 {
        let any = || usage::shard(&self.event.source, &self.event.id, shares_of(&group.account));
        self.hold.as_ref().map_or_else(any, |(_, hold)| hold.share)
    }

    /// The items that it shares with others, beside the month's and the day's counters.
    fn touches(&self, group: &Group, share: u16) -> Vec<Shared> {
        let hour = Shared::Hour(group.account.zones.hour(self.event.time));
        let mut touched = vec![hour, Shared::Watch(Watched::Account)];
        touched.extend(self.key.map(Shared::Key));
        touched.extend(self.instance.map(Shared::Instance));
        touched.extend(self.ledgers().map(|whose| Shared::Ledger(whose, group.period(), share)));
        if let Some((_, hold)) = &self.hold {
            let ledger = |whose| Shared::Ledger(whose, hold.period(), hold.share);
            touched.extend(hold.places().map(ledger));
        }
        let capped = self.key.and_then(Counted::known).filter(|_| self.capped);
        touched.extend(capped.map(|key| Shared::Watch(Watched::Key(key))));
        touched
    }
}
