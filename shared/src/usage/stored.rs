//! A counted event as it lies in the table: the request log, and the proof that it was counted.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{EVENT_DAYS_KEPT, UsageData, UsageEvent};
use crate::{money::Pico, plan::PlanRef};

/// The attribute of a counter item that says when it was added to last.
pub const UPDATED_AT: &str = "updated_at";

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
    /// The plan whose prices those were.
    pub plan: PlanRef,
    /// When the table drops it; seconds since 1970.
    pub expires_at: i64,
}

impl StoredEvent {
    /// The item of an event that is about to be counted.
    #[must_use]
    pub fn new(event: UsageEvent, cost: Pico, plan: &PlanRef) -> Self {
        let UsageEvent { source, id, account: _, time, data } = event;
        Self {
            source,
            id,
            time,
            ai_type: data.ai_type.to_string(),
            data,
            cost,
            plan: plan.clone(),
            expires_at: time.as_second() + i64::from(EVENT_DAYS_KEPT) * 86_400,
        }
    }
}
