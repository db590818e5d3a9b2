//! The security log: what happened to an account's credentials, when, from where, by whom. An
//! entry is written in the transaction of what it tells, and so is the mail that tells the user.

mod kind;
mod staff;

pub use kind::EventKind;
pub use staff::{Act, STAFF_ENTRIES, StaffEntry, record_act};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    account::User,
    app::App,
    auth::{Caller, SecurityChange},
    http::Context,
    id::{EventId, KeyId, OutboxId, UserId},
    notify::{Filling, Notice, NoticeKind, Words, notify},
    table::{Key, Tenant, Transaction},
};

/// What the sort keys of entries begin with.
pub const ENTRIES: &str = "SECURITY#";

/// Entries are kept so long.
const KEPT: SignedDuration = SignedDuration::from_hours(400 * 24);

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Actor {
    /// A user, signed in or signing in.
    User {
        /// The user.
        id: UserId,
        /// What the user was called then.
        name: String,
    },
    /// Whoever held a link that was mailed to the user.
    Link {
        /// The user.
        id: UserId,
    },
    /// A program of the client's.
    ApiKey {
        /// Its key.
        id: KeyId,
        /// What the key was called then.
        name: String,
        /// Who made the key.
        user: UserId,
    },
    /// A machine of the rental company's.
    ServiceKey {
        /// Its key.
        id: KeyId,
        /// What the key was called then.
        name: String,
    },
    /// One of the rental company's people.
    Staff {
        /// The user.
        id: UserId,
        /// What the user was called then.
        name: String,
    },
    /// The panel itself, when it was time.
    Schedule {
        /// What was due.
        name: String,
    },
}

impl Actor {
    /// A user.
    #[must_use]
    pub fn user(user: &User) -> Self {
        Self::User { id: user.id, name: user.name.clone() }
    }
}

/// An entry as it is stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Entry {
    /// Its id; entries by id are entries by time.
    pub id: EventId,
    /// What happened.
    pub kind: EventKind,
    /// When.
    pub created_at: Timestamp,
    /// The address it came from.
    pub ip: String,
    /// What the browser or program calls itself.
    pub device: String,
    /// Who did it.
    pub actor: Actor,
    /// What it was done to, in the user's words: the name of a key, a new address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Why, where whoever did it had to say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When the table drops it; seconds since 1970.
    pub expires_at: i64,
}

/// What is to be written down.
pub struct Event<'a> {
    /// What happened.
    pub kind: EventKind,
    /// Who did it.
    pub actor: Actor,
    /// What it was done to.
    pub subject: Option<String>,
    /// Why, where whoever did it had to say so.
    pub reason: Option<String>,
    /// When; the present moment unless the change itself names it.
    pub at: Option<Timestamp>,
    /// Where it came from.
    pub context: &'a Context,
}

impl<'a> Event<'a> {
    /// Something that somebody did, to nothing in particular.
    #[must_use]
    pub fn new(kind: EventKind, actor: Actor, context: &'a Context) -> Self {
        Self { kind, actor, subject: None, reason: None, at: None, context }
    }

    /// Something that a caller did.
    #[must_use]
    pub fn by(caller: &'a Caller, kind: EventKind, subject: Option<String>) -> Self {
        let reason = caller.reason();
        Self { subject, reason, ..Self::new(kind, caller.actor(), &caller.context) }
    }

    /// Something that whoever holds a link did that was mailed to a user: nobody is signed in, and the
    /// account is not read.
    #[must_use]
    pub fn by_link(
        user: UserId,
        context: &'a Context,
        kind: EventKind,
        subject: Option<String>,
    ) -> Self {
        Self { subject, ..Self::new(kind, Actor::Link { id: user }, context) }
    }

    /// Why, where whoever did it said so.
    #[must_use]
    pub fn because(self, reason: String) -> Self {
        Self { reason: Some(reason).filter(|it| !it.is_empty()).or(self.reason), ..self }
    }

    /// The moment of the change itself.
    #[must_use]
    pub fn at(self, moment: Timestamp) -> Self {
        Self { at: Some(moment), ..self }
    }
}

/// Writes an event down.
pub fn record<R: Clone>(
    app: &App,
    tenant: Tenant,
    event: Event<'_>,
    transaction: &mut Transaction<'_, R>,
) {
    let now = event.at.unwrap_or_else(|| app.clock.now());
    let id = EventId::new(now, &app.random);
    let entry = Entry {
        id,
        kind: event.kind,
        created_at: now,
        ip: event.context.address_text(),
        device: event.context.user_agent.clone(),
        actor: event.actor,
        subject: event.subject,
        reason: event.reason,
        expires_at: now.as_second() + KEPT.as_secs(),
    };
    transaction.put(&Key::of(tenant, format_args!("{ENTRIES}{id}")), &entry);
}

/// Writes an event down and tells the user; the mail goes where the user was reached before the change, with a
/// link that says "this was not me".
pub fn record_and_tell<R: Clone>(
    app: &App,
    tenant: Tenant,
    user: &User,
    event: Event<'_>,
    transaction: &mut Transaction<'_, R>,
) -> OutboxId {
    let now = event.at.unwrap_or_else(|| app.clock.now());
    // A client sees that it was the company's people, not from where they acted.
    let (ip, device) = match event.actor {
        Actor::Staff { .. } => (String::new(), String::new()),
        _ => (event.context.address_text(), event.context.user_agent.clone()),
    };
    let change = SecurityChange {
        account: tenant.owner(),
        user: user.id,
        to: user.email.clone(),
        name: user.name.clone(),
        locale: user.locale,
        kind: event.kind,
        subject: event.subject.clone(),
        at: now,
        epoch: user.epoch,
        version: user.version,
        ip,
        device,
    };
    let what = Filling::Message(format!("event-{}", event.kind.as_str()));
    let words = match event.subject.clone() {
        Some(subject) => Words::new("security-of").with("subject", Filling::Written(subject)),
        None => Words::new("security"),
    };
    let words = words.with("what", what);
    let notice = Notice::new(tenant, user.id, NoticeKind::Security, words, now);
    record(app, tenant, event, transaction);
    notify(app, notice.about("/security/log").of_change(change), transaction)
}
