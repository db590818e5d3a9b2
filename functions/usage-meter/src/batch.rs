//! A batch of messages taken apart into events, and put together again into what is acknowledged.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use jiff::{Timestamp, civil::Date};
use shared::{
    account::{Account, AccountKind, AccountsFound, BillingPeriod},
    headroom::Hold,
    id::{AccountId, HoldId, InstanceId, KeyId},
    queue::{Deliveries, Failures},
    table::{Key, Tenant},
    usage::{Counted, EventRefused, PackedEvents, RefusedCode, UsageEvent, event_key},
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
}

impl Group {
    /// The month that its day lies in.
    pub(crate) fn period(&self) -> BillingPeriod {
        BillingPeriod::of(self.day)
    }
}

pub(crate) struct Batch {
    events: Vec<(usize, UsageEvent)>,
    dead: Vec<Buried>,
    failed: BTreeSet<usize>,
}

impl Batch {
    /// Takes the messages apart; what cannot be read or is too old by now is dead.
    pub(crate) fn open(deliveries: &Deliveries, now: Timestamp) -> Self {
        let mut batch = Self { events: Vec::new(), dead: Vec::new(), failed: BTreeSet::new() };
        for (message, record) in deliveries.records.iter().enumerate() {
            match events_of(&record.body) {
                Err(letter) => batch.dead.push((message, letter)),
                Ok(events) => {
                    for event in events {
                        match event.check(now) {
                            Ok(()) => batch.events.push((message, event)),
                            Err(refused) => {
                                batch.dead.push((message, DeadLetter::of(event, &refused)));
                            }
                        }
                    }
                }
            }
        }
        batch
    }

    /// The events, whatever is going to become of them.
    pub(crate) fn events(&self) -> impl Iterator<Item = &UsageEvent> {
        self.events.iter().map(|(_, event)| event)
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
            Some((Group { account, day }, events))
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
fn events_of(body: &str) -> Result<Vec<UsageEvent>, DeadLetter> {
    let unreadable = match serde_json::from_str::<PackedEvents>(body) {
        Ok(packed) => return Ok(packed.events),
        Err(error) => error,
    };
    match serde_json::from_str::<DeadLetter>(body) {
        Ok(letter) => letter.into_event().map(|event| vec![event]),
        Err(_) => {
            let refused = EventRefused::new(RefusedCode::Malformed, unreadable.to_string());
            Err(DeadLetter::unreadable(body.to_owned(), &refused))
        }
    }
}
