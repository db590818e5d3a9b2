//! A mail about notifications: one, or many at once. It lies in the outbox with the job that sends it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Hold;
use crate::{
    account::Email,
    app::App,
    id::{NotificationId, OutboxId, TokenId, UserId},
    outbox::{Job, OutboxRecord},
    table::{Owner, Read, TableError, Tenant, Transaction, owned},
};

/// What a mail tells of.
#[derive(Clone, Serialize, Deserialize)]
pub struct Letter {
    account: Owner,
    /// Whom.
    pub user: UserId,
    /// Where it goes.
    pub to: Email,
    /// What it tells of, oldest first.
    pub notices: Vec<NotificationId>,
    /// How many there are beyond those.
    #[serde(default)]
    pub more: u64,
    /// Why they waited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<Hold>,
    /// The token of the link that says "this was not me".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo: Option<TokenId>,
}

owned! {
    Letter: account;
}

impl Letter {
    /// A mail to one of a tenant's users about notifications, oldest first.
    #[must_use]
    pub fn about(tenant: Tenant, user: UserId, to: Email, notices: Vec<NotificationId>) -> Self {
        let account = tenant.owner();
        Self { account, user, to, notices, more: 0, held: None, undo: None }
    }
}

/// A letter in the outbox: what the queue carries is the record alone.
#[derive(Serialize, Deserialize)]
struct LetterRecord {
    #[serde(flatten)]
    record: OutboxRecord,
    /// A mail with a link that somebody asked for has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    letter: Option<Letter>,
}

/// Adds to a transaction that a letter is mailed; its record.
pub fn put_letter<R: Clone>(
    app: &App,
    now: Timestamp,
    letter: Letter,
    transaction: &mut Transaction<'_, R>,
) -> OutboxId {
    let record = OutboxRecord::new(Job::Letter {}, now, &app.random);
    let id = record.id;
    transaction.put(&record.key(), &LetterRecord { record, letter: Some(letter) });
    id
}

/// The letter of a record; nothing if it is another job's, or its time is over.
///
/// # Errors
/// When the table fails.
pub async fn find_letter(app: &App, record: OutboxId) -> Result<Option<Letter>, TableError> {
    let stored: Option<LetterRecord> =
        app.table.get(&OutboxRecord::key_of(record), Read::Strong).await?;
    Ok(stored.and_then(|it| it.letter))
}
