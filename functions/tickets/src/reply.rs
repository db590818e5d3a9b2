//! A ticket and its conversation as the API tells them.

use jiff::Timestamp;
use serde::Serialize;
use shared::{
    app::App,
    id::{MessageId, TicketId},
    ticket::{
        About, Attached, Author, AuthorKind, Follows, Happened, Message, Priority, Said, Side,
        Status, Target, Ticket,
    },
    web::Text,
};

/// A ticket.
#[derive(Serialize, utoipa::ToSchema)]
pub struct TicketReply {
    id: TicketId,
    /// Which of the account's it is, counted from 1.
    number: u64,
    subject: String,
    status: Status,
    /// Who has to act; nobody once it is resolved.
    waiting_for: Option<Side>,
    /// Since when it stands so.
    #[schema(value_type = String, format = "date-time")]
    waiting_since: Timestamp,
    priority: Priority,
    category: String,
    /// What it is about, as it looked when the ticket was opened.
    about: Option<About>,
    /// The closed ticket that it goes on from.
    follows: Option<FollowsReply>,
    assignee: Option<AssigneeReply>,
    promise: PromiseReply,
    /// Whether somebody else touched it since its page was last looked at.
    unread: bool,
    #[schema(value_type = String, format = "date-time")]
    created_at: Timestamp,
    #[schema(value_type = String, format = "date-time")]
    updated_at: Timestamp,
    #[schema(value_type = Option<String>, format = "date-time")]
    closed_at: Option<Timestamp>,
    version: u64,
}

/// The closed ticket that one goes on from.
#[derive(Serialize, utoipa::ToSchema)]
struct FollowsReply {
    id: TicketId,
    number: u64,
}

/// Who of staff looks after it.
#[derive(Serialize, utoipa::ToSchema)]
struct AssigneeReply {
    name: String,
}

/// What was promised. While nothing is up to us the clock stands still, and nothing is due.
#[derive(Serialize, utoipa::ToSchema)]
pub struct PromiseReply {
    #[schema(value_type = Option<String>, format = "date-time")]
    first_reply_due: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = "date-time")]
    solution_due: Option<Timestamp>,
    paused: bool,
    #[schema(value_type = Option<String>, format = "date-time")]
    first_reply_at: Option<Timestamp>,
}

impl TicketReply {
    /// A ticket as it stands.
    #[must_use]
    pub fn new(ticket: Ticket, app: &App) -> Self {
        let due = |target| ticket.due(target, &app.support);
        let promise = PromiseReply {
            first_reply_due: due(Target::FirstReply),
            solution_due: due(Target::Solution),
            paused: !ticket.stopwatch.runs(),
            first_reply_at: ticket.first_reply_at,
        };
        Self {
            id: ticket.id,
            number: ticket.number,
            subject: ticket.subject,
            status: ticket.status,
            waiting_for: ticket.waiting_for,
            waiting_since: ticket.waiting_since,
            priority: ticket.priority,
            category: ticket.category,
            about: ticket.about,
            follows: ticket.follows.map(|Follows { id, number }| FollowsReply { id, number }),
            assignee: ticket.assignee.map(|it| AssigneeReply { name: it.name }),
            promise,
            unread: ticket.unread,
            created_at: ticket.created_at,
            updated_at: ticket.updated_at,
            closed_at: ticket.closed_at,
            version: ticket.version,
        }
    }
}

/// An entry of a conversation.
#[derive(Serialize, utoipa::ToSchema)]
pub struct MessageReply {
    /// Its id.
    pub id: MessageId,
    /// Whose it is.
    pub author: Author,
    /// Plain text; of a change what happened, in the language of the reply.
    pub body: String,
    /// The files that go with it.
    pub attachments: Vec<Attached>,
    /// When.
    #[schema(value_type = String, format = "date-time")]
    pub created_at: Timestamp,
}

impl MessageReply {
    /// An entry, in the words of whoever reads it.
    #[must_use]
    pub fn new(message: Message, text: &Text) -> Self {
        let (body, attachments) = match message.said {
            Said::Written { body, attachments } => (body, attachments),
            Said::Happened(happened) => (happened_words(&happened, text), Vec::new()),
        };
        let (id, author, created_at) = (message.id, message.author, message.created_at);
        Self { id, author, body, attachments, created_at }
    }
}

/// What changed, by whom and why, in words.
#[must_use]
pub fn happened_words(happened: &Happened, text: &Text) -> String {
    let what = text.get(&happened.change.words());
    let by = happened.by.as_ref().filter(|it| it.kind != AuthorKind::System);
    let told = match by {
        Some(author) => {
            let name = text.isolate(&author.name);
            text.with2("ticket-happened-by", ("what", &what), ("name", &name))
        }
        None => what,
    };
    match &happened.reason {
        Some(reason) => {
            let reason = text.isolate(reason);
            text.with2("ticket-happened-because", ("what", &told), ("reason", &reason))
        }
        None => told,
    }
}
