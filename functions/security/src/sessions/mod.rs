//! The sessions of the one who asks.

pub(crate) mod end;
pub(crate) mod page;

use jiff::Timestamp;
use serde::Serialize;
use shared::{
    auth::{Caller, SESSIONS, Session, SignedIn},
    error::Error,
    http::{ListQuery, Query},
    id::SessionId,
    web::{Text, device_words},
};

/// One page of sessions.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct SessionList {
    items: Vec<SessionReply>,
    next_cursor: Option<String>,
}

/// A sign-in on one device.
#[derive(Serialize, utoipa::ToSchema)]
struct SessionReply {
    id: SessionId,
    /// Whether it is the one that asks.
    current: bool,
    /// Browser and system in words, as far as they are known.
    device: String,
    /// What the browser or program calls itself.
    user_agent: String,
    /// The address it signed in from.
    ip: String,
    #[schema(value_type = String, format = "date-time")]
    created_at: Timestamp,
    /// Give or take five minutes.
    #[schema(value_type = String, format = "date-time")]
    last_seen_at: Timestamp,
}

/// A page of the live sessions of who asks, newest first, and the cursor of the next.
async fn load(
    caller: &Caller,
    query: ListQuery,
    shown: impl Fn(&Session) -> bool,
) -> Result<(Vec<Session>, Option<String>), Error> {
    let (user, now) = (caller.user()?, caller.app.clock.now());
    let own = |it: &Session| it.user == user && it.is_live(&caller.account, now) && shown(it);
    let page = query.of(caller, "sessions")?;
    page.read_where(SESSIONS, |session| session.id, own).await
}

/// The sessions of the user, newest first.
#[utoipa::path(
    get, path = "/v1/sessions", operation_id = "list_sessions", tag = "security",
    params(ListQuery),
    responses(
        (status = 200, description = "The live sessions, newest first", body = SessionList),
        (status = 422, description = "The limit is not valid", body = shared::http::Problem),
    )
)]
pub(crate) async fn json(
    signed_in: SignedIn,
    Query(query): Query<ListQuery>,
) -> Result<axum::Json<SessionList>, Error> {
    let (sessions, next_cursor) = load(&signed_in, query, |_| true).await?;
    let text = Text::new(signed_in.context.preferences());
    let current = signed_in.session.id;
    let items = sessions.into_iter().map(|session| SessionReply {
        current: session.id == current,
        id: session.id,
        // Whoever shows it knows what is around it.
        device: device_words(&session.device, &text).replace(['\u{2068}', '\u{2069}'], ""),
        user_agent: session.device,
        ip: session.ip,
        created_at: session.created_at,
        last_seen_at: session.last_seen_at,
    });
    Ok(axum::Json(SessionList { items: items.collect(), next_cursor }))
}
