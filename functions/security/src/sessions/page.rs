//! The page `/security/sessions`.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;
use shared::{
    auth::{Session, SignedIn, sessions_of},
    error::Error,
    http::PageQuery as Query,
    web::{Layout, Nav, device_words, render},
};

#[derive(Template)]
#[template(path = "sessions/page.html")]
struct Page {
    layout: Layout,
    current: Session,
    others: Vec<Session>,
    /// The message about what has just been done.
    done: &'static str,
}

impl Page {
    fn device(&self, session: &Session) -> String {
        device_words(&session.device, &self.layout.text)
    }

    fn moment(&self, at: &jiff::Timestamp) -> String {
        self.layout.text.format().moment(at)
    }
}

#[derive(Deserialize)]
pub(crate) struct PageQuery {
    #[serde(default)]
    done: String,
}

pub(crate) async fn page(
    signed_in: SignedIn,
    Query(query): Query<PageQuery>,
) -> Result<Response, Error> {
    let mut sessions = sessions_of(&signed_in, signed_in.session.user).await?;
    sessions.sort_by_key(|session| std::cmp::Reverse(session.last_seen_at));
    sessions.retain(|session| session.id != signed_in.session.id);
    let done = match query.done.as_str() {
        "session" => "sessions-ended-one",
        "sessions" => "sessions-ended-others",
        _ => "",
    };
    let layout = Layout::portal(&signed_in.context, Nav::Security);
    Ok(render(&Page { layout, current: signed_in.session.clone(), others: sessions, done }))
}
