//! Files of a ticket: each is announced, sent straight to the bucket, and then named by the message that it
//! belongs to.

use futures::future::try_join_all;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Attached, MOST_ATTACHMENTS};
use crate::{
    auth::Caller,
    error::{Code, Error},
    id::{AttachmentId, MessageId, TicketId},
    table::{Condition, Key, Read, Tenant, Transaction, Update},
};

/// A file has at most so many bytes.
pub const MOST_FILE_BYTES: u64 = 10 * 1024 * 1024;

/// What was announced and belongs to no message is forgotten after this time.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// A file as it is stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Attachment {
    /// Its id.
    pub id: AttachmentId,
    /// What it is called.
    pub name: String,
    /// What kind of file it is said to be.
    pub media_type: String,
    /// Who announced it: nobody else's message names it.
    by: String,
    /// The message that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<MessageId>,
    /// When it was announced.
    pub created_at: Timestamp,
    /// When the table drops it, unless a message names it; seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires_at: Option<i64>,
}

impl Attachment {
    /// A file that somebody announces.
    #[must_use]
    pub fn announced(
        caller: &Caller,
        id: AttachmentId,
        name: String,
        media_type: String,
        now: Timestamp,
    ) -> Self {
        let expires_at = Some(now.as_second() + KEPT.as_secs());
        let by = caller.principal.identity();
        Self { id, name, media_type, by, message: None, created_at: now, expires_at }
    }

    /// Whether it waits for a message of who asks.
    #[must_use]
    pub fn waits_for(&self, caller: &Caller) -> bool {
        let now = caller.app.clock.now().as_second();
        let there = self.expires_at.is_none_or(|at| now < at);
        self.message.is_none() && there && self.by == caller.principal.identity()
    }
}

/// What the sort keys of a ticket's files begin with.
#[must_use]
pub fn attachments_prefix(ticket: TicketId) -> String {
    format!("TFILE#{ticket}#")
}

/// Where a file's item lies.
#[must_use]
pub fn attachment_key(tenant: Tenant, ticket: TicketId, id: AttachmentId) -> Key {
    Key::of(tenant, format_args!("{}{id}", attachments_prefix(ticket)))
}

/// Where a file lies in the bucket.
#[must_use]
pub fn file_key(tenant: Tenant, ticket: TicketId, id: AttachmentId) -> String {
    format!("tickets/{}/{ticket}/{id}", tenant.account())
}

/// The files that a message names, each of them announced by who writes it, sent, and no other message's; and adds
/// to its transaction that they are its own.
///
/// # Errors
/// When one is not, or a service fails.
pub async fn take_attachments(
    caller: &Caller,
    ticket: TicketId,
    message: MessageId,
    ids: &[String],
    transaction: &mut Transaction<'_, Code>,
) -> Result<Vec<Attached>, Error> {
    let refused = |code| Error::field("attachment_ids", code);
    if ids.len() > MOST_ATTACHMENTS {
        return Err(refused("too_many"));
    }
    let parsed: Result<Vec<AttachmentId>, _> = ids.iter().map(|id| id.parse()).collect();
    let parsed = parsed.map_err(|_| refused("file_unknown"))?;
    let keys: Vec<Key> =
        parsed.iter().map(|id| attachment_key(caller.tenant, ticket, *id)).collect();
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let mut unique = parsed.clone();
    unique.sort_unstable();
    unique.dedup();
    if unique.len() < parsed.len() {
        return Err(refused("file_unknown"));
    }
    let mut found = caller.app.table.batch(&keys, Read::Strong).await?;
    let mut files: Vec<Attachment> = Vec::new();
    for key in &keys {
        let file = found.take(key)?.filter(|it: &Attachment| it.waits_for(caller));
        files.push(file.ok_or_else(|| refused("file_unknown"))?);
    }
    let bucket = caller.app.config.files()?;
    let sizes = files.iter().map(async |file| {
        caller.app.files.bytes(bucket, &file_key(caller.tenant, ticket, file.id)).await
    });
    let sizes = try_join_all(sizes).await?;
    let mut attached = Vec::new();
    for ((file, bytes), key) in files.into_iter().zip(sizes).zip(&keys) {
        let bytes = bytes.filter(|it| *it <= MOST_FILE_BYTES);
        let bytes = bytes.ok_or_else(|| refused("file_missing"))?;
        let free = Condition::All(vec![Condition::Exists, Condition::Without("message")]);
        let update = Update::new().set("message", message.to_string()).remove("expires_at");
        transaction.update(key, update.when(free), Some(Code::Conflict));
        let Attachment { id, name, media_type, .. } = file;
        attached.push(Attached { id, name, bytes, media_type });
    }
    Ok(attached)
}
