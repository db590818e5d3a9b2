//! What tickets are told apart by, and what their moves name.

use serde::{Deserialize, Serialize};

use super::{About, Target};
use crate::{
    id::{TicketId, UserId},
    table::{Owner, Tenant, owned},
};

macro_rules! choices {
    ($($(#[$doc:meta])* $kind:ident { $($(#[$one:meta])* $name:ident = $text:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema,
        )]
        #[serde(rename_all = "snake_case")]
        pub enum $kind {
            $($(#[$one])* $name,)*
        }

        impl $kind {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Its name in the API and in message ids.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// The one of a name.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|it| it.as_str() == name)
            }
        }
    )*};
}

choices! {
    /// Where a ticket stands.
    Status {
        /// Nobody answered yet.
        Open = "open",
        /// Somebody works on it.
        InProgress = "in_progress",
        /// It is solved, unless the client says otherwise.
        Resolved = "resolved",
        /// It is over.
        Closed = "closed",
    }

    /// How much it matters.
    Priority {
        /// It can wait.
        Low = "low",
        /// It is in the way.
        Normal = "normal",
        /// It stops some of the client's work.
        High = "high",
        /// It stops the client's business.
        Urgent = "urgent",
    }

    /// Who has to act, as the client sees it.
    Side {
        /// The company that rents out.
        Us = "us",
        /// The client.
        You = "you",
    }
}

/// Why a move is not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TicketRefused {
    /// It is closed, and for too long to be opened again.
    Closed,
    /// It stands where there is no such way.
    NotNow,
    /// It has so many entries that it is told anew.
    Full,
}

/// Who of staff looks after a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffMember {
    account: Owner,
    /// The user there.
    pub user: UserId,
    /// What the user is called.
    pub name: String,
}

owned! {
    StaffMember: account;
}

impl StaffMember {
    /// One of the company's people.
    #[must_use]
    pub fn new(home: Tenant, user: UserId, name: String) -> Self {
        Self { account: home.owner(), user, name }
    }
}

/// The ticket that one goes on from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Follows {
    /// The ticket.
    pub id: TicketId,
    /// Its number.
    pub number: u64,
}

/// What a client writes to open one.
#[derive(Debug, Clone)]
pub struct Opening {
    /// What it is about, in one line.
    pub subject: String,
    /// What kind of matter it is.
    pub category: String,
    /// How much it matters.
    pub priority: Priority,
    /// What of the account's it is about, as it looks now.
    pub about: Option<About>,
    /// The closed ticket that it goes on from.
    pub follows: Option<Follows>,
    /// Who is told of answers.
    pub opener: UserId,
    /// What the client's company is called, or whoever opens it.
    pub client: String,
}

/// That staff were told of a promise: of which, and whether it was broken by then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Warning {
    /// Of which.
    pub target: Target,
    /// Whether its time is over.
    pub late: bool,
}
