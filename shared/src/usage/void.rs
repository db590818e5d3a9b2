//! Taking an event back: a word that names it. What it counted is subtracted once, whatever comes twice and in
//! whichever order.

use cloudevents::{AttributesReader, Data, Event};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::event::{EventRefused, RefusedCode, check_identity, check_time};
use crate::id::AccountId;

/// The event that is taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Void {
    /// Whose use it was.
    pub account: AccountId,
    /// Who reported it.
    pub source: String,
    /// Its id there.
    pub id: String,
    /// When its request was made.
    pub time: Timestamp,
}

/// What the data of an `ai.usage.void` event name.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VoidData {
    /// The source of the event that is taken back.
    pub source: String,
    /// Its id there.
    pub id: String,
    /// Its time, which may be 35 days ago.
    #[schema(value_type = String, format = "date-time")]
    pub time: Timestamp,
}

impl Void {
    /// Checks identity and age; the meter checks again, for time passes in a queue.
    pub fn check(&self, now: Timestamp) -> Result<(), EventRefused> {
        check_identity(&self.source, &self.id)?;
        check_time(self.time, now)
    }

    pub(super) fn parse(
        account: AccountId,
        mut event: Event,
        now: Timestamp,
    ) -> Result<Self, EventRefused> {
        let malformed = |detail: String| EventRefused::new(RefusedCode::Malformed, detail);
        check_identity(event.source(), event.id())?;
        let (_, _, data) = event.take_data();
        // serde would read an array as the fields in their order.
        let Some(Data::Json(data @ Value::Object(_))) = data else {
            return Err(malformed("data is not a JSON object".to_owned()));
        };
        let VoidData { source, id, time } =
            serde_json::from_value(data).map_err(|error| malformed(format!("data: {error}")))?;
        let void = Self { account, source, id, time };
        void.check(now)?;
        Ok(void)
    }
}
