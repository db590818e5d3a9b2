//! The outbox: what a transaction wants done elsewhere, written with it. The relay sends each
//! record to the queue of its kind.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    config::{Config, NotAskedFor, Setting},
    id::{OutboxId, TokenId},
    random::Random,
    table::Key,
    timer::TimerRef,
};

/// A message that fails so often is given up on.
pub const MOST_DELIVERIES: u32 = 5;

/// What the sort keys of outbox records begin with; the stream's filter lets only these pass.
pub const PREFIX: &str = "OUTBOX#";

/// The relay has days to come back from a fault before the table drops a record.
const KEPT: SignedDuration = SignedDuration::from_hours(14 * 24);

macro_rules! queues {
    ($($(#[$doc:meta])* $name:ident = $logical:literal, $variable:literal;)*) => {
        /// A queue that functions send to.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Queue {
            $($(#[$doc])* $name,)*
        }

        impl Queue {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Its logical name in the template.
            #[must_use]
            pub const fn logical(self) -> &'static str {
                match self { $(Self::$name => $logical,)* }
            }

            /// The environment's variable that has its address.
            #[must_use]
            pub const fn variable(self) -> &'static str {
                match self { $(Self::$name => $variable,)* }
            }
        }
    };
}

queues! {
    /// Accepted usage events on their way to the meter.
    Usage = "UsageQueue", "USAGE_QUEUE_URL";
    /// Usage events that can never be counted.
    UsageDead = "UsageDeadLetters", "USAGE_DEAD_LETTERS_URL";
    /// Accounts whose use is to be looked at, on their way to the alerts worker.
    UsageWatch = "UsageWatchQueue", "USAGE_WATCH_QUEUE_URL";
    /// Tickets whose time has come, on their way to the ticket clock.
    TicketClock = "TicketClockQueue", "TICKET_CLOCK_QUEUE_URL";
    /// Accounts whose month closes, on their way to the closing.
    Closing = "ClosingQueue", "CLOSING_QUEUE_URL";
    /// Payments to be looked after, on their way to the payments worker.
    Payments = "PaymentsQueue", "PAYMENTS_QUEUE_URL";
    /// Mails with a link that somebody asked for, on their way to the mailer.
    Mail = "MailQueue", "MAIL_QUEUE_URL";
    /// What somebody is to be told, on its way to the notifier.
    Notices = "NoticesQueue", "NOTICES_QUEUE_URL";
    /// Mails about notifications, on their way to the mailer.
    Letters = "LettersQueue", "LETTERS_QUEUE_URL";
    /// What SES tells of mails that came back. SNS sends it, and nobody here.
    MailFeedback = "MailFeedbackQueue", "MAIL_FEEDBACK_QUEUE_URL";
}

/// The queues that jobs go to, as the relay asks for them.
pub const JOB_QUEUES: &[Setting] = &[
    Setting::Queue(Queue::Mail),
    Setting::Queue(Queue::Notices),
    Setting::Queue(Queue::Letters),
    Setting::Queue(Queue::Payments),
];

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
#[non_exhaustive]
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
    /// Somebody is told what lies in the outbox with this record.
    Notice {},
    /// The letter is mailed that lies in the outbox with this record.
    Letter {},
    /// The payment provider has said that something happened to an object: how it stands is asked.
    Provider {
        /// What kind of object: `payment_intent`, `checkout.session` ...
        object: String,
        /// The provider's name for it.
        id: String,
    },
    /// What a timer was set for happens. The timekeeper sends it: it lies in no outbox.
    Due {
        /// The timer.
        timer: TimerRef,
    },
}

impl Job {
    /// The queue of its kind.
    pub fn queue<'a>(&self, config: &'a Config) -> Result<&'a str, NotAskedFor> {
        match self {
            Self::Mail { .. } => config.queue(Queue::Mail),
            Self::Notice {} => config.queue(Queue::Notices),
            Self::Letter {} => config.queue(Queue::Letters),
            Self::Provider { .. } => config.queue(Queue::Payments),
            Self::Due { timer } => config.queue(timer.kind.queue()),
        }
    }
}

#[cfg(feature = "testing")]
impl Job {
    /// One of each kind that lies in the outbox.
    #[must_use]
    pub fn one_of_each(now: Timestamp, random: &Random) -> Vec<Self> {
        vec![
            Self::Mail { token: TokenId::new(now, random) },
            Self::Notice {},
            Self::Letter {},
            Self::Provider { object: "refund".to_owned(), id: "re_1".to_owned() },
        ]
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
        Self::key_of(self.id)
    }

    /// Where the record of an id lies.
    pub(crate) fn key_of(id: OutboxId) -> Key {
        Key::unowned(format_args!("{PREFIX}{id}"))
    }
}
