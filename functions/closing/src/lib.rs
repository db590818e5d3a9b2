//! What happens when a month ends: its invoice is drafted, and after the grace it goes out with its number.
//!
//! Each account's month has a timer, and so is a small job of its own. What is done is written under the timer's
//! version, the invoice's, the balance's and the number's: delivered twice, beside another or after a crash, it is
//! done once, and no number is without its invoice.

mod books;
mod draft;
mod finalise;
#[cfg(feature = "testing")]
mod specimens;

#[cfg(feature = "testing")]
pub use specimens::specimens;

use shared::{
    app::App,
    billing::{Closing, Stage, Unbillable},
    config::Setting,
    error::Error,
    function::{Feed, Function, Trigger},
    outbox::{Job, OutboxRecord, Queue},
    queue::{Deliveries, Delivery, Failures, chain, each},
    table::{Cancelled, TableError},
};

/// How it is deployed.
pub const FUNCTION: Function = Function::new(
    "closing",
    &[Setting::Table],
    // Each invoice waits for the number before its own: more runs would only be in each other's way.
    Trigger::Queues(&[Feed { queue: Queue::Closing, batch: 10, side_by_side: 2 }]),
)
.timeout(60);

/// Closes the months of one batch; the failures are delivered again.
pub async fn handle(app: App, deliveries: Deliveries) -> Failures {
    each(deliveries, |delivery| deal_with(app.clone(), delivery)).await
}

/// Why a month was not closed.
#[derive(Debug, thiserror::Error)]
enum ClosingError {
    #[error("the message is no outbox record")]
    Unreadable(#[from] serde_json::Error),
    #[error("the job is another worker's")]
    Misdirected,
    #[error("the table failed")]
    Table(#[from] TableError),
    #[error("the account cannot be billed")]
    Unbillable(#[from] Unbillable),
    #[error("others were always first")]
    Crowd,
    #[error("{0}")]
    Refused(String),
}

impl From<Error> for ClosingError {
    fn from(error: Error) -> Self {
        let cause = error.source.as_deref().map(|source| chain(source));
        Self::Refused(cause.unwrap_or_else(|| error.code.as_str().to_owned()))
    }
}

/// Why a transaction is not done as it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refused {
    /// The timer has acted, or was set anew.
    Acted,
    /// Somebody else drew the number.
    Number,
    /// What it was made of is not so any more.
    Moved,
}

async fn deal_with(app: App, delivery: Delivery) -> Result<(), ClosingError> {
    let record: OutboxRecord = serde_json::from_str(&delivery.body)?;
    let Job::Due { timer } = record.job else { return Err(ClosingError::Misdirected) };
    let Some(timer) = timer.claim::<Closing>(&app).await? else { return Ok(()) };
    match timer.what.stage {
        Stage::Draft => draft::draft(&app, &timer).await,
        Stage::Final => finalise::finalise(&app, &timer).await,
    }
}

/// What became of a transaction.
enum Outcome {
    /// It is done, by this run or another.
    Done,
    /// It is to be made anew.
    Again(Refused),
}

/// What a commit came to.
fn outcome(committed: Result<(), Cancelled<Refused>>) -> Result<Outcome, ClosingError> {
    let refused = match committed {
        Ok(()) => return Ok(Outcome::Done),
        Err(Cancelled::Failed(error)) => return Err(error.into()),
        Err(Cancelled::Refused(refused)) => refused,
    };
    if refused.contains(&Refused::Acted) {
        return Ok(Outcome::Done);
    }
    let moved = refused.contains(&Refused::Moved);
    Ok(Outcome::Again(if moved { Refused::Moved } else { Refused::Number }))
}
