//! Who is told of what happens to a ticket. Both sides get a link; the mails of one ticket are one conversation
//! in a mailbox.

use jiff::Timestamp;

use super::{Change, StaffMember, Target, Ticket};
use crate::{
    app::App,
    error::Code,
    notify::{Filling, Notice, NoticeKind, Thread, Words, notify},
    table::{Tenant, Transaction},
};

/// Of what was written a notice shows so many characters.
const MOST_SHOWN: usize = 240;

/// The words of a notice about a ticket.
fn words(ticket: &Ticket, id: &str) -> Words {
    Words::new(id)
        .with("number", Filling::Number(ticket.number))
        .with("subject", Filling::Written(ticket.subject.clone()))
}

fn thread(ticket: &Ticket) -> Thread {
    Thread {
        of: ticket.id.to_string(),
        subject: format!("[#{}] {}", ticket.number, ticket.subject),
    }
}

/// The beginning of what was written, in one line.
fn excerpt(body: &str) -> String {
    let line = body.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MOST_SHOWN) {
        Some((at, _)) => format!("{}…", line[..at].trim_end()),
        None => line,
    }
}

/// Adds to a transaction that the client is told: of an answer, or of a change.
pub fn tell_client(
    app: &App,
    ticket: &Ticket,
    what: Result<&str, Change>,
    now: Timestamp,
    transaction: &mut Transaction<'_, Code>,
) {
    let (kind, words) = match what {
        Ok(body) => {
            let words = words(ticket, "ticket-reply");
            (NoticeKind::TicketReply, words.with("body", Filling::Written(excerpt(body))))
        }
        Err(change) => {
            let words = words(ticket, "ticket-status");
            (NoticeKind::TicketStatus, words.with("change", Filling::Message(change.words())))
        }
    };
    let tenant = Tenant::of_record(ticket);
    let notice = Notice::new(tenant, ticket.opener, kind, words, now);
    let notice = notice.about(format!("/tickets/{}", ticket.id)).in_thread(thread(ticket));
    notify(app, notice, transaction);
}

/// What staff are told of a ticket.
#[derive(Debug, Clone, Copy)]
pub enum Told<'a> {
    /// The client wrote this.
    Wrote(&'a str),
    /// The client says that it is not solved.
    Reopened,
    /// How something promised stands: whether its time is over.
    Promise(Target, bool),
}

/// Adds to a transaction that one of staff is told of a ticket.
pub fn tell_staff(
    app: &App,
    ticket: &Ticket,
    member: &StaffMember,
    what: Told<'_>,
    now: Timestamp,
    transaction: &mut Transaction<'_, Code>,
) {
    let (kind, words) = match what {
        Told::Wrote(body) => {
            let words = words(ticket, "ticket-client-wrote");
            (NoticeKind::TicketReply, words.with("body", Filling::Written(excerpt(body))))
        }
        Told::Reopened => (NoticeKind::TicketStatus, words(ticket, "ticket-client-reopened")),
        Told::Promise(target, late) => {
            let state = if late { "late" } else { "near" };
            let id = format!("ticket-{state}-{}", target.as_str());
            (NoticeKind::TicketStatus, words(ticket, &id))
        }
    };
    let notice = Notice::new(Tenant::of_record(member), member.user, kind, words, now);
    let notice = notice.about(format!("/admin/tickets/{}", ticket.id)).in_thread(thread(ticket));
    notify(app, notice, transaction);
}
