//! The security log: what happened to the account's credentials, newest first.

mod page;

pub(crate) use page::page;

use jiff::Timestamp;
use serde::Serialize;
use shared::{
    audit::{Actor, ENTRIES, Entry, EventKind},
    auth::{Caller, SignedIn},
    error::Error,
    http::{ListQuery, Query},
    id::{EventId, KeyId, UserId},
    table::Range,
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
    actor: ActorReply,
    /// What it was done to: the name of a key, a new address.
    subject: Option<String>,
    /// Why, where whoever did it had to say so.
    reason: Option<String>,
}

/// Who did it. Of the rental company's people a client sees that they were, not who.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
enum ActorReply {
    /// A user, signed in or signing in.
    User { id: UserId, name: String },
    /// Whoever held a link that was mailed to the user.
    Link { id: UserId },
    /// A program, by its key; `user` made the key.
    ApiKey { id: KeyId, name: String, user: UserId },
    /// A machine of the rental company's.
    ServiceKey { id: KeyId, name: String },
    /// One of the rental company's people.
    Staff,
    /// The panel itself, when it was time.
    Schedule { name: String },
}

impl From<Actor> for ActorReply {
    fn from(actor: Actor) -> Self {
        match actor {
            Actor::User { id, name } => Self::User { id, name },
            Actor::Link { id } => Self::Link { id },
            Actor::ApiKey { id, name, user } => Self::ApiKey { id, name, user },
            Actor::ServiceKey { id, name } => Self::ServiceKey { id, name },
            Actor::Staff { .. } => Self::Staff,
            Actor::Schedule { name } => Self::Schedule { name },
        }
    }
}

impl From<Entry> for SecurityEventReply {
    fn from(entry: Entry) -> Self {
        Self {
            id: entry.id,
            kind: entry.kind,
            created_at: entry.created_at,
            ip: entry.ip,
            device: entry.device,
            actor: entry.actor.into(),
            subject: entry.subject,
            reason: entry.reason,
        }
    }
}

/// A page of entries and the cursor of the next.
async fn load(caller: &Caller, query: ListQuery) -> Result<(Vec<Entry>, Option<String>), Error> {
    let page = query.of(caller, "security events")?;
    let now = caller.app.clock.now().as_second();
    let live = |entry: &Entry| now < entry.expires_at;
    let (entries, next) = page.read_where(ENTRIES, |entry: &Entry| entry.id, live).await?;
    Ok((entries.into_iter().map(as_told).collect(), next))
}

/// The latest entries, so many at the most.
pub(crate) async fn latest(caller: &Caller, most: usize) -> Result<Vec<Entry>, Error> {
    let range = Range::prefix(caller.tenant, ENTRIES).newest_first().limit(most);
    let (entries, _) = caller.app.table.page::<Entry>(&range).await?;
    let now = caller.app.clock.now().as_second();
    let live = entries.into_iter().filter(|entry| now < entry.expires_at);
    Ok(live.map(as_told).collect())
}

/// A client sees that it was the company's people, not from where they acted.
fn as_told(mut entry: Entry) -> Entry {
    if matches!(entry.actor, Actor::Staff { .. }) {
        (entry.ip, entry.device) = (String::new(), String::new());
    }
    entry
}

/// The account's security log, newest first.
#[utoipa::path(
    get, path = "/v1/security/events", operation_id = "list_security_events", tag = "security",
    params(ListQuery),
    responses(
        (status = 200, description = "What happened, newest first", body = SecurityEventList),
        (status = 400, description = "The cursor is not of this list", body = shared::http::Problem),
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
