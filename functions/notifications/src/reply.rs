//! A notification as the API tells it.

use jiff::Timestamp;
use serde::Serialize;
use shared::{
    id::NotificationId,
    notify::{Channel, Delivery, DeliveryReason, DeliveryState, NoticeKind, Notification},
    web::Text,
};

/// Something that a user was told.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct NotificationReply {
    id: NotificationId,
    kind: NoticeKind,
    /// In one line, in the language of the reply.
    title: String,
    /// What more there is to say; may be empty.
    body: String,
    /// The page that it is about, as a path; empty if there is none.
    link: String,
    #[schema(value_type = String, format = "date-time")]
    created_at: Timestamp,
    #[schema(value_type = Option<String>, format = "date-time")]
    read_at: Option<Timestamp>,
    deliveries: Vec<DeliveryReply>,
}

/// What became of it on one way.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct DeliveryReply {
    pub(crate) channel: Channel,
    pub(crate) state: DeliveryState,
    /// Why it stands there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) reason: Option<DeliveryReason>,
    /// How often it was tried.
    pub(crate) attempts: u32,
    /// Since when.
    #[schema(value_type = String, format = "date-time")]
    pub(crate) at: Timestamp,
}

impl NotificationReply {
    pub(crate) fn new(notification: Notification, text: &Text) -> Self {
        let deliveries = deliveries(&notification);
        Self {
            id: notification.id,
            kind: notification.kind,
            title: notification.words.title(text),
            body: notification.body(text),
            link: notification.link,
            created_at: notification.created_at,
            read_at: notification.read_at,
            deliveries,
        }
    }
}

/// What became of it on each way: it is in the portal, for who reads this.
pub(crate) fn deliveries(notification: &Notification) -> Vec<DeliveryReply> {
    let here = DeliveryReply {
        channel: Channel::InApp,
        state: DeliveryState::Delivered,
        reason: None,
        attempts: 1,
        at: notification.created_at,
    };
    let out = notification.deliveries.iter().map(|(channel, delivery)| {
        let Delivery { state, reason, attempts, at } = delivery.clone();
        DeliveryReply { channel: *channel, state, reason, attempts, at }
    });
    std::iter::once(here).chain(out).collect()
}
