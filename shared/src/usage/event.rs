//! A usage event: one metered AI request (or a batch of alike ones), reported by the gateway as a
//! CloudEvent 1.0. Its identity is `source` + `id`; delivering it twice counts it once.

use std::borrow::Cow;

use cloudevents::{AttributesReader, Data, Event};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Void;
use crate::{
    id::{AccountId, InstanceId, KeyId},
    plan::AiType,
};

/// Events older than this are not counted: their dedupe record may be gone.
const HORIZON: SignedDuration = SignedDuration::from_hours(35 * 24);
/// Clocks of machines differ; further ahead than this is no difference but a defect.
const FUTURE: SignedDuration = SignedDuration::from_mins(5);

const MOST_IDENTITY_CHARACTERS: usize = 128;
const MOST_NAME_CHARACTERS: usize = 64;
/// Far above any real request, far below where sums could overflow.
const MOST_TOKENS: u64 = 1_000_000_000_000;
const MOST_REQUESTS: u64 = 1_000_000_000;

const EVENT_TYPE: &str = "ai.usage";
const VOID_TYPE: &str = "ai.usage.void";

/// A valid event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsageEvent {
    /// Who reported it.
    pub source: String,
    /// Its id there.
    pub id: String,
    /// Whose use it was.
    pub account: AccountId,
    /// When the request was made.
    pub time: Timestamp,
    /// What was metered.
    pub data: UsageData,
}

/// What an event meters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UsageData {
    /// The kind of work.
    pub ai_type: AiType,
    /// The model.
    pub model: String,
    /// Tokens in.
    #[serde(default)]
    pub input_tokens: u64,
    /// Tokens out.
    #[serde(default)]
    pub output_tokens: u64,
    /// Requests.
    #[serde(default = "one")]
    pub requests: u64,
    /// The instance that served it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_id: Option<InstanceId>,
    /// The API key that asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_key_id: Option<KeyId>,
    /// How long it took, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_ms: Option<u32>,
    /// How it ended, in the gateway's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The reservation that it settles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reservation_id: Option<String>,
}

fn one() -> u64 {
    1
}

/// Why an event is not taken; a client tells them apart by the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RefusedCode {
    /// Not a CloudEvent 1.0 of type `ai.usage` or `ai.usage.void` with the documented data.
    Malformed,
    /// Its source or id is empty or longer than 128 characters.
    InvalidIdentity,
    /// Its subject is no account's id.
    InvalidSubject,
    /// More tokens, requests or characters than an event may hold.
    OutOfRange,
    /// Older than 35 days.
    TooOld,
    /// More than five minutes ahead.
    InTheFuture,
    /// There is no such client.
    UnknownAccount,
}

impl RefusedCode {
    /// Its name in replies and dead letters.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::InvalidIdentity => "invalid_identity",
            Self::InvalidSubject => "invalid_subject",
            Self::OutOfRange => "out_of_range",
            Self::TooOld => "too_old",
            Self::InTheFuture => "in_the_future",
            Self::UnknownAccount => "unknown_account",
        }
    }
}

/// An event that is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct EventRefused {
    /// What programs tell refusals apart by.
    pub code: RefusedCode,
    /// What is wrong, in English: the sender is a machine of the company's own.
    pub detail: Cow<'static, str>,
}

impl EventRefused {
    /// A refusal with its words.
    pub fn new(code: RefusedCode, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { code, detail: detail.into() }
    }
}

/// What was reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reported {
    /// Something was used.
    Use(UsageEvent),
    /// What was reported before, or is still to come, was not.
    Void(Void),
}

/// Parses one structured CloudEvent and checks all that can be checked without the table.
pub fn parse_event(event: Value, now: Timestamp) -> Result<Reported, EventRefused> {
    let malformed = |detail: String| EventRefused::new(RefusedCode::Malformed, detail);
    if event.get("specversion").and_then(Value::as_str) != Some("1.0") {
        return Err(malformed("specversion is not \"1.0\"".to_owned()));
    }
    // The library keeps the source as a URI reference and the time in another calendar type; the
    // event's own spelling of both is its identity.
    let text = |name: &str| event.get(name).and_then(Value::as_str).map(str::to_owned);
    let (source, time) = (text("source"), text("time"));
    let mut event: Event =
        serde_json::from_value(event).map_err(|error| malformed(error.to_string()))?;
    if ![EVENT_TYPE, VOID_TYPE].contains(&event.ty()) {
        let detail = format!("type is neither \"{EVENT_TYPE}\" nor \"{VOID_TYPE}\"");
        return Err(malformed(detail));
    }
    let source = source.ok_or_else(|| malformed("source is not there".to_owned()))?;
    let time = time.ok_or_else(|| malformed("time is not there".to_owned()))?;
    let time: Timestamp = time.parse().map_err(|_| malformed("time is not RFC 3339".to_owned()))?;
    let account = event.subject().and_then(|subject| subject.parse().ok()).ok_or_else(|| {
        EventRefused::new(RefusedCode::InvalidSubject, "subject is no account's id")
    })?;
    if event.ty() == VOID_TYPE {
        return Void::parse(account, event, now).map(Reported::Void);
    }
    let id = event.id().to_owned();
    let (_, _, data) = event.take_data();
    // serde would read an array as the fields in their order.
    let Some(Data::Json(data @ Value::Object(_))) = data else {
        return Err(malformed("data is not a JSON object".to_owned()));
    };
    let data: UsageData =
        serde_json::from_value(data).map_err(|error| malformed(format!("data: {error}")))?;
    let event = UsageEvent { source, id, account, time, data };
    event.check(now)?;
    Ok(Reported::Use(event))
}

impl UsageEvent {
    /// Checks identity, ranges and age; the meter checks again, for time passes in a queue.
    pub fn check(&self, now: Timestamp) -> Result<(), EventRefused> {
        check_identity(&self.source, &self.id)?;
        let data = &self.data;
        let name = |text: &str| {
            !text.is_empty()
                && text.len() <= MOST_NAME_CHARACTERS
                && text.bytes().all(|b| b.is_ascii_graphic() && b != b'#')
        };
        if !name(&data.model) {
            let detail = "model has 1 to 64 printable ASCII characters, no blank and no #";
            return Err(EventRefused::new(RefusedCode::OutOfRange, detail));
        }
        let words = [data.status.as_deref(), data.reservation_id.as_deref()];
        if words.into_iter().flatten().any(|text| !name(text)) {
            let detail = "status and reservation_id have 1 to 64 printable ASCII characters";
            return Err(EventRefused::new(RefusedCode::OutOfRange, detail));
        }
        let tokens = data.input_tokens.max(data.output_tokens);
        if tokens > MOST_TOKENS || !(1..=MOST_REQUESTS).contains(&data.requests) {
            let detail = "at most 10^12 tokens each way and 1 to 10^9 requests";
            return Err(EventRefused::new(RefusedCode::OutOfRange, detail));
        }
        check_time(self.time, now)
    }
}

/// Checks what an event is told from all others by.
pub(super) fn check_identity(source: &str, id: &str) -> Result<(), EventRefused> {
    let is_one = |text: &str| {
        !text.is_empty()
            && text.chars().count() <= MOST_IDENTITY_CHARACTERS
            && !text.chars().any(|c| c.is_control() || is_noncharacter(c))
    };
    if is_one(source) && is_one(id) {
        return Ok(());
    }
    let detail = "source and id have 1 to 128 characters";
    Err(EventRefused::new(RefusedCode::InvalidIdentity, detail))
}

/// Checks when an event was.
pub(super) fn check_time(time: Timestamp, now: Timestamp) -> Result<(), EventRefused> {
    if now.duration_since(time) > HORIZON {
        return Err(EventRefused::new(RefusedCode::TooOld, "older than 35 days"));
    }
    if time.duration_since(now) > FUTURE {
        let detail = "more than 5 minutes in the future";
        return Err(EventRefused::new(RefusedCode::InTheFuture, detail));
    }
    Ok(())
}

/// What XML cannot hold, and therefore no queue takes.
fn is_noncharacter(c: char) -> bool {
    matches!(u32::from(c) & 0xFFFF, 0xFFFE | 0xFFFF) || ('\u{FDD0}'..='\u{FDEF}').contains(&c)
}

/// Events on their way to the meter: as many as one transaction can count.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PackedEvents {
    /// The events.
    #[serde(default)]
    pub events: Vec<UsageEvent>,
    /// Those that are taken back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub voids: Vec<Void>,
}

impl PackedEvents {
    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.events.is_empty() && self.voids.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: &str = "2026-11-22T12:00:00Z";

    fn event() -> Value {
        json!({
            "specversion": "1.0", "id": "e1", "source": "gateway/eu-1", "type": "ai.usage",
            "subject": "acc_01kapx0000000000000000000a", "time": "2026-11-22T11:59:00Z",
            "data": {"ai_type": "text", "model": "m-1", "input_tokens": 374, "output_tokens": 44},
        })
    }

    fn refusal(change: impl Fn(&mut Value)) -> Option<RefusedCode> {
        let mut changed = event();
        change(&mut changed);
        parse_event(changed, NOW.parse().unwrap()).err().map(|refused| refused.code)
    }

    #[test]
    fn a_documented_event_is_taken_and_one_request_is_the_default() {
        let Reported::Use(event) = parse_event(event(), NOW.parse().unwrap()).unwrap() else {
            panic!("it is no void");
        };
        assert_eq!((event.data.requests, event.data.input_tokens), (1, 374));
    }

    #[test]
    fn a_void_names_the_event_and_is_as_old_as_that_may_be() {
        let void = |time: &str| {
            let mut void = event();
            void["type"] = json!("ai.usage.void");
            void["data"] = json!({"source": "gateway/eu-1", "id": "e1", "time": time});
            parse_event(void, NOW.parse().unwrap())
        };
        let Ok(Reported::Void(named)) = void("2026-10-18T12:00:00Z") else { panic!("no void") };
        assert_eq!((named.source.as_str(), named.id.as_str()), ("gateway/eu-1", "e1"));
        let refused = void("2026-10-18T11:59:59Z").err().map(|refused| refused.code);
        assert_eq!(refused, Some(RefusedCode::TooOld));
        let without = refusal(|it| it["type"] = json!("ai.usage.void"));
        assert_eq!(without, Some(RefusedCode::Malformed), "the data of use");
    }

    #[test]
    fn each_defect_has_its_code() {
        use RefusedCode as C;
        let set = |path: &'static str, value: Value| {
            refusal(move |event| *event.pointer_mut(path).unwrap() = value.clone())
        };
        assert_eq!(set("/specversion", json!("0.3")), Some(C::Malformed));
        assert_eq!(set("/type", json!("other")), Some(C::Malformed));
        assert_eq!(set("/time", json!("yesterday")), Some(C::Malformed));
        assert_eq!(set("/data/input_tokens", json!(-1)), Some(C::Malformed));
        assert_eq!(set("/data/input_tokens", json!(1.5)), Some(C::Malformed));
        assert_eq!(set("/data/ai_type", json!("smell")), Some(C::Malformed));
        assert_eq!(set("/id", json!("x".repeat(129))), Some(C::InvalidIdentity));
        assert_eq!(set("/source", json!("a\u{FFFE}")), Some(C::InvalidIdentity));
        assert_eq!(set("/subject", json!("acc_#")), Some(C::InvalidSubject));
        assert_eq!(set("/data/model", json!("a#b")), Some(C::OutOfRange));
        assert_eq!(set("/data/input_tokens", json!(MOST_TOKENS + 1)), Some(C::OutOfRange));
        assert_eq!(set("/time", json!("2026-10-18T11:59:59Z")), Some(C::TooOld));
        assert_eq!(set("/time", json!("2026-11-22T12:05:01Z")), Some(C::InTheFuture));
        assert_eq!(set("/time", json!("2026-10-18T12:00:00Z")), None, "35 days are not too old");
        assert_eq!(set("/time", json!("2026-11-22T12:05:00Z")), None, "5 minutes are allowed");
    }

    #[test]
    fn an_unknown_field_or_a_missing_one_is_malformed() {
        assert_eq!(refusal(|it| it["data"]["price"] = json!("0")), Some(RefusedCode::Malformed));
        for field in ["id", "source", "type", "subject", "time", "data", "specversion"] {
            let removed = refusal(|it| drop(it.as_object_mut().unwrap().remove(field)));
            assert!(removed.is_some(), "{field}");
        }
    }
}
