//! Limits on guessing. An attempt is reserved before it is judged, so that any number of
//! parallel guesses stays within the limit; a success gives its reservation back.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::{
    app::App,
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
    /// The window, from the first attempt on.
    pub window: SignedDuration,
}

impl Limit {
    /// Failed logins of one login.
    pub const LOGIN: Self = Self::minutes("login", 10, 15);
    /// Failures of any kind from one address.
    pub const ADDRESS: Self = Self::minutes("address", 100, 15);
    /// Registrations from one address.
    pub const REGISTER: Self = Self::minutes("register", 30, 60);

    const fn minutes(name: &'static str, attempts: u32, minutes: i64) -> Self {
        Self { name, attempts, window: SignedDuration::from_mins(minutes) }
    }
}

/// An attempt that was counted.
#[must_use]
pub struct Reservation {
    key: Key,
    expires_at: i64,
}

#[derive(Deserialize)]
struct Counter {
    #[serde(default)]
    used: i64,
    #[serde(default)]
    ends_at: i64,
}

/// An attempt that is being counted. Nothing may be judged before it is a [`Reservation`].
#[must_use]
pub struct Attempt {
    limit: Limit,
    key: Key,
    began: Option<Reservation>,
}

/// Begins to count an attempt at `subject`, or refuses it when the window has none left.
///
/// A window begins with its first attempt: one write. A later attempt in the window is a second
/// write after the first was refused: [`Attempt::reserve`] makes it, beside whatever else can go
/// on before the judgement.
pub async fn attempt(app: &App, limit: Limit, subject: &str) -> Result<Attempt, Error> {
    let subject = app.config.keyed_hash("attempts", &[limit.name.as_bytes(), subject.as_bytes()]);
    let name = data_encoding::HEXLOWER.encode(&subject[..16]);
    let key = Key::global("ATTEMPTS", format_args!("{}:{name}", limit.name));
    let attempt = Attempt { limit, key, began: None };
    let began = attempt.begin(app).await?;
    Ok(Attempt { began, ..attempt })
}

/// Counts an attempt at `subject` in one go.
pub async fn reserve(app: &App, limit: Limit, subject: &str) -> Result<Reservation, Error> {
    attempt(app, limit, subject).await?.reserve(app).await
}

impl Attempt {
    /// Counts it, if that is not done yet.
    pub async fn reserve(self, app: &App) -> Result<Reservation, Error> {
        const ROUNDS: usize = 8;
        if let Some(reservation) = self.began {
            return Ok(reservation);
        }
        for _round in 0..ROUNDS {
            let update = count(self.limit, app.clock.now());
            if let Written::Done(counter) = app.table.update::<Counter>(&self.key, update).await? {
                return Ok(Reservation { key: self.key, expires_at: counter.ends_at });
            }
            if let Some(reservation) = self.begin(app).await? {
                return Ok(reservation);
            }
        }
        Err(Code::Unavailable.into())
    }

    /// Begins a window; `None` if one is under way.
    async fn begin(&self, app: &App) -> Result<Option<Reservation>, Error> {
        let (limit, now) = (self.limit, app.clock.now());
        let counter = match app.table.update::<Counter>(&self.key, begin(limit, now)).await? {
            Written::Done(counter) => {
                let key = self.key.clone();
                return Ok(Some(Reservation { key, expires_at: counter.ends_at }));
            }
            Written::Refused(counter) => counter,
        };
        match counter.filter(|it| it.used >= i64::from(limit.attempts)) {
            None => Ok(None),
            Some(counter) => Err(Error::limited(Limited {
                policy: limit.name,
                limit: limit.attempts,
                window: limit.window.as_secs(),
                retry_after: (counter.ends_at - now.as_second()).max(1),
            })),
        }
    }
}

/// The first attempt of a window: nothing counted yet, or the last window is over.
fn begin(limit: Limit, now: Timestamp) -> Update {
    let ends_at = now.as_second() + limit.window.as_secs();
    Update::new().set("used", 1i64).set("ends_at", ends_at).set("expires_at", ends_at).when(
        Condition::Any(vec![
            Condition::Without("used"),
            Condition::AtMost("used", 0i64.into()),
            Condition::AtMost("ends_at", now.as_second().into()),
        ]),
    )
}

/// One more attempt of a window that has some left.
fn count(limit: Limit, now: Timestamp) -> Update {
    Update::new().add("used", 1i64).when(Condition::All(vec![
        Condition::Less("used", i64::from(limit.attempts).into()),
        Condition::Greater("used", 0i64.into()),
        Condition::Greater("ends_at", now.as_second().into()),
    ]))
}

impl Reservation {
    /// Gives the attempt back with the success that it led to. One that comes after its window
    /// counts for the next one: as many guesses more as there were successes under way.
    pub fn give_back<R: Clone>(&self, transaction: &mut Transaction<'_, R>) {
        let update = Update::new().add("used", -1i64).set_if_absent("expires_at", self.expires_at);
        transaction.update(&self.key, update, None);
    }
}
