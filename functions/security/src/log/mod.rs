//! The security log: what happened to the account's credentials, newest first.

mod page;

pub(crate) use page::page;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shared::{
    audit::{Actor, ENTRIES, Entry, EventKind},
    auth::SignedIn,
    error::Error,
    http::{PageLimit, Query},
    id::EventId,
    table::{Cursor, CursorScope, Range},
};

/// One page of the log.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct SecurityEventList {
    items: Vec<SecurityEventReply>,
    next_cursor: Option<String>,
}

/// Something that happened.
#[derive(Serialize, utoipa::ToSchema)]
struct SecurityEventReply {
    id: EventId,
    kind: EventKind,
    #[schema(value_type = String, format = "date-time")]
    created_at: Timestamp,
    /// The address it came from.
    ip: String,
    /// What the browser or program calls itself.
    device: String,
    actor: Actor,
    /// What it was done to: the name of a key, a new address.
    subject: Option<String>,
    /// Why, where whoever did it had to say so.
    reason: Option<String>,
}

impl From<Entry> for SecurityEventReply {
    fn from(entry: Entry) -> Self {
        Self {
            id: entry.id,
            kind: entry.kind,
            created_at: entry.created_at,
            ip: entry.ip,
            device: entry.device,
            actor: entry.actor,
            subject: entry.subject,
            reason: entry.reason,
        }
    }
}

/// Which page.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageQuery {
    /// 1 to 100.
    #[serde(default)]
    #[param(default = 25, minimum = 1, maximum = 100)]
    limit: Option<usize>,
    /// From the page before.
    #[serde(default)]
    cursor: Option<String>,
}

/// A page of entries and the cursor of the next.
async fn load(
    signed_in: &SignedIn,
    query: PageQuery,
) -> Result<(Vec<Entry>, Option<String>), Error> {
    let limit = PageLimit::parse(query.limit)?.get();
    let (app, tenant) = (&signed_in.app, signed_in.tenant);
    let scope = CursorScope::new(&app.config, tenant, "security events");
    let after = query.cursor.map(|cursor| scope.open(&cursor)).transpose()?;
    let mut range = Range::prefix(tenant, ENTRIES).newest_first().limit(limit + 1);
    if let Some(Cursor(id)) = after {
        range = range.after(&format!("{ENTRIES}{id}"));
    }
    let (mut entries, _): (Vec<Entry>, _) = app.table.page(&range).await?;
    let more = entries.len() > limit;
    entries.truncate(limit);
    let now = app.clock.now().as_second();
    let last = entries.last().filter(|_| more).map(|entry| Cursor(entry.id.to_string()));
    entries.retain(|entry| now < entry.expires_at);
    Ok((entries, last.map(|cursor| scope.seal(&cursor))))
}

/// The account's security log, newest first.
#[utoipa::path(
    get, path = "/v1/security/events", operation_id = "list_security_events", tag = "security", security(("session" = [])),
    params(PageQuery),
    responses(
        (status = 200, description = "What happened, newest first", body = SecurityEventList),
        (status = 400, description = "The cursor is not of this list", body = shared::http::Problem),
        (status = 401, description = "Not signed in", body = shared::http::Problem),
        (status = 422, description = "The limit is not valid", body = shared::http::Problem),
    )
)]
pub(crate) async fn json(
    signed_in: SignedIn,
    Query(query): Query<PageQuery>,
) -> Result<axum::Json<SecurityEventList>, Error> {
    let (entries, next_cursor) = load(&signed_in, query).await?;
    let items = entries.into_iter().map(SecurityEventReply::from).collect();
    Ok(axum::Json(SecurityEventList { items, next_cursor }))
}
