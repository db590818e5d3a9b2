//! What the company's people did with what is a client's: who, what, to whom, why. An entry is written in the
//! transaction of what it tells. They lie together, in the company's own partition.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::Actor;
use crate::{
    auth::Staff,
    id::{AccountId, EventId},
    table::{Key, Tenant, Transaction},
};

/// What the sort keys of entries begin with.
pub const STAFF_ENTRIES: &str = "ACT#";

/// Entries are kept so long.
const KEPT: SignedDuration = SignedDuration::from_hours(400 * 24);

macro_rules! acts {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        /// What somebody of staff did.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Act {
            $($(#[$doc])* $name,)*
        }

        impl Act {
            /// Its name in the API and in message ids.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

acts! {
    /// Answered a ticket.
    TicketAnswered = "ticket_answered";
    /// Wrote a note to a ticket, which the client never sees.
    TicketNoted = "ticket_noted";
    /// Said who looks after a ticket.
    TicketAssigned = "ticket_assigned";
    /// Said where a ticket stands.
    TicketStatus = "ticket_status";
    /// Said how much a ticket matters.
    TicketPriority = "ticket_priority";
}

/// An entry as it is stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StaffEntry {
    /// Its id; entries by id are entries by time.
    pub id: EventId,
    /// What was done.
    pub act: Act,
    /// By whom.
    pub actor: Actor,
    /// Whose it was.
    pub client: AccountId,
    /// What it was done to.
    pub subject: String,
    /// Why, where that had to be said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When.
    pub created_at: Timestamp,
    /// The address that it came from.
    pub ip: String,
    /// What the browser or program calls itself.
    pub device: String,
    /// When the table drops it; seconds since 1970.
    pub expires_at: i64,
}

/// Writes down what one of staff does.
pub fn record_act<R: Clone>(
    staff: &Staff,
    act: Act,
    client: Tenant,
    subject: String,
    reason: Option<String>,
    transaction: &mut Transaction<'_, R>,
) {
    let now = staff.app.clock.now();
    let id = EventId::new(now, &staff.app.random);
    let session = &staff.0.session;
    let entry = StaffEntry {
        id,
        act,
        actor: Actor::Staff { id: session.user, name: session.name.clone() },
        client: client.account(),
        subject,
        reason,
        created_at: now,
        ip: staff.context.address_text(),
        device: staff.context.user_agent.clone(),
        expires_at: now.as_second() + KEPT.as_secs(),
    };
    let key = Key::of(Tenant::company(), format_args!("{STAFF_ENTRIES}{id}"));
    transaction.put(&key, &entry);
}
