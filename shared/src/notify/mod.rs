//! Telling somebody: one call in the transaction of what is told. `notify` puts what is to be told into the
//! outbox; the notifier shows it in the portal and sends it on, as the user wants it (`functions/notifier`).
//! Links that somebody asked for go a way of their own ([`send_link`]).

mod address;
mod held;
mod kind;
mod letter;
mod link;
mod notification;
mod preferences;
mod quiet;
mod undo;
mod words;

pub use address::{UNDELIVERABLE, Undeliverable, undeliverable_key};
pub use held::{
    Gathering, Held, HeldTimer, MOST_HELD, Wait, Waiting, Way, gathered_as, gathering_key,
    held_prefix, hold,
};
pub use kind::{Channel, NoticeKind, Urgency};
pub use letter::{Letter, find_letter, put_letter};
pub use link::{KINDS, LinkKind, NOTICE, send_link};
pub use notification::{
    Delivery, DeliveryReason, DeliveryState, Notification, Thread, notification_key,
    notifications_prefix,
};
pub use preferences::{Digest, Hold, NoticePreferences, preferences_key};
pub use quiet::{QuietHours, next_digest, time_of, time_text};
pub use undo::undo;
pub use words::{Filling, Words};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    app::App,
    auth::SecurityChange,
    id::{NotificationId, OutboxId, UserId},
    outbox::{Job, OutboxRecord},
    table::{Owner, Read, TableError, Tenant, Transaction, owned},
};

/// What is to be told.
#[derive(Clone, Serialize, Deserialize)]
pub struct Notice {
    account: Owner,
    /// Whom.
    pub user: UserId,
    /// What kind it is.
    pub kind: NoticeKind,
    /// The words.
    pub words: Words,
    /// The page that it is about, as a path.
    pub link: String,
    /// When it happened.
    pub at: Timestamp,
    /// The change that it tells of, which "this was not me" undoes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<SecurityChange>,
    /// The conversation that it is a part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<Thread>,
}

owned! {
    Notice: account;
}

impl Notice {
    /// Word for one of a tenant's users.
    #[must_use]
    pub fn new(
        tenant: Tenant,
        user: UserId,
        kind: NoticeKind,
        words: Words,
        at: Timestamp,
    ) -> Self {
        let link = String::new();
        let (change, thread) = (None, None);
        Self { account: tenant.owner(), user, kind, words, link, at, change, thread }
    }

    /// With the page that it is about, as a path.
    #[must_use]
    pub fn about(self, link: impl Into<String>) -> Self {
        Self { link: link.into(), ..self }
    }

    /// With the change that it tells of.
    #[must_use]
    pub fn of_change(self, change: SecurityChange) -> Self {
        Self { change: Some(change), ..self }
    }

    /// As a part of a conversation.
    #[must_use]
    pub fn in_thread(self, thread: Thread) -> Self {
        Self { thread: Some(thread), ..self }
    }

    /// As the portal shows it. Of one notice there is one, however often it is delivered.
    #[must_use]
    pub fn notification(self, record: OutboxId) -> Notification {
        Notification {
            id: notification_id(record),
            kind: self.kind,
            words: self.words,
            link: self.link,
            created_at: self.at,
            read_at: None,
            deliveries: std::collections::BTreeMap::new(),
            change: self.change,
            thread: self.thread,
            expires_at: self.at.as_second() + notification::KEPT.as_secs(),
        }
    }
}

/// The id of the notification that a record of the outbox becomes.
#[must_use]
pub fn notification_id(record: OutboxId) -> NotificationId {
    NotificationId::from_bytes(record.to_bytes())
}

/// A notice in the outbox. What the queue carries is the record alone: what is told stays in the table.
#[derive(Serialize, Deserialize)]
struct NoticeRecord {
    #[serde(flatten)]
    record: OutboxRecord,
    notice: Notice,
}

/// Adds to a transaction that somebody is told; the record, for who wants to know what became of it.
pub fn notify<R: Clone>(
    app: &App,
    notice: Notice,
    transaction: &mut Transaction<'_, R>,
) -> OutboxId {
    let record = OutboxRecord::new(Job::Notice {}, notice.at, &app.random);
    let id = record.id;
    transaction.put(&record.key(), &NoticeRecord { record, notice });
    id
}

/// What is to be told by a record of the outbox; nothing once its time is over.
///
/// # Errors
/// When the table fails.
pub async fn find_notice(app: &App, record: OutboxId) -> Result<Option<Notice>, TableError> {
    let stored: Option<NoticeRecord> =
        app.table.get(&OutboxRecord::key_of(record), Read::Strong).await?;
    Ok(stored.map(|it| it.notice))
}
