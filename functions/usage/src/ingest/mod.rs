//! The way in of usage events: checked one by one, packed, queued. What is accepted is queued
//! before the reply; what is not is named with its reason.

mod pack;

use axum::{
    Json,
    extract::{Request, State},
    http::StatusCode,
};
use futures::future::try_join_all;
use serde::Serialize;
use serde_json::Value;
use shared::{
    app::App,
    auth::Service,
    error::{Code, Error},
    http::{Strict, decode_json, media_type, read_body},
    outbox::Queue,
    usage::{EventRefused, RefusedCode, UsageData, VoidData, parse_event},
};

/// What a request's body may weigh.
const MOST_BYTES: usize = 1024 * 1024;
/// Events of one request.
const MOST_EVENTS: usize = 1000;

/// What became of the events.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct IngestReply {
    /// So many were queued; each is counted once, however often it is sent.
    accepted: usize,
    /// The others, which were not.
    rejected: Vec<RejectedReply>,
}

/// An event that was not queued.
#[derive(Serialize, utoipa::ToSchema)]
struct RejectedReply {
    /// Its place in the batch, from 0.
    index: usize,
    code: RefusedCode,
    detail: String,
}

/// A CloudEvents 1.0 event of type `ai.usage`.
#[derive(utoipa::ToSchema)]
#[schema(example = json!({
    "specversion": "1.0", "id": "req-1", "source": "gateway/eu-1", "type": "ai.usage",
    "subject": "acc_01kapx0000000000000000000a", "time": "2026-11-22T11:59:00Z",
    "data": {"ai_type": "text", "model": "m-1", "input_tokens": 374, "output_tokens": 44},
}))]
#[expect(dead_code, reason = "it only describes; events are parsed by the CloudEvents library")]
pub(crate) struct UsageCloudEvent {
    /// `1.0`
    specversion: String,
    /// With `source` its identity; up to 128 characters.
    id: String,
    /// Who reports; up to 128 characters.
    source: String,
    /// `ai.usage`
    r#type: String,
    /// The account's id.
    subject: String,
    /// When the request was made; up to 35 days old, up to 5 minutes ahead.
    #[schema(format = "date-time")]
    time: String,
    data: UsageData,
}

/// A CloudEvents 1.0 event of type `ai.usage.void`, which takes an event back: what it counted is subtracted once,
/// also where it comes before the event.
#[derive(utoipa::ToSchema)]
#[schema(example = json!({
    "specversion": "1.0", "id": "void-1", "source": "gateway/eu-1", "type": "ai.usage.void",
    "subject": "acc_01kapx0000000000000000000a", "time": "2026-11-22T12:05:00Z",
    "data": {"source": "gateway/eu-1", "id": "req-1", "time": "2026-11-22T11:59:00Z"},
}))]
#[expect(dead_code, reason = "it only describes; events are parsed by the CloudEvents library")]
pub(crate) struct VoidCloudEvent {
    /// `1.0`
    specversion: String,
    /// Its own id.
    id: String,
    /// Who reports.
    source: String,
    /// `ai.usage.void`
    r#type: String,
    /// The account's id.
    subject: String,
    /// When it was reported.
    #[schema(format = "date-time")]
    time: String,
    data: VoidData,
}

/// What was used, or taken back.
pub(crate) struct ReportedCloudEvent;

impl utoipa::PartialSchema for ReportedCloudEvent {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::{Ref, schema::OneOfBuilder};
        let [used, void] = ["UsageCloudEvent", "VoidCloudEvent"].map(Ref::from_schema_name);
        OneOfBuilder::new().item(used).item(void).into()
    }
}

impl utoipa::ToSchema for ReportedCloudEvent {}

/// One event, or a batch of them.
pub(crate) struct OneOrMany;

impl utoipa::PartialSchema for OneOrMany {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::{
            Ref,
            schema::{ArrayBuilder, OneOfBuilder},
        };
        let event = || Ref::from_schema_name("ReportedCloudEvent");
        let batch = ArrayBuilder::new().items(event());
        OneOfBuilder::new().item(event()).item(batch).into()
    }
}

impl utoipa::ToSchema for OneOrMany {}

/// Reports usage as CloudEvents; each event is counted once, however often it is sent.
#[utoipa::path(
    post, path = "/v1/usage/events", operation_id = "report_usage", tag = "usage",
    request_body(
        description = "One event or a batch of up to 1,000, up to 1 MB",
        content(
            (ReportedCloudEvent = "application/cloudevents+json"),
            (Vec<ReportedCloudEvent> = "application/cloudevents-batch+json"),
            (OneOrMany = "application/json"),
        )
    ),
    responses(
        (status = 202, description = "Queued, but for the rejected ones", body = IngestReply),
        (status = 400, description = "The body is no JSON", body = shared::http::Problem),
        (status = 413, description = "Too large or too many", body = shared::http::Problem),
        (status = 415, description = "Not a CloudEvents body", body = shared::http::Problem),
    )
)]
pub(crate) async fn json(
    State(app): State<App>,
    _gateway: Service,
    request: Request,
) -> Result<(StatusCode, Json<IngestReply>), Error> {
    let events = events(request).await?;
    let now = app.clock.now();
    let mut accepted = Vec::new();
    let mut rejected = Vec::new();
    for (index, event) in events.into_iter().enumerate() {
        match parse_event(event, now) {
            Ok(reported) => accepted.push(reported),
            Err(EventRefused { code, detail }) => {
                rejected.push(RejectedReply { index, code, detail: detail.into_owned() });
            }
        }
    }
    let count = accepted.len();
    let calls = pack::calls(accepted).into_iter();
    let queue = app.config.queue(Queue::Usage)?;
    try_join_all(calls.map(|bodies| app.queues.send(queue, bodies))).await?;
    Ok((StatusCode::ACCEPTED, Json(IngestReply { accepted: count, rejected })))
}

/// The body's events. The type says whether it is one or a batch; plain JSON may be either.
async fn events(request: Request) -> Result<Vec<Value>, Error> {
    let (parts, body) = request.into_parts();
    let kind = media_type(&parts.headers).map(str::to_ascii_lowercase);
    let (one, many) = match kind.as_deref() {
        Some("application/cloudevents+json") => (true, false),
        Some("application/cloudevents-batch+json") => (false, true),
        Some("application/json") => (true, true),
        _ => return Err(Code::UnsupportedType.into()),
    };
    let bytes = read_body(body, MOST_BYTES).await?;
    let Strict(body) = decode_json(&bytes)?;
    match body {
        Value::Array(events) if many => {
            if events.len() > MOST_EVENTS {
                return Err(Code::TooLarge.into());
            }
            Ok(events)
        }
        event @ Value::Object(_) if one => Ok(vec![event]),
        _ => Err(Error::malformed("neither one event nor a batch, as the type says")),
    }
}
