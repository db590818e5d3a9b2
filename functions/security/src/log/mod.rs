//! The security log: what happened to the account's credentials, newest first.

mod page;

pub(crate) use page::page;

use jiff::Timestamp;
use serde::Serialize;
use shared::{
    audit::{Actor, ENTRIES, Entry, EventKind},
    auth::SignedIn,
    error::Error,
    http::{ListQuery, Query},
    id::EventId,
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

/// A page of entries and the cursor of the next.
async fn load(
    signed_in: &SignedIn,
    query: ListQuery,
) -> Result<(Vec<Entry>, Option<String>), Error> {
    let page = query.of(signed_in, "security events")?;
    let (mut entries, next) = page.read(ENTRIES, |entry: &Entry| entry.id).await?;
    let now = signed_in.app.clock.now().as_second();
    entries.retain(|entry| now < entry.expires_at);
    Ok((entries, next))
}

/// The account's security log, newest first.
#[utoipa::path(
    get, path = "/v1/security/events", operation_id = "list_security_events", tag = "security", security(("session" = [])),
    params(ListQuery),
    responses(
        (status = 200, description = "What happened, newest first", body = SecurityEventList),
        (status = 400, description = "The cursor is not of this list", body = shared::http::Problem),
        (status = 401, description = "Not signed in", body = shared::http::Problem),
        (status = 422, description = "The limit is not valid", body = shared::http::Problem),
    )
)]
pub(crate) async fn json(
    signed_in: SignedIn,
    Query(query): Query<ListQuery>,
) -> Result<axum::Json<SecurityEventList>, Error> {
    let (entries, next_cursor) = load(&signed_in, query).await?;
    let items = entries.into_iter().map(SecurityEventReply::from).collect();
    Ok(axum::Json(SecurityEventList { items, next_cursor }))
}
