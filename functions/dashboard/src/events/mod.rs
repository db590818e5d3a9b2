//! The request log: one line a counted event, newest first.

use axum::Json;
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use shared::{
    auth::{Client, SignedIn},
    error::Error,
    http::{PageLimit, Query},
    id::{InstanceId, KeyId},
    money::Money,
    plan::AiType,
    table::{Cursor, CursorScope, InvalidCursor, Range, Tenant},
    usage::{Counters, Grain, StoredEvent, event_partition, grain_prefix},
};

use crate::usage::Span;

/// A page may read so many day partitions; one with fewer lines than asked for says where to go
/// on.
const MOST_DAYS_READ: usize = 4;

/// Which lines.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct EventsQuery {
    /// The first day, in the account's zone. By default the first of this month.
    #[serde(default)]
    #[param(value_type = Option<String>, format = "date")]
    from: Option<String>,
    /// The day after the last. By default tomorrow.
    #[serde(default)]
    #[param(value_type = Option<String>, format = "date")]
    to: Option<String>,
    /// One kind of work.
    #[serde(default)]
    #[param(value_type = Option<AiType>)]
    ai_type: Option<String>,
    /// 1 to 100.
    #[serde(default)]
    #[param(default = 25, minimum = 1, maximum = 100)]
    limit: Option<usize>,
    /// From the page before.
    #[serde(default)]
    cursor: Option<String>,
}

/// One page of the log.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct EventList {
    items: Vec<EventReply>,
    next_cursor: Option<String>,
}

/// One counted event.
#[derive(Serialize, utoipa::ToSchema)]
struct EventReply {
    /// Its id at its source.
    id: String,
    source: String,
    #[schema(value_type = String, format = "date-time")]
    time: Timestamp,
    ai_type: AiType,
    model: String,
    requests: u64,
    input_tokens: u64,
    output_tokens: u64,
    tokens: u64,
    /// At the list price of its time, exact.
    cost: Money,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance_id: Option<InstanceId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    api_key_id: Option<KeyId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    latency_ms: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<String>,
}

impl From<StoredEvent> for EventReply {
    fn from(event: StoredEvent) -> Self {
        let data = event.data;
        Self {
            id: event.id,
            source: event.source,
            time: event.time,
            ai_type: data.ai_type,
            model: data.model,
            requests: data.requests,
            input_tokens: data.input_tokens,
            output_tokens: data.output_tokens,
            tokens: data.input_tokens.saturating_add(data.output_tokens),
            cost: event.cost.into(),
            instance_id: data.instance_id,
            api_key_id: data.api_key_id,
            latency_ms: data.latency_ms,
            status: data.status,
        }
    }
}

/// Where a page ends: a day, and the sort key within it.
struct Position {
    day: Date,
    after: Option<String>,
}

impl Position {
    fn parse(cursor: &Cursor) -> Result<Self, InvalidCursor> {
        let (day, after) = cursor.0.split_once('|').ok_or(InvalidCursor)?;
        let day = day.parse().map_err(|_| InvalidCursor)?;
        Ok(Self { day, after: (!after.is_empty()).then(|| after.to_owned()) })
    }

    fn cursor(&self) -> Cursor {
        Cursor(format!("{}|{}", self.day, self.after.as_deref().unwrap_or_default()))
    }
}

#[utoipa::path(
    get, path = "/v1/usage/events", tag = "dashboard", security(("session" = [])),
    params(EventsQuery),
    responses(
        (status = 200, description = "Counted events, newest first", body = EventList),
        (status = 400, description = "The cursor is not of this list", body = shared::http::Problem),
        (status = 422, description = "The range is not valid", body = shared::http::Problem),
    )
)]
pub(crate) async fn json(
    Client(signed_in): Client,
    Query(query): Query<EventsQuery>,
) -> Result<Json<EventList>, Error> {
    let limit = PageLimit::parse(query.limit)?.get();
    let ai_type = query.ai_type.as_deref().map(str::parse::<AiType>).transpose();
    let ai_type = ai_type.map_err(|_| Error::field("ai_type", "choice_unknown"))?;
    let today = signed_in.account.zones.day(signed_in.app.clock.now());
    let span = Span::parse(query.from.as_deref(), query.to.as_deref(), today, 400)?;

    // Bound to what was asked, not to what it meant: today ends between two pages.
    let asked = |text: &Option<String>| text.clone().unwrap_or_default();
    let kind = ai_type.map_or("", AiType::as_str);
    let list = format!("events|{}|{}|{kind}", asked(&query.from), asked(&query.to));
    let scope = CursorScope::new(&signed_in.app.config, signed_in.tenant, list);
    let position = match query.cursor.as_deref() {
        Some(cursor) => Some(Position::parse(&scope.open(cursor)?)?),
        None => None,
    };
    let (events, next) = read(&signed_in, span, ai_type, position, limit).await?;
    Ok(Json(EventList {
        items: events.into_iter().map(EventReply::from).collect(),
        next_cursor: next.map(|position| scope.seal(&position.cursor())),
    }))
}

/// The days that have events, by their counters; then day after day until the page is full.
async fn read(
    signed_in: &SignedIn,
    span: Span,
    ai_type: Option<AiType>,
    position: Option<Position>,
    limit: usize,
) -> Result<(Vec<StoredEvent>, Option<Position>), Error> {
    let last = position.as_ref().map_or(span.last(), |position| position.day);
    let mut days = days_with_events(signed_in, span.from, last, ai_type).await?;
    days.reverse();
    let mut after = position.and_then(|position| position.after);
    let mut events = Vec::new();
    for (read, day) in days.iter().enumerate() {
        if events.len() == limit || read == MOST_DAYS_READ {
            return Ok((events, Some(Position { day: *day, after })));
        }
        let wanted = limit - events.len();
        let (page, next) = day_page(signed_in, *day, ai_type, after.take(), wanted).await?;
        events.extend(page);
        if let Some(next) = next {
            return Ok((events, Some(Position { day: *day, after: Some(next) })));
        }
    }
    Ok((events, None))
}

async fn days_with_events(
    signed_in: &SignedIn,
    from: Date,
    last: Date,
    ai_type: Option<AiType>,
) -> Result<Vec<Date>, Error> {
    let prefix = grain_prefix(Grain::Day);
    let range =
        Range::between(signed_in.tenant, &format!("{prefix}{from}"), &format!("{prefix}{last}"));
    let records = signed_in.app.table.records(range).await?;
    let counted = records.iter().filter(|record| {
        ai_type.is_none_or(|ai_type| Counters::read(record).by_type.contains_key(&ai_type))
    });
    Ok(counted.filter_map(|record| record.sort().strip_prefix(prefix)?.parse().ok()).collect())
}

async fn day_page(
    signed_in: &SignedIn,
    day: Date,
    ai_type: Option<AiType>,
    after: Option<String>,
    limit: usize,
) -> Result<(Vec<StoredEvent>, Option<String>), Error> {
    let tenant: Tenant = signed_in.tenant;
    let mut range =
        Range::within(tenant, &event_partition(day), " ", "~").newest_first().limit(limit);
    if let Some(ai_type) = ai_type {
        range = range.only("ai_type", ai_type.as_str());
    }
    if let Some(after) = after {
        range = range.after(&after);
    }
    Ok(signed_in.app.table.page(&range).await?)
}
