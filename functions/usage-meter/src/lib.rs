//! Counts usage events, each exactly once.
//!
//! The queue may deliver twice, in any order, and a run may die anywhere. What makes the counts
//! exact all the same: an event's item and its addition to every counter are one transaction, and
//! the item may not be there yet. Whatever was not counted is delivered again; whatever was is
//! refused by its item. What is taken back is subtracted under a mark on that item, or waits in
//! its place where it has not come yet (`take_back`).
//!
//! What can never be counted (too old, unknown account, not readable) goes to the dead letters
//! with the reason before its message is acknowledged; its siblings are counted.

mod batch;
mod count;
mod dead_letter;
mod holds;
mod known;
mod models;
mod slice;
#[cfg(feature = "testing")]
#[expect(clippy::expect_used, reason = "a test fails where its world does")]
mod specimens;
mod take_back;

#[cfg(feature = "testing")]
pub use specimens::specimens;

use shared::{
    account::{AccountsFound, accounts_of},
    app::App,
    config::Setting,
    error::Error,
    function::{Feed, Function, Trigger},
    outbox::Queue,
    queue::{Deliveries, Failures, chain},
    usage::relieve,
};

use batch::{Batch, Group, Metered};
use dead_letter::DeadLetter;
use known::Known;
use models::Periods;
pub use models::{MOST_MODELS, MOST_NEW_MODELS};

/// How it is deployed.
pub const FUNCTION: Function = Function::new(
    "usage-meter",
    &[Setting::Table, Setting::Queue(Queue::UsageDead)],
    // So many runs side by side leave room in a counter, whatever models they name.
    Trigger::Queues(&[Feed { queue: Queue::Usage, batch: 10, side_by_side: 16 }]),
)
.timeout(60);

/// Counts one batch of messages; the failures are delivered again.
pub async fn handle(app: App, deliveries: Deliveries) -> Failures {
    let mut batch = Batch::open(&deliveries, app.clock.now());
    let (accounts, groups) = match sort(&app, &mut batch).await {
        Ok(sorted) => sorted,
        Err(error) => {
            report(&error);
            return deliveries.records.into_iter().map(|record| record.message_id).collect();
        }
    };
    for (group, events) in groups {
        let messages: Vec<usize> = events.iter().map(|event| event.message).collect();
        match tokio::spawn(settle(app.clone(), group, events)).await {
            Ok(Ok(dead)) => batch.bury(dead),
            Ok(Err(error)) => {
                report(&error);
                batch.fail(messages);
            }
            Err(_panic) => {
                tracing::error!("counting panicked");
                batch.fail(messages);
            }
        }
    }
    // What comes with its own void is counted first.
    let (dead, failed) = take_back::take_back(&app, &accounts, batch.take_voids()).await;
    batch.bury(dead);
    batch.fail(failed);
    if let Err(error) = dead_letter::send(&app, batch.dead_letters()).await {
        report(&error);
        batch.fail_dead();
    }
    batch.failures(&deliveries)
}

/// The batch's events by account and day, each with what it is counted under and the hold that it settles.
async fn sort(app: &App, batch: &mut Batch) -> Result<(AccountsFound, Sorted), Error> {
    let accounts = accounts_of(app, batch.events(), batch.voids()).await?;
    for (account, error) in &accounts.unreadable {
        tracing::error!(%account, error = chain(error), "an account is not as its type has it");
    }
    let mut groups = batch.group(&accounts);
    let mut periods = Periods::of(app, groups.iter().map(|(group, _)| group)).await?;
    let known = Known::of(app, &groups).await?;
    for (group, events) in &mut groups {
        group.closes_with = periods.closes_with(app, group);
        for metered in events {
            metered.model = periods.name_of(group, &metered.event.data);
            known.assign(group, metered);
        }
    }
    holds::find(app, &mut groups).await?;
    Ok((accounts, groups))
}

/// Counts a group's events, and relieves its account if meters are in each other's way.
async fn settle(app: App, group: Group, events: Vec<Metered>) -> Result<Vec<Buried>, Error> {
    let mut conflicts = 0;
    let counted = count::count(&app, &group, events, &mut conflicts).await;
    relieve(&app, &group.account, conflicts).await;
    counted
}

fn report(error: &Error) {
    let cause = error.source.as_deref().map(|source| chain(source));
    tracing::error!(code = error.code.as_str(), cause, "events were not counted and come again");
}

/// Events by what they have in common.
type Sorted = Vec<(Group, Vec<Metered>)>;

/// An event that cannot be counted, ever.
type Buried = (usize, DeadLetter);
