//! How a ticket is written: with its place among those that are not closed, its place in staff's queue, its
//! account's counts and its alarm, all in the transaction of the move.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Message, Side, Status, Target, Ticket, TicketRefused, message_key};
use crate::{
    account::{Count, Counts},
    app::App,
    error::{Code, Error},
    id::{TicketId, UserId},
    table::{Condition, Key, Owner, Tenant, Transaction, Update, owned},
    timer::{TimerKind, set_timer, timer_key},
};

/// What the sort keys of tickets begin with.
pub const TICKETS: &str = "TICKET#";
/// What the sort keys begin with of the marks of those that are not closed.
pub const UNCLOSED: &str = "TOPEN#";

/// An account has at most so many that are not closed: one read gives them all.
pub const MOST_UNCLOSED: u32 = 100;

/// Staff's queue: what is not closed, the most urgent first.
pub(crate) const QUEUE: &str = "TICKETS";
/// What is closed, the newest first.
pub(crate) const ARCHIVE: &str = "TICKETS#closed";

/// Further away than any moment: what waits for the client comes after what waits for us, and what is resolved
/// after that.
const LATER: i64 = 1_000_000_000_000;

/// Whose a ticket is: what its id leads to.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct TicketHome {
    account: Owner,
    /// Who of the client's is told of answers.
    pub opener: UserId,
}

/// That a ticket is not closed.
#[derive(Serialize, Deserialize)]
pub(crate) struct Unclosed {
    pub(crate) id: TicketId,
}

owned! {
    TicketHome: account;
}

/// Why a ticket was not written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotWritten {
    /// Somebody else touched it in between.
    Touched,
    /// The account has as many as it may have that are not closed.
    TooMany,
}

impl From<NotWritten> for Code {
    fn from(refused: NotWritten) -> Self {
        match refused {
            NotWritten::Touched => Self::Conflict,
            NotWritten::TooMany => Self::TicketLimitReached,
        }
    }
}

impl From<TicketRefused> for Error {
    fn from(refused: TicketRefused) -> Self {
        Self::new(match refused {
            TicketRefused::Closed => Code::TicketClosed,
            TicketRefused::NotNow => Code::NotAllowedNow,
            TicketRefused::Full => Code::TicketFull,
        })
    }
}

/// A ticket with its place in staff's queue.
#[derive(Serialize)]
struct Stored<'a> {
    #[serde(flatten)]
    ticket: &'a Ticket,
    due_shard: &'static str,
    due_at: i64,
}

/// Where a ticket lies.
#[must_use]
pub fn ticket_key(tenant: Tenant, id: TicketId) -> Key {
    Key::of(tenant, format_args!("{TICKETS}{id}"))
}

/// Where it says whose a ticket is.
#[must_use]
pub fn ticket_home_key(id: TicketId) -> Key {
    Key::global("TICKET", id)
}

fn unclosed_key(tenant: Tenant, id: TicketId) -> Key {
    Key::of(tenant, format_args!("{UNCLOSED}{id}"))
}

/// Adds a new ticket with its first message to a transaction.
pub fn put_ticket(
    app: &App,
    ticket: &Ticket,
    message: &Message,
    transaction: &mut Transaction<'_, Code>,
) {
    let tenant = Tenant::of_record(ticket);
    let owner = TicketHome { account: tenant.owner(), opener: ticket.opener };
    transaction.create(&ticket_home_key(ticket.id), &owner, Code::Conflict);
    put(app, None, ticket, transaction);
    put_message(ticket, message, transaction);
}

/// Adds to a transaction that a ticket was as it was read and is as it is now.
pub fn change_ticket(
    app: &App,
    before: &Ticket,
    after: &Ticket,
    transaction: &mut Transaction<'_, Code>,
) {
    put(app, Some(before), after, transaction);
}

/// Adds the entry of its conversation that a ticket's last move was.
pub fn put_message(ticket: &Ticket, message: &Message, transaction: &mut Transaction<'_, Code>) {
    let key = message_key(Tenant::of_record(ticket), ticket.id, ticket.entries);
    let message = Message { place: ticket.entries, ..message.clone() };
    transaction.create(&key, &message, Code::Conflict);
}

fn put(
    app: &App,
    before: Option<&Ticket>,
    after: &Ticket,
    transaction: &mut Transaction<'_, Code>,
) {
    let tenant = Tenant::of_record(after);
    let key = ticket_key(tenant, after.id);
    let (due_shard, due_at) = place(app, after);
    let as_read = match before {
        None => Condition::Absent,
        Some(before) => Condition::Equals("version", before.version.into()),
    };
    let stored = Stored { ticket: after, due_shard, due_at };
    transaction.put_if(&key, &stored, as_read, NotWritten::Touched.into());
    let unclosed = |it: &Ticket| i64::from(!it.is_closed());
    let waiting = |it: &Ticket| i64::from(it.waiting_for == Some(Side::You));
    let [open, waits] =
        [unclosed, waiting].map(|of: fn(&Ticket) -> i64| of(after) - before.map_or(0, of));
    let counts = Counts::new().add(Count::TicketsOpen, open).add(Count::TicketsWaiting, waits);
    counts.write(
        tenant,
        (Count::TicketsOpen, MOST_UNCLOSED),
        transaction,
        NotWritten::TooMany.into(),
    );
    match open {
        1 => transaction.put(&unclosed_key(tenant, after.id), &Unclosed { id: after.id }),
        -1 => transaction.delete(&unclosed_key(tenant, after.id)),
        _ => {}
    }
    set_alarm(app, before, after, transaction);
}

/// What a ticket's timer has beside.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Alarm {
    /// The ticket.
    pub ticket: TicketId,
}

fn alarm(app: &App, ticket: &Ticket, at: Timestamp) -> (Key, Update) {
    let (tenant, name) = (Tenant::of_record(ticket), ticket.id.to_string());
    let (key, update) = set_timer(app, tenant, TimerKind::Ticket, &name, at);
    (key, update.set("ticket", name))
}

/// Adds to a transaction that a ticket that stays as it was read is looked at when something happens to it: what
/// is promised may be counted otherwise than when its timer was set.
pub fn look_again(
    app: &App,
    ticket: &Ticket,
    at: Timestamp,
    transaction: &mut Transaction<'_, Code>,
) {
    let key = ticket_key(Tenant::of_record(ticket), ticket.id);
    let as_read = Condition::Equals("version", ticket.version.into());
    transaction.check(&key, as_read, NotWritten::Touched.into());
    let (key, update) = alarm(app, ticket, at);
    transaction.update(&key, update, None);
}

/// The timer of a ticket stands as the ticket wants it, whatever stood there: it may have been moved already.
fn set_alarm(
    app: &App,
    before: Option<&Ticket>,
    after: &Ticket,
    transaction: &mut Transaction<'_, Code>,
) {
    match after.next_alarm(&app.support) {
        Some(at) => {
            let (key, update) = alarm(app, after, at);
            transaction.update(&key, update, None);
        }
        None if before.is_some() => {
            let (tenant, name) = (Tenant::of_record(after), after.id.to_string());
            transaction.delete(&timer_key(tenant, TimerKind::Ticket, &name));
        }
        None => {}
    }
}

/// Its place in staff's queue: by what is promised next; then what waits for the client, then what is resolved,
/// each by since when.
fn place(app: &App, ticket: &Ticket) -> (&'static str, i64) {
    let since = ticket.waiting_since.as_second();
    if let Some(closed) = ticket.closed_at.filter(|_| ticket.is_closed()) {
        return (ARCHIVE, -closed.as_second());
    }
    let due = Target::ALL.iter().filter_map(|it| ticket.due(*it, &app.support)).min();
    let at = match due {
        Some(due) => due.as_second(),
        None if ticket.status == Status::Resolved => 2 * LATER + since,
        None => LATER + since,
    };
    (QUEUE, at)
}
