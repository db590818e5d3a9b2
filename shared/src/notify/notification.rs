//! Something that a user was told, as the portal shows it, with what became of it on each way.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Channel, Hold, NoticeKind, Words};
use crate::{
    auth::SecurityChange,
    id::{NotificationId, UserId},
    table::{Condition, Key, TableError, Tenant, Update, Value},
    web::{Text, device_words},
};

/// Notifications are kept so long.
pub(super) const KEPT: SignedDuration = SignedDuration::from_hours(400 * 24);

/// A notification as it is stored.
#[derive(Clone, Serialize, Deserialize)]
pub struct Notification {
    /// Its id; notifications by id are notifications by time.
    pub id: NotificationId,
    /// What kind it is.
    pub kind: NoticeKind,
    /// What is told.
    pub words: Words,
    /// The page that it is about.
    pub link: String,
    /// When it happened.
    pub created_at: Timestamp,
    /// When the user read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_at: Option<Timestamp>,
    /// What became of it on each way out of the portal.
    #[serde(default)]
    pub deliveries: BTreeMap<Channel, Delivery>,
    /// The change that it tells of, which "this was not me" undoes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<SecurityChange>,
    /// The conversation that it is a part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<Thread>,
    /// When the table drops it; seconds since 1970.
    pub expires_at: i64,
}

/// A conversation: the mails about it stand together in a mailbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thread {
    /// What tells it from all others.
    pub of: String,
    /// The subject of all of its mails: mailboxes go by it as well.
    pub subject: String,
}

impl Notification {
    /// The change that says where it stands on a way.
    pub fn stands(channel: Channel, delivery: &Delivery) -> Result<Update, TableError> {
        Ok(Update::new().set_entry("deliveries", channel.as_str(), Value::of(delivery)?))
    }

    /// That it stands on all ways as it was read.
    pub fn stands_as_read(&self) -> Result<Condition, TableError> {
        Ok(Condition::equals_serialized("deliveries", &self.deliveries)?)
    }

    /// That it waits on a way, or was not taken there: what came back meanwhile is not said to be there.
    #[must_use]
    pub fn awaits(channel: Channel) -> Condition {
        let is = |field, value: &str| {
            Condition::EntryEquals(["deliveries", channel.as_str(), field], value.into())
        };
        let (queued, refused) = (DeliveryState::Queued, DeliveryReason::Refused);
        Condition::Any(vec![is("state", queued.as_str()), is("reason", refused.as_str())])
    }

    /// The change that marks it as read, if it was not.
    #[must_use]
    pub fn read(now: Timestamp) -> Update {
        let unread = vec![Condition::Exists, Condition::Without("read_at")];
        Update::new().set("read_at", now).when(Condition::All(unread))
    }

    /// What more there is to say: of a change, from where it was made. Of the company's people a client sees
    /// that they were, not from where they acted.
    #[must_use]
    pub fn body(&self, text: &Text) -> String {
        match self.change.as_ref().filter(|change| !change.ip.is_empty()) {
            Some(change) => {
                let (address, device) =
                    (text.isolate(&change.ip), device_words(&change.device, text));
                let device = text.isolate(&device);
                text.with2("notice-change-body", ("address", &address), ("device", &device))
            }
            None => self.words.body(text),
        }
    }
}

/// What became of a notification on one way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Where it stands.
    pub state: DeliveryState,
    /// Why it stands there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<DeliveryReason>,
    /// How often it was tried.
    #[serde(default)]
    pub attempts: u32,
    /// Since when.
    pub at: Timestamp,
}

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// On its way, or waiting.
    Queued,
    /// The service that delivers has it.
    Sent,
    /// It is there.
    Delivered,
    /// It did not arrive.
    Failed,
    /// It does not go there.
    Suppressed,
}

impl DeliveryState {
    /// Its name in message ids.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Suppressed => "suppressed",
        }
    }
}

/// Why a delivery stands where it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryReason {
    /// It waits for the end of the quiet hours.
    QuietHours,
    /// It waits for the day's digest.
    Digest,
    /// It waits for others of its kind.
    Gathered,
    /// A mail about very many others counts it.
    Counted,
    /// The user does not want it there.
    Preference,
    /// Mails to the address come back.
    Bounced,
    /// The address's owner calls our mails unwanted.
    Complaint,
    /// The service that delivers did not take it.
    Refused,
}

impl DeliveryReason {
    /// Its name in replies and message ids.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::QuietHours => "quiet_hours",
            Self::Digest => "digest",
            Self::Gathered => "gathered",
            Self::Counted => "counted",
            Self::Preference => "preference",
            Self::Bounced => "bounced",
            Self::Complaint => "complaint",
            Self::Refused => "refused",
        }
    }
}

impl From<Hold> for DeliveryReason {
    fn from(hold: Hold) -> Self {
        match hold {
            Hold::QuietHours => Self::QuietHours,
            Hold::Digest => Self::Digest,
            Hold::Gathered => Self::Gathered,
        }
    }
}

impl Delivery {
    /// One that is on its way, or waits for a reason.
    #[must_use]
    pub fn queued(reason: Option<DeliveryReason>, at: Timestamp) -> Self {
        Self { state: DeliveryState::Queued, reason, attempts: 0, at }
    }

    /// One that does not go there.
    #[must_use]
    pub fn suppressed(reason: DeliveryReason, at: Timestamp) -> Self {
        Self { state: DeliveryState::Suppressed, reason: Some(reason), attempts: 0, at }
    }

    /// Whether it may be tried again.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.state == DeliveryState::Failed
    }
}

/// What the sort keys of a user's notifications begin with.
#[must_use]
pub fn notifications_prefix(user: UserId) -> String {
    format!("NOTICE#{user}#")
}

/// Where a notification lies.
#[must_use]
pub fn notification_key(tenant: Tenant, user: UserId, id: NotificationId) -> Key {
    Key::of(tenant, format_args!("{}{id}", notifications_prefix(user)))
}
