//! Shows what people are to be told in the portal and sends it on: at once, when the night is over, with the
//! day's digest or together with others of its kind, and nowhere where they do not want it.
//!
//! Of one notice there is one notification, whose id is the outbox record's, so that a second delivery finds
//! it. What waits is listed by a timer; what is done with it is one transaction with the timer's end.

mod plan;
mod release;
#[cfg(feature = "testing")]
mod specimens;
mod tell;

#[cfg(feature = "testing")]
pub use specimens::specimens;

use shared::{
    app::App,
    config::{NotAskedFor, Setting},
    function::{Feed, Function, Trigger},
    outbox::{Job, OutboxRecord, Queue},
    queue::{Deliveries, Delivery, Failures, each},
    table::{Cancelled, TableError},
};

/// How it is deployed.
pub const FUNCTION: Function = Function::new(
    "notifier",
    &[Setting::Table, Setting::PanelSecret],
    // One client's flood takes a part of these, and of nobody's links.
    Trigger::Queues(&[Feed { queue: Queue::Notices, batch: 10, side_by_side: 4 }]),
)
.timeout(30);

/// Deals with the notices and the timers of one batch; the failures are delivered again.
pub async fn handle(app: App, deliveries: Deliveries) -> Failures {
    each(deliveries, |delivery| deal_with(app.clone(), delivery)).await
}

/// Why somebody was not told.
#[derive(Debug, thiserror::Error)]
enum NotifierError {
    #[error("the message is no outbox record")]
    Unreadable(#[from] serde_json::Error),
    #[error("the job is another worker's")]
    Misdirected,
    #[error("others keep telling the same user")]
    Busy,
    #[error("the table failed")]
    Table(#[from] TableError),
    #[error("a setting is not there")]
    Setting(#[from] NotAskedFor),
}

impl<R> From<Cancelled<R>> for NotifierError {
    fn from(cancelled: Cancelled<R>) -> Self {
        match cancelled {
            Cancelled::Failed(error) => Self::Table(error),
            Cancelled::Refused(_) => Self::Busy,
        }
    }
}

async fn deal_with(app: App, delivery: Delivery) -> Result<(), NotifierError> {
    let record: OutboxRecord = serde_json::from_str(&delivery.body)?;
    match record.job {
        Job::Notice {} => tell::tell(&app, record.id).await,
        Job::Due { timer } => release::release(&app, &timer).await,
        _ => Err(NotifierError::Misdirected),
    }
}
