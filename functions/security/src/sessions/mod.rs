//! The sessions of the one who asks.

pub(crate) mod end;
pub(crate) mod page;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shared::{
    auth::{SignedIn, sessions_of},
    error::Error,
    http::{PageLimit, Query},
    id::SessionId,
    table::{Cursor, CursorScope},
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

/// The sessions of the user, newest first.
#[utoipa::path(
    get, path = "/v1/sessions", operation_id = "list_sessions", tag = "security", security(("session" = [])),
    params(PageQuery),
    responses(
        (status = 200, description = "The live sessions, newest first", body = SessionList),
        (status = 401, description = "Not signed in", body = shared::http::Problem),
        (status = 422, description = "The limit is not valid", body = shared::http::Problem),
    )
)]
pub(crate) async fn json(
    signed_in: SignedIn,
    Query(query): Query<PageQuery>,
) -> Result<axum::Json<SessionList>, Error> {
    let limit = PageLimit::parse(query.limit)?.get();
    let scope = CursorScope::new(&signed_in.app.config, signed_in.tenant, "sessions");
    let after = query.cursor.map(|cursor| scope.open(&cursor)).transpose()?;

    let mut sessions = sessions_of(&signed_in, signed_in.session.user).await?;
    let text = Text::new(signed_in.context.preferences());
    sessions.sort_by_key(|session| std::cmp::Reverse(session.id));
    if let Some(Cursor(after)) = after {
        sessions.retain(|session| session.id.to_string() < after);
    }
    let more = sessions.len() > limit;
    sessions.truncate(limit);
    let last = sessions.last().filter(|_| more).map(|session| Cursor(session.id.to_string()));
    let current = signed_in.session.id;
    let items = sessions.into_iter().map(|session| SessionReply {
        current: session.id == current,
        id: session.id,
        device: device_words(&session.device, &text),
        user_agent: session.device,
        ip: session.ip,
        created_at: session.created_at,
        last_seen_at: session.last_seen_at,
    });
    Ok(axum::Json(SessionList {
        items: items.collect(),
        next_cursor: last.map(|cursor| scope.seal(&cursor)),
    }))
}
