//! What happens to payments by itself: what is due is charged by the clock, what became of a charge is asked until it
//! is known, cards come into wallets and money goes back.
//!
//! Its jobs are timers, one for each matter, and the provider's word, which is believed in what it is about and in
//! nothing else: how that stands is asked. What becomes of a matter is written once (`shared::payments`).

mod collect;
mod look;
#[cfg(feature = "testing")]
mod specimens;
mod word;

#[cfg(feature = "testing")]
pub use specimens::specimens;

use shared::{
    app::App,
    config::Setting,
    error::Error,
    function::{Feed, Function, Trigger},
    outbox::{Job, OutboxRecord, Queue},
    payments::Matter,
    provider::ProviderError,
    queue::{Deliveries, Delivery, Failures, chain, each},
    table::TableError,
};

/// How it is deployed.
pub const FUNCTION: Function = Function::new(
    "payments",
    &[Setting::Table, Setting::PublicUrl, Setting::PaymentsUrl, Setting::PaymentsKey],
    // A provider takes some hundred calls a second, and clients who pay by hand come first.
    Trigger::Queues(&[Feed { queue: Queue::Payments, batch: 10, side_by_side: 5 }]),
)
.timeout(60);

/// Looks after the payments of one batch; the failures are delivered again.
pub async fn handle(app: App, deliveries: Deliveries) -> Failures {
    each(deliveries, |delivery| deal_with(app.clone(), delivery)).await
}

/// Why a payment was not looked after.
#[derive(Debug, thiserror::Error)]
enum PaymentsError {
    #[error("the message is no outbox record")]
    Unreadable(#[from] serde_json::Error),
    #[error("the job is another worker's")]
    Misdirected,
    #[error("the table failed")]
    Table(#[from] TableError),
    #[error("the provider failed")]
    Provider(#[from] ProviderError),
    #[error("{0}")]
    Refused(String),
}

impl From<Error> for PaymentsError {
    fn from(error: Error) -> Self {
        let cause = error.source.as_deref().map(|source| chain(source));
        Self::Refused(cause.unwrap_or_else(|| error.code.as_str().to_owned()))
    }
}

async fn deal_with(app: App, delivery: Delivery) -> Result<(), PaymentsError> {
    let record: OutboxRecord = serde_json::from_str(&delivery.body)?;
    match record.job {
        Job::Provider { object, id } => word::look_at(&app, &object, &id).await,
        Job::Due { timer } => match timer.claim::<Matter>(&app).await? {
            Some(timer) => look::look(&app, &timer).await,
            None => Ok(()),
        },
        _ => Err(PaymentsError::Misdirected),
    }
}
