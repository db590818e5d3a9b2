//! The page `/security/sessions`.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;
use shared::{
    auth::{Session, SignedIn},
    error::Error,
    http::{ListQuery, PageQuery as Query},
    web::{Layout, Nav, device_words, render},
};

use super::load;

#[derive(Template)]
#[template(path = "sessions/page.html")]
struct Page {
    layout: Layout,
    current: Session,
    others: Vec<Session>,
    /// The message about what has just been done.
    done: &'static str,
    /// Where the list begins, unless the page shows that.
    first: &'static str,
    next: String,
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
    #[serde(default)]
    cursor: Option<String>,
}

pub(crate) async fn page(
    signed_in: SignedIn,
    Query(query): Query<PageQuery>,
) -> Result<Response, Error> {
    let list = ListQuery::after(query.cursor);
    let first = if list.goes_on() { "/security/sessions" } else { "" };
    let is_other = |session: &Session| session.id != signed_in.session.id;
    let (others, next) = load(&signed_in, list, is_other).await?;
    let next = next.map(|cursor| format!("/security/sessions?cursor={cursor}"));
    let done = match query.done.as_str() {
        "session" => "sessions-ended-one",
        "sessions" => "sessions-ended-others",
        _ => "",
    };
    let layout = Layout::portal(&signed_in.context, Nav::Security);
    let (current, next) = (signed_in.session.clone(), next.unwrap_or_default());
    Ok(render(&Page { layout, current, others, done, first, next }))
}
