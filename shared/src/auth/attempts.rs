//! Limits on guessing. An attempt is reserved before it is judged, so that any number of
//! parallel guesses stays within the limit; a success gives its reservation back.
//!
//! Time is cut into windows, at moments that only the panel knows for each subject, and a window
//! has an item of its own: counting is one write, whatever came before, and what is given back
//! late counts for its own window. Around a cut there can be twice as many attempts in a row.

use jiff::SignedDuration;
use serde::Deserialize;

use super::Caller;
use crate::{
    app::App,
    config::NotAskedFor,
    error::{Code, Error, Limited},
    table::{Condition, Key, Transaction, Update, Written},
};

/// How often something may be tried.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// Its name, in keys and in `RateLimit-Policy`.
    pub name: &'static str,
    /// Attempts a window.
    pub attempts: u32,
    /// How long a window is.
    pub window: SignedDuration,
}

impl Limit {
    /// Failed logins of one login from one network.
    pub const LOGIN: Self = Self::minutes("login", 10, 15);
    /// Failed logins of one login from anywhere.
    pub const LOGIN_ANYWHERE: Self = Self::minutes("login-anywhere", 100, 15);
    /// Failures of any kind from one network.
    pub const ADDRESS: Self = Self::minutes("address", 100, 15);
    /// Failed codes of one user's second factor.
    pub const CODE: Self = Self::minutes("code", 10, 15);
    /// Failed backup codes of one user: who guesses codes leaves the way back open.
    pub const BACKUP_CODE: Self = Self::minutes("backup-code", 10, 15);
    /// Failed passwords of who is signed in already.
    pub const PASSWORD: Self = Self::minutes("password", 10, 15);
    /// Registrations from one network.
    pub const REGISTER: Self = Self::minutes("register", 30, 60);
    /// Links to one mailbox for a forgotten password.
    pub const MAILBOX: Self = Self::minutes("mailbox", 5, 60);
    /// New addresses of one user's.
    pub const EMAIL_CHANGE: Self = Self::minutes("email-change", 10, 60);
    /// Forgotten passwords from one network.
    pub const FORGOT: Self = Self::minutes("forgot", 30, 60);
    /// Tickets that one account opens.
    pub const TICKETS: Self = Self::minutes("tickets", 120, 60);
    /// Requests of the log that one account looks for by their ids alone.
    pub const EVENT_SEARCH: Self = Self::minutes("event-search", 60, 60);
    /// What one account writes to support, and the files that it sends.
    pub const TICKET_MESSAGES: Self = Self::minutes("ticket-messages", 300, 60);

    /// Cards that one account sets up.
    pub const PAYMENT_METHODS: Self = Self::minutes("payment-methods", 60, 60);

    const fn minutes(name: &'static str, attempts: u32, minutes: i64) -> Self {
        Self { name, attempts, window: SignedDuration::from_mins(minutes) }
    }
}

/// An attempt that was counted.
#[must_use]
pub struct Reservation {
    key: Key,
    ends_at: i64,
    number: u32,
}

#[derive(Deserialize)]
struct Counter {
    used: u32,
}

/// Counts an attempt at `subject`, or refuses it when its window has none left.
pub async fn reserve(app: &App, limit: Limit, subject: &str) -> Result<Reservation, Error> {
    let now = app.clock.now().as_second();
    let (key, ends_at) = window(app, limit, subject, now)?;
    let update = Update::new().add("used", 1i64).set("expires_at", ends_at).when(some_left(limit));
    match app.table.update::<Counter>(&key, update).await? {
        Written::Done(Counter { used }) => Ok(Reservation { key, ends_at, number: used }),
        Written::Refused(_) => Err(Error::limited(limited(limit, ends_at - now))),
    }
}

/// Commits a transaction by which an account does something of which it may do so much in a window; where it has
/// done so much, the request is refused with when it may go on.
pub async fn commit_within(
    caller: &Caller,
    limit: Limit,
    mut transaction: Transaction<'_, Code>,
) -> Result<(), Error> {
    let now = caller.app.clock.now().as_second();
    let account = caller.tenant.account().to_string();
    let (key, ends_at) = window(&caller.app, limit, &account, now)?;
    let update = Update::new().add("used", 1i64).set("expires_at", ends_at).when(some_left(limit));
    transaction.update(&key, update, Some(Code::TooManyRequests));
    match transaction.commit().await.map_err(Error::from) {
        Err(error) if error.code == Code::TooManyRequests => {
            Err(Error::limited(limited(limit, ends_at - now)))
        }
        committed => committed,
    }
}

fn some_left(limit: Limit) -> Condition {
    Condition::Any(vec![
        Condition::Without("used"),
        Condition::Less("used", i64::from(limit.attempts).into()),
    ])
}

fn limited(limit: Limit, left: i64) -> Limited {
    Limited {
        policy: limit.name,
        limit: limit.attempts,
        window: limit.window.as_secs(),
        retry_after: left.max(1),
    }
}

/// The window of a subject at a time: its counter, and when it ends.
fn window(app: &App, limit: Limit, subject: &str, now: i64) -> Result<(Key, i64), NotAskedFor> {
    let hash = app.config.keyed_hash("attempts", &[limit.name.as_bytes(), subject.as_bytes()])?;
    let name = hex::encode(&hash[..16]);
    let length = limit.window.as_secs();
    let shift = i64::from(u32::from_be_bytes([hash[16], hash[17], hash[18], hash[19]])) % length;
    let number = (now + shift).div_euclid(length);
    let key = Key::global("ATTEMPTS", format_args!("{}:{name}:{number}", limit.name));
    Ok((key, (number + 1) * length - shift))
}

/// Forgets the failures of a subject's present window: it has proved itself in another way.
pub fn forgive<R: Clone>(
    app: &App,
    limit: Limit,
    subject: &str,
    transaction: &mut Transaction<'_, R>,
) -> Result<(), NotAskedFor> {
    let (key, ends_at) = window(app, limit, subject, app.clock.now().as_second())?;
    let update = Update::new().set("used", 0i64).set("expires_at", ends_at);
    transaction.update(&key, update, None);
    Ok(())
}

impl Reservation {
    /// Which attempt of its window it is, from 1: those that led to something are not counted.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Adds to a transaction that something is told of the window's failures, once.
    pub fn tell_once<R: Clone>(&self, transaction: &mut Transaction<'_, R>, refused: R) {
        let first = Condition::Without("told");
        let update = Update::new().set("told", 1i64).set("expires_at", self.ends_at).when(first);
        transaction.update(&self.key, update, Some(refused));
    }

    /// Gives the attempt back with the success that it led to.
    pub fn give_back<R: Clone>(&self, transaction: &mut Transaction<'_, R>) {
        let update = Update::new().add("used", -1i64).set("expires_at", self.ends_at);
        transaction.update(&self.key, update, None);
    }

    /// Gives an attempt back at which nothing was guessed; what the request is refused for.
    pub async fn unused(&self, app: &App, refused: impl Into<Error>) -> Error {
        // A transaction, for it is not done twice when its reply is lost.
        let mut transaction = app.table.transaction::<Code>();
        self.give_back(&mut transaction);
        // What is not given back is forgotten with its window.
        let _kept = transaction.commit().await;
        refused.into()
    }
}
