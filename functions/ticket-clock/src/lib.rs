//! What happens to tickets by itself: staff are warned before a promise is broken and when it is, and what was
//! resolved a week ago is closed.
//!
//! A ticket's timer is due when the next of these is, and is set anew with every change of the ticket. What is done
//! is written under the ticket's version: delivered twice, late or beside a change of somebody's, it is done once or
//! not at all.

mod look;
#[cfg(feature = "testing")]
mod specimens;

#[cfg(feature = "testing")]
pub use specimens::specimens;

use shared::{
    app::App,
    config::Setting,
    error::Error,
    function::{Feed, Function, Trigger},
    outbox::{Job, OutboxRecord, Queue},
    queue::{Deliveries, Delivery, Failures, chain, each},
    table::TableError,
    ticket::Alarm,
};

/// How it is deployed.
pub const FUNCTION: Function = Function::new(
    "ticket-clock",
    &[Setting::Table],
    Trigger::Queues(&[Feed { queue: Queue::TicketClock, batch: 10, side_by_side: 2 }]),
)
.timeout(30);

/// Looks at the tickets of one batch; the failures are delivered again.
pub async fn handle(app: App, deliveries: Deliveries) -> Failures {
    each(deliveries, |delivery| deal_with(app.clone(), delivery)).await
}

/// Why nobody looked.
#[derive(Debug, thiserror::Error)]
enum ClockError {
    #[error("the message is no outbox record")]
    Unreadable(#[from] serde_json::Error),
    #[error("the job is another worker's")]
    Misdirected,
    #[error("the table failed")]
    Table(#[from] TableError),
    #[error("{0}")]
    Refused(String),
}

impl From<Error> for ClockError {
    fn from(error: Error) -> Self {
        let cause = error.source.as_deref().map(|source| chain(source));
        Self::Refused(cause.unwrap_or_else(|| error.code.as_str().to_owned()))
    }
}

async fn deal_with(app: App, delivery: Delivery) -> Result<(), ClockError> {
    let record: OutboxRecord = serde_json::from_str(&delivery.body)?;
    let Job::Due { timer } = record.job else { return Err(ClockError::Misdirected) };
    let Some(timer) = timer.claim::<Alarm>(&app).await? else { return Ok(()) };
    look::look(&app, &timer).await
}
