//! Looks at what clients have used after it was counted, and tells them where it has come to a threshold or leads
//! past a limit, once, and where a raised limit or a correction has taken it back.
//!
//! The meter sets a timer with what it counts; it is due at once and set anew by what is counted while this
//! looks, which then is looked at again. What is recorded and what is told of it are one transaction, and what is
//! recorded is told no more: to look twice does no harm.

mod account;
mod key;
mod look;
#[cfg(feature = "testing")]
#[expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a test fails where its world does"
)]
mod specimens;
mod step;
mod words;

#[cfg(feature = "testing")]
pub use specimens::specimens;
pub use step::{Seen, Step};

use jiff::SignedDuration;
use shared::{
    app::App,
    config::Setting,
    error::Error,
    function::{Feed, Function, Trigger},
    outbox::{Job, OutboxRecord, Queue},
    queue::{Deliveries, Delivery, Failures, chain, each},
    table::{Cancelled, TableError},
    timer::Timer,
    usage::Watch,
};

/// How it is deployed.
pub const FUNCTION: Function = Function::new(
    "usage-alerts",
    &[Setting::Table],
    Trigger::Queues(&[Feed { queue: Queue::UsageWatch, batch: 10, side_by_side: 4 }]),
)
.timeout(30);

/// A month is looked at so long after its end: its last events are counted a little later.
const GRACE: SignedDuration = SignedDuration::from_hours(12);

/// Looks at the accounts and keys of one batch; the failures are delivered again.
pub async fn handle(app: App, deliveries: Deliveries) -> Failures {
    each(deliveries, |delivery| deal_with(app.clone(), delivery)).await
}

/// Why nobody looked.
#[derive(Debug, thiserror::Error)]
enum AlertsError {
    #[error("the message is no outbox record")]
    Unreadable(#[from] serde_json::Error),
    #[error("the job is another worker's")]
    Misdirected,
    #[error("another look at the same account was first")]
    Busy,
    #[error("the table failed")]
    Table(#[from] TableError),
    #[error("{0}")]
    Defect(String),
}

impl From<Cancelled<Overtaken>> for AlertsError {
    fn from(cancelled: Cancelled<Overtaken>) -> Self {
        match cancelled {
            Cancelled::Failed(error) => Self::Table(error),
            Cancelled::Refused(_) => Self::Busy,
        }
    }
}

impl From<Error> for AlertsError {
    fn from(error: Error) -> Self {
        let cause = error.source.as_deref().map(|source| chain(source));
        Self::Defect(cause.unwrap_or_else(|| error.code.as_str().to_owned()))
    }
}

/// Another look was first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Overtaken;

async fn deal_with(app: App, delivery: Delivery) -> Result<(), AlertsError> {
    let record: OutboxRecord = serde_json::from_str(&delivery.body)?;
    let Job::Due { timer } = record.job else { return Err(AlertsError::Misdirected) };
    // A busy account's is set anew all the time: it is looked at all the same.
    let Some(timer): Option<Timer<Watch>> = timer.stand(&app).await? else { return Ok(()) };
    let seen_all = match timer.what.key {
        Some(key) => key::look(&app, &timer, key).await?,
        None => account::look(&app, &timer).await?,
    };
    if seen_all {
        timer.end(&app).await?;
    }
    Ok(())
}
