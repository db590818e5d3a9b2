//! The page of one notification, with what became of it on each way.

use askama::Template;
use axum::response::Response;
use jiff::Timestamp;
use serde::Deserialize;
use shared::{
    auth::SignedIn,
    error::Error,
    http::{PageQuery as Query, Path},
    notify::{DeliveryState, Notification},
    web::{Layout, Nav, device_words, render},
};

use crate::{
    read::find,
    reply::{DeliveryReply, deliveries},
    retry::can_retry,
};

#[derive(Template)]
#[template(path = "one/page.html")]
struct Page {
    layout: Layout,
    title: String,
    body: String,
    notification: Notification,
    deliveries: Vec<DeliveryReply>,
    done: &'static str,
}

impl Page {
    fn moment(&self, at: &Timestamp) -> String {
        self.layout.text.format().moment(at)
    }

    fn device(&self, device: &str) -> String {
        device_words(device, &self.layout.text)
    }

    fn is_unread(&self) -> bool {
        self.notification.read_at.is_none()
    }

    fn can_retry(&self) -> bool {
        can_retry(&self.notification)
    }

    fn chip(&self, delivery: &DeliveryReply) -> &'static str {
        match delivery.state {
            DeliveryState::Queued => "info",
            DeliveryState::Sent | DeliveryState::Delivered => "ok",
            DeliveryState::Failed => "critical",
            DeliveryState::Suppressed => "off",
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PageQuery {
    #[serde(default)]
    done: String,
}

pub(crate) async fn page(
    signed_in: SignedIn,
    Path(id): Path<String>,
    Query(query): Query<PageQuery>,
) -> Result<Response, Error> {
    let notification = find(&signed_in, &id).await?;
    let done = if query.done == "retried" { "notices-retried" } else { "" };
    let layout = Layout::portal(&signed_in.context, Nav::Notifications);
    let (title, body) =
        (notification.words.title(&layout.text), notification.words.body(&layout.text));
    let deliveries = deliveries(&notification);
    Ok(render(&Page { layout, title, body, notification, deliveries, done }))
}
