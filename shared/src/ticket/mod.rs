//! Support tickets: a matter that a client has, who has to act, and what it was promised.
//!
//! A ticket is changed by its moves alone ([`Ticket`]), and written with all that follows from where it stands
//! ([`change_ticket`]). What staff write to each other is no part of it.

mod about;
mod attachment;
mod entity;
mod hours;
mod kinds;
mod message;
mod promise;
mod read;
mod register;
mod store;
mod tell;

pub use about::{About, AboutKind, EventSnapshot, InvoiceSnapshot, KeySnapshot};
pub use attachment::{
    Attachment, MOST_FILE_BYTES, attachment_key, attachments_prefix, file_key, take_attachments,
};
pub use entity::Ticket;
pub use hours::Hours;
pub use kinds::{Follows, Opening, Priority, Side, StaffMember, Status, TicketRefused, Warning};
pub use message::{
    Attached, Author, AuthorKind, Change, Happened, MOST_ATTACHMENTS, MOST_CHARACTERS, Message,
    Said, message_key, message_place, messages_prefix,
};
pub use promise::{CannedAnswer, Stopwatch, Support, SupportError, Target};
pub use read::{QueuePlaces, conversation, find_ticket, ticket_home, unclosed_tickets};
pub use register::{put_staff_member, staff_member, staff_members};
pub use store::{
    Alarm, MOST_UNCLOSED, NotWritten, TICKETS, TicketHome, UNCLOSED, change_ticket, look_again,
    put_message, put_ticket, ticket_home_key, ticket_key,
};
pub use tell::{Told, tell_client, tell_staff};
