//! The outbox: what a transaction wants done elsewhere, written with it. The relay sends each
//! record to the queue of its kind.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    config::{Config, NotAskedFor},
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
    /// A mail, written by what its token is good for.
    #[serde(
        alias = "registration_mail",
        alias = "email_change_mail",
        alias = "reset_mail",
        alias = "notice_mail"
    )]
    Mail {
        /// The token that holds what is told.
        token: TokenId,
    },
}

impl Job {
    /// The queue of its kind.
    pub fn queue<'a>(&self, config: &'a Config) -> Result<&'a str, NotAskedFor> {
        match self {
            Self::Mail { .. } => config.mail_queue(),
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
