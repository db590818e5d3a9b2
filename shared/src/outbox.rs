//! The outbox: what a transaction wants done elsewhere, written with it. The relay sends each
//! record to the queue of its kind.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    config::Config,
    id::{OutboxId, TokenId},
    random::Random,
    table::Key,
};

/// What the sort keys of outbox records begin with; the stream's filter lets only these pass.
pub const PREFIX: &str = "OUTBOX#";

/// The relay has days to come back from a fault before the table drops a record.
const KEPT: SignedDuration = SignedDuration::from_hours(14 * 24);

/// A record of the outbox.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OutboxRecord {
    /// Its id: what makes a second delivery recognisable.
    pub id: OutboxId,
    /// What is to be done.
    pub job: Job,
    /// When the table drops it; seconds since 1970.
    pub expires_at: i64,
}

/// What is to be done elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Job {
    /// Somebody registered: a mail with the link of this token, or, if the address has an
    /// account, one that says so.
    RegistrationMail {
        /// The token that holds the registration.
        token: TokenId,
    },
    /// An account's new address: a mail with the link that confirms it, or, if the address has an
    /// account, one that says so.
    EmailChangeMail {
        /// The token that holds the change.
        token: TokenId,
    },
    /// A password that was forgotten: a mail with the link that sets another, if the address has an
    /// account.
    ResetMail {
        /// The token that holds the address.
        token: TokenId,
    },
    /// Something changed in an account's security: a mail that says so.
    NoticeMail {
        /// The token that holds the notice and says "this was not me".
        token: TokenId,
    },
}

impl Job {
    /// The queue of its kind.
    #[must_use]
    pub fn queue<'a>(&self, config: &'a Config) -> &'a str {
        match self {
            Self::RegistrationMail { .. }
            | Self::EmailChangeMail { .. }
            | Self::ResetMail { .. }
            | Self::NoticeMail { .. } => &config.mail_queue,
        }
    }
}

impl OutboxRecord {
    /// A new record.
    #[must_use]
    pub fn new(job: Job, now: Timestamp, random: &Random) -> Self {
        let id = OutboxId::new(now, random);
        Self { id, job, expires_at: now.as_second() + KEPT.as_secs() }
    }

    /// Where it lies.
    #[must_use]
    pub fn key(&self) -> Key {
        Key::unowned(format_args!("{PREFIX}{}", self.id))
    }
}
