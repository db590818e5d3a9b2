//! The page `/security/log`.

use askama::Template;
use axum::response::Response;
use shared::{
    audit::{Actor, Entry},
    auth::SignedIn,
    error::Error,
    http::{ListQuery, PageQuery as Query},
    web::{Layout, Nav, device_words, render},
};

use super::load;

#[derive(Template)]
#[template(path = "log/page.html")]
struct Page {
    layout: Layout,
    entries: Vec<Entry>,
    /// Where the list begins, unless the page shows that.
    first: String,
    next: String,
}

impl Page {
    fn by(&self, message: &str, name: &str) -> String {
        self.layout.text.with(message, "name", self.layout.text.isolate(name))
    }

    fn device(&self, entry: &Entry) -> String {
        device_words(&entry.device, &self.layout.text)
    }

    fn actor(&self, entry: &Entry) -> String {
        match &entry.actor {
            Actor::User { name, .. } => name.clone(),
            Actor::Link { .. } => self.layout.t("log-by-link"),
            Actor::ApiKey { name, .. } => self.by("log-by-key", name),
            Actor::ServiceKey { name, .. } => self.by("log-by-machine", name),
            // A client sees the company, not the person.
            Actor::Staff { .. } => self.layout.t("log-by-staff"),
            Actor::Schedule { .. } => self.layout.t("log-by-schedule"),
        }
    }
}

pub(crate) async fn page(
    signed_in: SignedIn,
    Query(query): Query<ListQuery>,
) -> Result<Response, Error> {
    let first = if query.goes_on() { "/security/log" } else { "" };
    let (entries, next) = load(&signed_in, query).await?;
    let next = next.map(|cursor| format!("/security/log?cursor={cursor}")).unwrap_or_default();
    let layout = Layout::portal(&signed_in.context, Nav::Security);
    Ok(render(&Page { layout, entries, first: first.to_owned(), next }))
}
