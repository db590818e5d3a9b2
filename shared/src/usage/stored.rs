//! A counted event as it lies in the table: the request log, and the proof that it was counted.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Counted, EVENT_DAYS_KEPT, Totals, UsageData, UsageEvent, Void};
use crate::{
    id::{InstanceId, KeyId},
    money::Pico,
    plan::{PlanRef, Price},
};

/// The attribute of a counter item that says when it was added to last.
pub const UPDATED_AT: &str = "updated_at";

/// The attribute of an event that says that it was taken back.
pub const TAKEN_BACK_AT: &str = "taken_back_at";

/// A counted event.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StoredEvent {
    /// Who reported it.
    pub source: String,
    /// Its id there.
    pub id: String,
    /// When the request was made.
    pub time: Timestamp,
    /// What was metered.
    pub data: UsageData,
    /// Its kind of work once more, for filtering.
    pub ai_type: String,
    /// Its list price at its time, exact.
    pub cost: Pico,
    /// Which part of that is by request.
    #[serde(default)]
    pub by_request: Pico,
    /// The plan whose prices those were.
    pub plan: PlanRef,
    /// Where it was counted.
    #[serde(default, skip_serializing_if = "CountedAs::is_plain")]
    pub counted_as: CountedAs,
    /// When it was counted; not known of older ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counted_at: Option<Timestamp>,
    /// When it was taken back: it counts for nothing since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_back_at: Option<Timestamp>,
    /// When the table drops it; seconds since 1970.
    pub expires_at: i64,
}

/// Where an event was counted, for whoever takes it back.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountedAs {
    /// The model, where it is not the event's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    model: Option<String>,
    /// Whether its API key was none of the account's.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    unknown_key: bool,
    /// Whether its instance was none of the account's.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    unknown_instance: bool,
    /// The shard of the counters.
    #[serde(default)]
    pub shard: u16,
}

impl CountedAs {
    /// A model, key and instance as they were counted, in a shard of the counters.
    #[must_use]
    pub fn new(
        data: &UsageData,
        model: &str,
        key: Option<Counted<KeyId>>,
        instance: Option<Counted<InstanceId>>,
        shard: u16,
    ) -> Self {
        Self {
            model: (model != data.model).then(|| model.to_owned()),
            unknown_key: key == Some(Counted::Unknown),
            unknown_instance: instance == Some(Counted::Unknown),
            shard,
        }
    }

    fn is_plain(&self) -> bool {
        *self == Self::default()
    }
}

impl StoredEvent {
    /// The item of an event that is about to be counted.
    #[must_use]
    pub fn new(
        event: UsageEvent,
        price: Price,
        plan: &PlanRef,
        counted_as: CountedAs,
        now: Timestamp,
    ) -> Self {
        let UsageEvent { source, id, account: _, time, data } = event;
        Self {
            source,
            id,
            time,
            ai_type: data.ai_type.to_string(),
            data,
            cost: price.cost,
            by_request: price.by_request,
            plan: plan.clone(),
            counted_as,
            counted_at: Some(now),
            taken_back_at: None,
            expires_at: kept_until(time),
        }
    }

    /// What it counts, taken back or not.
    #[must_use]
    pub fn used(&self) -> Totals {
        Totals {
            requests: self.data.requests,
            input_tokens: self.data.input_tokens,
            output_tokens: self.data.output_tokens,
            cost: self.cost,
        }
    }

    /// The model that it was counted under.
    #[must_use]
    pub fn model(&self) -> &str {
        self.counted_as.model.as_deref().unwrap_or(&self.data.model)
    }

    /// The API key that it was counted under.
    #[must_use]
    pub fn key(&self) -> Option<Counted<KeyId>> {
        let unknown = self.counted_as.unknown_key;
        self.data.api_key_id.map(|id| if unknown { Counted::Unknown } else { Counted::Known(id) })
    }

    /// The instance that it was counted under.
    #[must_use]
    pub fn instance(&self) -> Option<Counted<InstanceId>> {
        let unknown = self.counted_as.unknown_instance;
        self.data.instance_id.map(|id| if unknown { Counted::Unknown } else { Counted::Known(id) })
    }
}

fn kept_until(time: Timestamp) -> i64 {
    time.as_second() + i64::from(EVENT_DAYS_KEPT) * 86_400
}

/// What lies in an event's place where it was taken back before it came.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Awaited {
    source: String,
    id: String,
    time: Timestamp,
    /// When it was taken back.
    pub taken_back_at: Timestamp,
    expires_at: i64,
}

impl Awaited {
    /// The event that a void names.
    #[must_use]
    pub fn new(void: &Void, now: Timestamp) -> Self {
        let Void { source, id, time, .. } = void.clone();
        Self { source, id, time, taken_back_at: now, expires_at: kept_until(time) }
    }
}

/// What lies in an event's place.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Logged {
    /// The event.
    Event(Box<StoredEvent>),
    /// Nothing that was used: it was taken back before it came.
    Awaited(Awaited),
}

impl Logged {
    /// The event, if it has come.
    #[must_use]
    pub fn event(self) -> Option<StoredEvent> {
        match self {
            Self::Event(event) => Some(*event),
            Self::Awaited(_) => None,
        }
    }
}
