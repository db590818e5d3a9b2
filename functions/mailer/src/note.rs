//! The note that a mail is being sent, and that it was.

use jiff::SignedDuration;
use serde::Deserialize;
use shared::{
    app::App,
    id::OutboxId,
    queue::chain,
    table::{Condition, Key, Update, Written},
};

use crate::MailerError;

/// A run that began and was not heard of again is over by then; a redelivery comes later.
const LEASE: SignedDuration = SignedDuration::from_secs(60);
/// A redelivery comes within the queue's retention; the note stays longer.
const KEPT: SignedDuration = SignedDuration::from_hours(14 * 24);

/// A mail that this run alone is sending.
pub(crate) struct Note(Key);

#[derive(Deserialize)]
struct Stored {
    #[serde(default)]
    sent: u64,
}

/// Begins to send; `None` if the mail was sent.
pub(crate) async fn begin(app: &App, id: OutboxId) -> Result<Option<Note>, MailerError> {
    let now = app.clock.now().as_second();
    let key = Key::global("MAILSENT", id);
    let free = Condition::Any(vec![
        Condition::Without("lease_until"),
        Condition::AtMost("lease_until", now.into()),
    ]);
    let update = Update::new()
        .set("lease_until", now + LEASE.as_secs())
        .set("expires_at", now + KEPT.as_secs())
        .when(Condition::All(vec![Condition::Without("sent"), free]));
    match app.table.update::<Stored>(&key, update).await? {
        Written::Done(_) => Ok(Some(Note(key))),
        Written::Refused(Some(stored)) if stored.sent > 0 => Ok(None),
        Written::Refused(_) => Err(MailerError::Underway),
    }
}

impl Note {
    /// The mail was sent. Failing now would send it again: the note is tried twice, and then the
    /// lease alone stands against a redelivery.
    pub(crate) async fn sent(self, app: &App) {
        for _try in 0..2 {
            let update = Update::new().set("sent", 1u64);
            match app.table.update::<Stored>(&self.0, update).await {
                Ok(_) => return,
                Err(error) => tracing::error!(error = chain(&error), "a sent mail is not noted"),
            }
        }
    }

    /// The mail was not sent: the next run need not wait for the lease's end.
    pub(crate) async fn give_up(self, app: &App) {
        let update = Update::new().set("lease_until", 0i64);
        if let Err(error) = app.table.update::<Stored>(&self.0, update).await {
            tracing::error!(error = chain(&error), "a lease stays until its end");
        }
    }
}
