//! What a ticket's conversation is made of, as the client reads it. What staff write to each other is of another
//! type and lies elsewhere (`functions/admin`): nothing that reads a conversation can come upon it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Priority, Status};
use crate::{
    auth::{Caller, Principal},
    id::{AttachmentId, MessageId, TicketId},
    table::{Key, Tenant},
};

/// A message has at most so many files.
pub const MOST_ATTACHMENTS: usize = 5;
/// A message has at most so many characters.
pub const MOST_CHARACTERS: usize = 20_000;

/// An entry of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// Which of its ticket's entries it is, counted from 1: those of one moment have an order, too.
    #[serde(default)]
    pub place: u32,
    /// Whose it is.
    pub author: Author,
    /// What it is.
    pub said: Said,
    /// When.
    pub created_at: Timestamp,
}

/// Whose an entry is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Author {
    /// Which side.
    pub kind: AuthorKind,
    /// What whoever wrote it was called then; empty of the panel itself.
    pub name: String,
}

/// Which side an entry comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuthorKind {
    /// The client's people and programs.
    Client,
    /// The company's people.
    Staff,
    /// The panel itself, which tells of a change.
    System,
}

impl AuthorKind {
    /// Its name in the API and in message ids.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Staff => "staff",
            Self::System => "system",
        }
    }
}

/// What an entry is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// Somebody wrote.
    Written {
        /// The words.
        body: String,
        /// The files.
        #[serde(default)]
        attachments: Vec<Attached>,
    },
    /// Something changed.
    Happened(Happened),
}

/// A file of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Attached {
    /// Its id.
    pub id: AttachmentId,
    /// What it is called.
    pub name: String,
    /// How long it is.
    pub bytes: u64,
    /// What kind of file it was said to be.
    #[serde(rename = "type")]
    pub media_type: String,
}

/// A change that a conversation tells of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Happened {
    /// What.
    pub change: Change,
    /// Who did it; nothing if it was time.
    pub by: Option<Author>,
    /// Why, where whoever did it had to say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Where it stands.
    Status(Status),
    /// It was opened again.
    Reopened,
    /// How much it matters.
    Priority(Priority),
}

impl Change {
    /// The message that tells of it.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::Status(status) => format!("ticket-now-{}", status.as_str()),
            Self::Reopened => "ticket-now-reopened".to_owned(),
            Self::Priority(priority) => format!("ticket-priority-now-{}", priority.as_str()),
        }
    }
}

impl Author {
    /// Somebody of the client's.
    #[must_use]
    pub fn client(name: impl Into<String>) -> Self {
        Self { kind: AuthorKind::Client, name: name.into() }
    }

    /// Whoever acts in an account; nobody is named of the panel itself.
    #[must_use]
    pub fn of(caller: &Caller) -> Self {
        match &caller.principal {
            Principal::User { name, .. } | Principal::ApiKey { name, .. } => Self::client(name),
            Principal::Staff { name, .. } => Self::staff(name),
            _ => Self { kind: AuthorKind::System, name: String::new() },
        }
    }

    /// Somebody of staff.
    #[must_use]
    pub fn staff(name: impl Into<String>) -> Self {
        Self { kind: AuthorKind::Staff, name: name.into() }
    }
}

impl Message {
    /// Words.
    #[must_use]
    pub fn written(
        id: MessageId,
        author: Author,
        body: String,
        attachments: Vec<Attached>,
        now: Timestamp,
    ) -> Self {
        let said = Said::Written { body, attachments };
        Self { id, place: 0, author, said, created_at: now }
    }

    /// A change.
    #[must_use]
    pub fn happened(
        id: MessageId,
        change: Change,
        by: Option<Author>,
        reason: Option<String>,
        now: Timestamp,
    ) -> Self {
        let author = Author { kind: AuthorKind::System, name: String::new() };
        let said = Said::Happened(Happened { change, by, reason });
        Self { id, place: 0, author, said, created_at: now }
    }

    /// The file of an id, if it is one of this entry's.
    #[must_use]
    pub fn attached(&self, id: AttachmentId) -> Option<&Attached> {
        match &self.said {
            Said::Written { attachments, .. } => attachments.iter().find(|it| it.id == id),
            Said::Happened(_) => None,
        }
    }
}

/// What the sort keys of a ticket's entries begin with.
#[must_use]
pub fn messages_prefix(ticket: TicketId) -> String {
    format!("TMSG#{ticket}#")
}

/// What the sort key of an entry ends with.
#[must_use]
pub fn message_place(place: u32) -> String {
    format!("{place:06}")
}

/// Where an entry lies.
#[must_use]
pub fn message_key(tenant: Tenant, ticket: TicketId, place: u32) -> Key {
    Key::of(tenant, format_args!("{}{}", messages_prefix(ticket), message_place(place)))
}
