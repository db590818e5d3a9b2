//! The request log: one line a counted event, newest first.

mod page;
mod read;

use std::ops::Deref;

use axum::Json;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shared::{
    app::App,
    auth::{Allowed, Caller, Permission, Presented, ReadScope},
    config::Config,
    error::Error,
    http::{PageLimit, Query},
    id::{InstanceId, KeyId},
    money::Money,
    plan::{AiType, PlanRef},
    table::{CursorRefused, CursorScope, Tenant},
    usage::{EVENT_DAYS_KEPT, EventPlace, StoredEvent},
};

use crate::report::Span;
pub(crate) use page::page;
use read::{Position, Wanted, days_around};

/// A range may be so long: events are not kept longer.
const MOST_DAYS: i32 = EVENT_DAYS_KEPT;

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
    #[param(value_type = Option<usize>, default = 25, minimum = 1, maximum = 100)]
    limit: Option<String>,
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
    /// What names it to support: it tells it from all others of the account.
    #[serde(rename = "ref")]
    place: String,
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
    /// The plan whose prices those were.
    plan: PlanRef,
    /// When it was taken back: it counts for nothing since.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "date-time")]
    taken_back_at: Option<Timestamp>,
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
        let place = EventPlace::of(&event).to_string();
        let data = event.data;
        Self {
            id: event.id,
            place,
            source: event.source,
            time: event.time,
            ai_type: data.ai_type,
            model: data.model,
            requests: data.requests,
            input_tokens: data.input_tokens,
            output_tokens: data.output_tokens,
            tokens: data.input_tokens.saturating_add(data.output_tokens),
            cost: event.cost.into(),
            plan: event.plan,
            taken_back_at: event.taken_back_at,
            instance_id: data.instance_id,
            api_key_id: data.api_key_id,
            latency_ms: data.latency_ms,
            status: data.status,
        }
    }
}

/// The request log: one line a counted event, newest first.
#[utoipa::path(
    get, path = "/v1/usage/events", operation_id = "list_usage_events", tag = "usage",
    params(EventsQuery),
    responses(
        (status = 200, description = "Counted events, newest first", body = EventList),
        (status = 400, description = "The cursor is not of this list", body = shared::http::Problem),
        (status = 422, description = "The range is not valid", body = shared::http::Problem),
    )
)]
pub(crate) async fn json(
    presented: Presented,
    Query(query): Query<EventsQuery>,
) -> Result<Json<EventList>, Error> {
    let (_, listed) = load::<Allowed<ReadScope>>(presented, query).await?;
    let (items, next_cursor) = listed?;
    Ok(Json(EventList { items, next_cursor }))
}

/// Who asks, and one page of the log with the cursor of the next, or why the question is none.
async fn load<P>(
    presented: Presented,
    query: EventsQuery,
) -> Result<(P, Result<(Vec<EventReply>, Option<String>), Error>), Error>
where
    P: Permission + Deref<Target = Caller>,
{
    let days = async |app: &App, tenant: Tenant| {
        let position = query.position(&query.scope(&app.config, tenant)).ok().flatten();
        let range = (query.from.as_deref(), query.to.as_deref());
        days_around(app, tenant, range, position.as_ref()).await
    };
    let (caller, days): (P, _) = presented.alongside(days).await?;
    let listed = list(&caller, &query, &days).await;
    Ok((caller, listed))
}

async fn list(
    caller: &Caller,
    query: &EventsQuery,
    days: &read::Days,
) -> Result<(Vec<EventReply>, Option<String>), Error> {
    let scope = query.scope(&caller.app.config, caller.tenant);
    let wanted = query.wanted(caller, &scope)?;
    let (events, next) = read::page(caller, wanted, days).await?;
    let next = next.map(|position| scope.seal(&position.cursor())).transpose()?;
    Ok((events.into_iter().map(EventReply::from).collect(), next))
}

impl EventsQuery {
    /// A form sends what was left empty as well.
    fn without_empty(self) -> Self {
        let filled = |field: Option<String>| field.filter(|text| !text.is_empty());
        Self {
            from: filled(self.from),
            to: filled(self.to),
            ai_type: filled(self.ai_type),
            cursor: filled(self.cursor),
            ..self
        }
    }

    /// Bound to what was asked, not to what it meant: today ends between two pages.
    fn scope<'a>(&self, config: &'a Config, tenant: Tenant) -> CursorScope<'a> {
        let asked = |text: &Option<String>| text.clone().unwrap_or_default();
        let (from, to, kind) = (asked(&self.from), asked(&self.to), asked(&self.ai_type));
        let list = format!("events|{from}|{to}|{kind}");
        CursorScope::new(config, tenant, list)
    }

    fn position(&self, scope: &CursorScope<'_>) -> Result<Option<Position>, CursorRefused> {
        self.cursor.as_deref().map(|cursor| Position::parse(&scope.open(cursor)?)).transpose()
    }

    fn wanted(&self, caller: &Caller, scope: &CursorScope<'_>) -> Result<Wanted, Error> {
        let limit = PageLimit::parse(self.limit.as_deref())?.get();
        let ai_type = self.ai_type.as_deref().map(str::parse::<AiType>).transpose();
        let ai_type = ai_type.map_err(|_| Error::field("ai_type", "choice_unknown"))?;
        let today = caller.account.zones.day(caller.app.clock.now());
        let span = Span::parse(self.from.as_deref(), self.to.as_deref(), today, MOST_DAYS)?;
        let position = self.position(scope)?;
        Ok(Wanted { span, ai_type, position, limit })
    }
}
