//! What staff write to each other about a ticket, and what they did to it. It is no part of the ticket's
//! conversation: nothing outside this function knows the type, or reads where it lies.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shared::{
    app::App,
    id::{MessageId, TicketId},
    table::{Key, Range, TableError, Tenant},
    ticket::Ticket,
};

/// A note as it is stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Note {
    /// Its id; notes by id are notes by time.
    pub(crate) id: MessageId,
    /// What whoever wrote it is called.
    pub(crate) author: String,
    /// What it is.
    pub(crate) content: Content,
    /// When.
    pub(crate) created_at: Timestamp,
}

/// What a note is.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Content {
    /// Words.
    Written(String),
    /// Somebody looks after the ticket, or nobody.
    Assigned(Option<String>),
}

fn prefix(ticket: TicketId) -> String {
    format!("TNOTE#{ticket}#")
}

/// Where a note lies.
pub(crate) fn note_key(ticket: &Ticket, id: MessageId) -> Key {
    Key::of(Tenant::of_record(ticket), format_args!("{}{id}", prefix(ticket.id)))
}

/// All notes of a ticket, oldest first.
pub(crate) async fn notes(
    app: &App,
    tenant: Tenant,
    ticket: TicketId,
) -> Result<Vec<Note>, TableError> {
    app.table.all(Range::prefix(tenant, &prefix(ticket)).strong()).await
}
