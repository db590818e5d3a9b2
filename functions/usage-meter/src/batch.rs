//! A batch of messages taken apart into events, and put together again into what is acknowledged.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use jiff::{Timestamp, civil::Date};
use shared::{
    account::{Account, AccountKind, AccountsFound, BillingPeriod},
    headroom::Hold,
    id::{AccountId, HoldId, InstanceId, KeyId},
    queue::{Deliveries, Failures},
    table::{Key, Tenant},
    usage::{Counted, EventRefused, PackedEvents, RefusedCode, UsageEvent, Void, event_key},
};

use crate::{Buried, dead_letter::DeadLetter};

/// An event with the message it came in.
pub(crate) struct Metered {
    pub(crate) message: usize,
    /// Where it lies once it is counted.
    pub(crate) place: Key,
    pub(crate) event: UsageEvent,
    /// The model it is counted under.
    pub(crate) model: String,
    /// The API key it is counted under.
    pub(crate) key: Option<Counted<KeyId>>,
    /// Whether that key has a limit of its own.
    pub(crate) capped: bool,
    /// The instance it is counted under.
    pub(crate) instance: Option<Counted<InstanceId>>,
    /// The hold that it settles.
    pub(crate) hold: Option<(HoldId, Hold)>,
}

impl Metered {
    fn new(message: usize, place: Key, event: UsageEvent) -> Self {
        let model = event.data.model.clone();
        let (key, capped, instance, hold) = (None, false, None, None);
        Self { message, place, event, model, key, capped, instance, hold }
    }
}

/// What one group of events has in common.
#[derive(Clone)]
pub(crate) struct Group {
    pub(crate) account: Account,
    pub(crate) day: Date,
    /// The month whose close is to bill them, where that is not known yet.
    pub(crate) closes_with: Option<BillingPeriod>,
}

impl Group {
    /// The month that its day lies in.
    pub(crate) fn period(&self) -> BillingPeriod {
        BillingPeriod::of(self.day)
    }
}

pub(crate) struct Batch {
    events: Vec<(usize, UsageEvent)>,
    voids: Vec<(usize, Void)>,
    dead: Vec<Buried>,
    failed: BTreeSet<usize>,
}

impl Batch {
    /// Takes the messages apart; what cannot be read or is too old by now is dead.
    pub(crate) fn open(deliveries: &Deliveries, now: Timestamp) -> Self {
        let (events, voids, dead) = (Vec::new(), Vec::new(), Vec::new());
        let mut batch = Self { events, voids, dead, failed: BTreeSet::new() };
        for (message, record) in deliveries.records.iter().enumerate() {
            match events_of(&record.body) {
                Err(letter) => batch.dead.push((message, letter)),
                Ok(packed) => batch.take(message, packed, now),
            }
        }
        batch
    }

    fn take(&mut self, message: usize, packed: PackedEvents, now: Timestamp) {
        for event in packed.events {
            match event.check(now) {
                Ok(()) => self.events.push((message, event)),
                Err(refused) => self.dead.push((message, DeadLetter::of(event, &refused))),
            }
        }
        for void in packed.voids {
            match void.check(now) {
                Ok(()) => self.voids.push((message, void)),
                Err(refused) => self.dead.push((message, DeadLetter::of_void(void, &refused))),
            }
        }
    }

    /// The events, whatever is going to become of them.
    pub(crate) fn events(&self) -> impl Iterator<Item = &UsageEvent> {
        self.events.iter().map(|(_, event)| event)
    }

    /// What is taken back, whatever is going to become of it.
    pub(crate) fn voids(&self) -> impl Iterator<Item = &Void> {
        self.voids.iter().map(|(_, void)| void)
    }

    /// What is taken back, with the message that it came in.
    pub(crate) fn take_voids(&mut self) -> Vec<(usize, Void)> {
        std::mem::take(&mut self.voids)
    }

    /// Groups by account and day. An event that is there twice stays once; one of an unknown
    /// account is dead.
    pub(crate) fn group(&mut self, accounts: &AccountsFound) -> Vec<(Group, Vec<Metered>)> {
        let mut seen = HashSet::new();
        let mut groups: BTreeMap<(AccountId, Date), Vec<Metered>> = BTreeMap::new();
        for (message, event) in std::mem::take(&mut self.events) {
            if accounts.unreadable.contains_key(&event.account) {
                self.failed.insert(message);
                continue;
            }
            let client = accounts.known.get(&event.account);
            let client = client.filter(|it| it.kind == AccountKind::Client);
            let Some(account) = client else {
                let refused =
                    EventRefused::new(RefusedCode::UnknownAccount, "there is no such client");
                self.dead.push((message, DeadLetter::of(event, &refused)));
                continue;
            };
            let day = account.zones.day(event.time);
            let partitions = account.spread.on(day).events;
            let key = event_key(Tenant::of_record(account), day, partitions, &event);
            if seen.insert(key.clone()) {
                let group = groups.entry((account.id(), day)).or_default();
                group.push(Metered::new(message, key, event));
            }
        }
        let groups = groups.into_iter().filter_map(|((account, day), events)| {
            let account = accounts.known.get(&account)?.clone();
            Some((Group { account, day, closes_with: None }, events))
        });
        groups.collect()
    }

    pub(crate) fn bury(&mut self, dead: Vec<Buried>) {
        self.dead.extend(dead);
    }

    pub(crate) fn fail(&mut self, messages: Vec<usize>) {
        self.failed.extend(messages);
    }

    /// Dead letters of messages that are acknowledged; the others' come again with them.
    pub(crate) fn dead_letters(&self) -> Vec<&DeadLetter> {
        let settled = self.dead.iter().filter(|(message, _)| !self.failed.contains(message));
        settled.map(|(_, letter)| letter).collect()
    }

    pub(crate) fn fail_dead(&mut self) {
        self.failed.extend(self.dead.iter().map(|(message, _)| *message));
    }

    pub(crate) fn failures(&self, deliveries: &Deliveries) -> Failures {
        let ids = self.failed.iter().filter_map(|index| deliveries.records.get(*index));
        ids.map(|record| record.message_id.clone()).collect()
    }
}

/// The events of a message: packed by the ingest, or a dead letter that an operator put back.
fn events_of(body: &str) -> Result<PackedEvents, DeadLetter> {
    let unreadable = match serde_json::from_str::<PackedEvents>(body) {
        // Without either it is a dead letter.
        Ok(packed) if !packed.is_empty() => return Ok(packed),
        Ok(_) => "neither events nor voids".to_owned(),
        Err(error) => error.to_string(),
    };
    match serde_json::from_str::<DeadLetter>(body) {
        Ok(letter) => letter.into_packed(),
        Err(_) => {
            let refused = EventRefused::new(RefusedCode::Malformed, unreadable);
            Err(DeadLetter::unreadable(body.to_owned(), &refused))
        }
    }
}
