//! The page `/notifications`.

use askama::Template;
use axum::response::Response;
use shared::{
    auth::SignedIn,
    error::Error,
    http::PageQuery as Query,
    notify::Notification,
    web::{Layout, Nav, render},
};

use super::{NotificationQuery, load};

#[derive(Template)]
#[template(path = "list/page.html")]
struct Page {
    layout: Layout,
    days: Vec<Day>,
    only_unread: bool,
    /// Where the list begins, unless the page shows that.
    first: String,
    next: String,
}

/// The notifications of one day.
struct Day {
    name: String,
    notifications: Vec<Notification>,
}

impl Page {
    fn title(&self, notification: &Notification) -> String {
        notification.words.title(&self.layout.text)
    }

    fn body(&self, notification: &Notification) -> String {
        notification.body(&self.layout.text)
    }

    fn time(&self, notification: &Notification) -> String {
        self.layout.text.format().moment(&notification.created_at)
    }

    fn choices(&self) -> Vec<shared::web::Choice> {
        let choice = |href: &str, label: &str, current| shared::web::Choice {
            href: href.to_owned(),
            label: self.layout.t(label),
            current,
        };
        vec![
            choice("/notifications", "notices-all", !self.only_unread),
            choice("/notifications?unread=true", "notices-unread", self.only_unread),
        ]
    }
}

pub(crate) async fn page(
    signed_in: SignedIn,
    Query(query): Query<NotificationQuery>,
) -> Result<Response, Error> {
    let only_unread = query.only_unread()?;
    let here = if only_unread { "/notifications?unread=true" } else { "/notifications" };
    let first = if query.cursor.is_some() { here } else { "" }.to_owned();
    let (notifications, next) = load(&signed_in, query).await?;
    let layout = Layout::portal(&signed_in.context, Nav::Notifications);
    let joint = if only_unread { '&' } else { '?' };
    let next = next.map(|cursor| format!("{here}{joint}cursor={cursor}")).unwrap_or_default();
    let days = by_day(notifications, &layout);
    Ok(render(&Page { layout, days, only_unread, first, next }))
}

/// Newest first, as they come.
fn by_day(notifications: Vec<Notification>, layout: &Layout) -> Vec<Day> {
    let mut days: Vec<Day> = Vec::new();
    for notification in notifications {
        let zone = layout.preferences.zone.clone();
        let date = notification.created_at.to_zoned(zone).date();
        let name = layout.text.format().date(&date);
        match days.last_mut().filter(|day| day.name == name) {
            Some(day) => day.notifications.push(notification),
            None => days.push(Day { name, notifications: vec![notification] }),
        }
    }
    days
}
