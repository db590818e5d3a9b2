//! What happens at a time. A timer is an item of its account, written with the state that wants it; the
//! timekeeper moves what is due to the queue of its kind (`functions/timekeeper`), and that kind's worker acts
//! under the timer's version: moved twice, late or too early, it acts once.

use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

use crate::{
    app::App,
    id::TimerId,
    outbox::Queue,
    table::{
        Cancelled, Condition, DUE_AT, DUE_SHARD, Key, Owned, Owner, Read, TableError, Tenant,
        Transaction, Update, Written, sealed,
    },
};

/// What the sort keys of timers begin with.
const TIMERS: &str = "TIMER#";

/// The index is spread over so many partitions: each takes a thousand writes a second, and a tick reads
/// each of them.
const SHARDS: u8 = 4;

/// The timekeeper takes so many at a time.
const MOST_AT_ONCE: i32 = 100;

/// What kind of thing happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimerKind {
    /// Word that was held goes out.
    Held,
    /// What was used is looked at against its limits.
    Usage,
    /// A ticket's promise is looked at, or it is closed.
    Ticket,
    /// A month's invoice is drafted, or goes out.
    Closing,
    /// What is due is charged, or what became of a payment is asked.
    Payment,
}

impl TimerKind {
    /// The queue of the worker that acts.
    #[must_use]
    pub fn queue(self) -> Queue {
        match self {
            Self::Held => Queue::Notices,
            Self::Usage => Queue::UsageWatch,
            Self::Ticket => Queue::TicketClock,
            Self::Closing => Queue::Closing,
            Self::Payment => Queue::Payments,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Usage => "usage",
            Self::Ticket => "ticket",
            Self::Closing => "closing",
            Self::Payment => "payment",
        }
    }
}

/// A timer as it is stored, with what its kind has beside.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Timer<T> {
    account: Owner,
    #[serde(rename = "SK")]
    place: String,
    /// When it is due; seconds since 1970.
    pub due_at: i64,
    version: TimerId,
    /// What its kind has beside.
    #[serde(flatten)]
    pub what: T,
}

impl<T> sealed::Stored for Timer<T> {}

impl<T> Owned for Timer<T> {
    fn owner(&self) -> Owner {
        self.account
    }
}

/// A timer as messages name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimerRef {
    #[serde(rename = "PK")]
    pk: String,
    #[serde(rename = "SK")]
    sk: String,
    version: TimerId,
    /// What kind it is.
    pub kind: TimerKind,
}

/// The change that sets a timer, whatever was set before: to be written with the state that wants it. What
/// its kind has beside is added to it.
#[must_use]
pub fn set_timer(
    app: &App,
    tenant: Tenant,
    kind: TimerKind,
    name: &str,
    due: Timestamp,
) -> (Key, Update) {
    let key = timer_key(tenant, kind, name);
    let update = Update::new()
        .set("account", tenant.account().to_string())
        .set("kind", kind.as_str())
        .set("version", TimerId::new(app.clock.now(), &app.random).to_string())
        .set(DUE_AT, due.as_second())
        .set(DUE_SHARD, shard_of(&key));
    (key, update)
}

/// Where a timer lies: for who deletes it with the state that wanted it.
#[must_use]
pub fn timer_key(tenant: Tenant, kind: TimerKind, name: &str) -> Key {
    Key::of(tenant, format_args!("{TIMERS}{}#{name}", kind.as_str()))
}

/// What sort keys of timers of a kind begin with whose names begin with `name`.
#[must_use]
pub fn timers_prefix(kind: TimerKind, name: &str) -> String {
    format!("{TIMERS}{}#{name}", kind.as_str())
}

impl TimerRef {
    fn key(&self) -> Option<Key> {
        // Nothing but a timer is read by what a message names.
        let is_timer = self.sk.starts_with(TIMERS) && self.pk.starts_with("A#");
        is_timer.then(|| Key::raw(&self.pk, &self.sk))
    }

    /// The timer, if it is to act now: it is set as it was when it was moved, and due. One that came too
    /// early, by a clock that is ahead, waits again.
    pub async fn claim<T: DeserializeOwned>(
        &self,
        app: &App,
    ) -> Result<Option<Timer<T>>, TableError> {
        let Some(key) = self.key() else { return Ok(None) };
        let stored: Option<Timer<T>> = app.table.get(&key, Read::Strong).await?;
        let Some(timer) = stored.filter(|it| it.version == self.version) else { return Ok(None) };
        if timer.due_at <= app.clock.now().as_second() {
            return Ok(Some(timer));
        }
        // Of another version, for whoever moved it may not have taken it out of the index yet.
        let version = TimerId::new(app.clock.now(), &app.random).to_string();
        let again = Update::new().set("version", version).set(DUE_SHARD, shard_of(&key));
        let again = again.when(is_set_as(self.version));
        let _again: Written<serde::de::IgnoredAny> = app.table.update(&key, again).await?;
        Ok(None)
    }

    /// The timer, however often it was set anew since it was moved: for what is done by what there is to see now,
    /// and harmless if it is done twice. Whatever is set while it is done stays set ([`Timer::end`]).
    pub async fn stand<T: DeserializeOwned>(
        &self,
        app: &App,
    ) -> Result<Option<Timer<T>>, TableError> {
        let Some(key) = self.key() else { return Ok(None) };
        app.table.get(&key, Read::Strong).await
    }

    /// Takes a timer that was moved out of the index, unless it was set anew since.
    pub async fn moved(&self, app: &App) -> Result<(), TableError> {
        let Some(key) = self.key() else { return Ok(()) };
        let moved = Update::new().remove(DUE_SHARD).when(is_set_as(self.version));
        let _moved: Written<serde::de::IgnoredAny> = app.table.update(&key, moved).await?;
        Ok(())
    }
}

impl<T> Timer<T> {
    /// What tells this setting of it from all others.
    #[must_use]
    pub fn version(&self) -> TimerId {
        self.version
    }

    /// Adds to a transaction that the timer has acted, if nobody has set it anew and it has not acted before.
    pub fn done<R: Clone>(&self, transaction: &mut Transaction<'_, R>, refused: R) {
        let key = Key::of(Tenant::of_record(self), &self.place);
        transaction.delete_if(&key, is_set_as(self.version), refused);
    }

    /// A change of it that happens only if nobody has set it anew and it has not acted.
    #[must_use]
    pub fn unchanged(&self, update: Update) -> Update {
        update.when(is_set_as(self.version))
    }

    /// Ends it, unless somebody has set it anew since it was read.
    pub async fn end(&self, app: &App) -> Result<(), TableError> {
        let mut transaction = app.table.transaction::<()>();
        self.done(&mut transaction, ());
        match transaction.commit().await {
            Ok(()) | Err(Cancelled::Refused(_)) => Ok(()),
            Err(Cancelled::Failed(error)) => Err(error),
        }
    }

    /// Adds to a transaction that it is due at once, if it is set as it was read.
    pub fn bring_forward<R: Clone>(
        &self,
        app: &App,
        transaction: &mut Transaction<'_, R>,
        refused: R,
    ) {
        let (key, now) = (Key::of(Tenant::of_record(self), &self.place), app.clock.now());
        let update = Update::new()
            .set("version", TimerId::new(now, &app.random).to_string())
            .set(DUE_AT, now.as_second())
            .set(DUE_SHARD, shard_of(&key))
            .when(is_set_as(self.version));
        transaction.update(&key, update, Some(refused));
    }
}

/// That nobody has set a timer anew, and that it has not acted.
fn is_set_as(version: TimerId) -> Condition {
    Condition::Equals("version", version.to_string().into())
}

/// Timers that are due, shard by shard.
pub struct DueTimers {
    shard: u8,
    after: Option<crate::table::DueAfter>,
    until: Timestamp,
}

impl DueTimers {
    /// All that are due at a moment.
    #[must_use]
    pub fn at(until: Timestamp) -> Self {
        Self { shard: 0, after: None, until }
    }

    /// The next of them; nothing once there are no more. Each shard is one read, where nothing is due.
    pub async fn next(&mut self, app: &App) -> Result<Option<Vec<TimerRef>>, TableError> {
        if self.shard == SHARDS {
            return Ok(None);
        }
        let (shard, after) = (shard_name(self.shard), self.after.take());
        let (due, after) = app.table.due(&shard, self.until, MOST_AT_ONCE, after).await?;
        self.shard += u8::from(after.is_none());
        self.after = after;
        Ok(Some(due))
    }
}

/// When the next timer is due, if any is set: for the clock of a laptop.
///
/// # Errors
/// When the table fails.
#[cfg(feature = "desk")]
pub async fn next_timer(app: &App) -> Result<Option<Timestamp>, TableError> {
    let mut next: Option<i64> = None;
    for shard in 0..SHARDS {
        let due = app.table.next_due(&shard_name(shard)).await?;
        next = next.into_iter().chain(due).min();
    }
    Ok(next.and_then(|at| Timestamp::from_second(at).ok()))
}

fn shard_name(shard: u8) -> String {
    format!("DUE#{shard}")
}

/// The same for a timer whenever it is set.
fn shard_of(key: &Key) -> String {
    let hash = Sha256::digest(key.pk.as_bytes());
    shard_name(hash[0] % SHARDS)
}
