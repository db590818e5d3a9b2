//! The crash matrix: each worker, at every call it makes, meets every fault, once or for the rest
//! of its run, or dies before or after the call; then its batch is delivered again, in several
//! ways. What was asked for happens, and happens once.

mod alerts;
mod closing;
mod feedback;
mod letters;
mod mailer;
mod meter;
mod notifier;
mod relay;
mod ticket_clock;
mod timekeeper;

use std::sync::{Arc, Mutex, PoisonError};

use jiff::SignedDuration;
use serde_json::Value;
use shared::{
    account::{Founded, Overview, overview_key},
    app::App,
    queue::{Delivery, Failures},
    table::Read,
    testing::{Fault, Faults, TestApp},
};

/// A redelivery comes when the queue's visibility time-out is over; a lease is over by then.
const VISIBILITY: SignedDuration = SignedDuration::from_secs(61);
/// A message that fails so often would lie in the dead letters.
const MOST_DELIVERIES: usize = 5;

/// How what was not acknowledged is delivered again.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Redelivery {
    /// As it was.
    Again,
    /// To two processes at once.
    Twice,
    /// Record by record.
    InParts,
}

/// How long a fault lasts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Length {
    /// One call.
    Once,
    /// The rest of the run.
    Lasting,
}

/// One cell of the matrix.
#[derive(Debug, Clone)]
pub(crate) struct Cell {
    /// The call that the fault meets, from 1.
    pub(crate) point: usize,
    pub(crate) fault: Fault,
    pub(crate) length: Length,
    pub(crate) redelivery: Redelivery,
    /// The calls of a run without faults.
    pub(crate) operations: Arc<Vec<String>>,
}

/// A worker, its batch, and what must be true in the end.
pub(crate) trait Scenario: Sized {
    type Record: Clone;

    /// A world in which the batch waits.
    async fn begin() -> (Self, Vec<Self::Record>);
    fn world(&self) -> &TestApp;
    fn id(record: &Self::Record) -> String;
    /// Hands records over; gives back those that were not dealt with.
    async fn hand_over(app: App, records: Vec<Self::Record>) -> Vec<Self::Record>;
    async fn check(&self, cell: &Cell);
}

/// The messages that a function did not deal with.
pub(crate) fn left(records: Vec<Delivery>, failures: &Failures) -> Vec<Delivery> {
    let failed = |record: &Delivery| {
        let failures = &failures.batch_item_failures;
        failures.iter().any(|failure| failure.item_identifier == record.message_id)
    };
    records.into_iter().filter(failed).collect()
}

/// How many jobs of a kind were ever put into the outbox.
fn jobs(world: &TestApp, kind: &str) -> usize {
    let records = world.cloud.stream(None).read(1_000).unwrap();
    let new = |record: &&Value| {
        let image = &record["dynamodb"]["NewImage"];
        record["eventName"] == "INSERT" && image["job"]["M"]["kind"]["S"] == kind
    };
    records.iter().filter(new).count()
}

/// How many letters there were.
pub(crate) fn letters(world: &TestApp) -> usize {
    jobs(world, "letter")
}

/// How many notices there were.
pub(crate) fn notices(world: &TestApp) -> usize {
    jobs(world, "notice")
}

/// How many notifications a client has not read, as its dashboard counts.
pub(crate) async fn unread(world: &TestApp, client: Founded) -> u64 {
    let key = overview_key(world.tenant(client));
    let overview: Option<Overview> = world.app.table.get(&key, Read::Strong).await.unwrap();
    overview.unwrap_or_default().unread(client.user)
}

/// Runs every cell; how many there were.
pub(crate) async fn matrix<S: Scenario>() -> usize {
    let operations = Arc::new(calls::<S>().await);
    let mut cells = 0;
    for point in 1..=operations.len() {
        for fault in Fault::ALL {
            for length in [Length::Once, Length::Lasting] {
                let is_met = fault.is_of(&operations[point - 1]);
                if !is_met || fault.kills() && length == Length::Lasting {
                    continue;
                }
                for &redelivery in redeliveries(fault) {
                    let operations = Arc::clone(&operations);
                    let came_again =
                        run::<S>(&Cell { point, fault, length, redelivery, operations }).await;
                    cells += 1;
                    if !came_again {
                        break;
                    }
                }
            }
        }
    }
    cells
}

/// What is delivered again finds what the fault has left: nothing of the call, all of it, or all of it and of what came
/// after. One fault that leaves each meets every way of redelivery, and those that leave the same meet one.
fn redeliveries(fault: Fault) -> &'static [Redelivery] {
    match fault {
        Fault::Throttle | Fault::TimeoutAfter | Fault::KillAfter => {
            &[Redelivery::Again, Redelivery::Twice, Redelivery::InParts]
        }
        _ => &[Redelivery::Again],
    }
}

/// The calls of a run without faults.
async fn calls<S: Scenario>() -> Vec<String> {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let writer = Arc::clone(&seen);
    let faults = Faults::new(move |call| {
        writer.lock().unwrap_or_else(PoisonError::into_inner).push(call.operation.clone());
        None
    });
    let (scenario, records) = S::begin().await;
    let app = scenario.world().process(&faults.wire());
    assert!(S::hand_over(app, records).await.is_empty());
    std::mem::take(&mut *seen.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Runs one cell; whether anything was delivered again.
async fn run<S: Scenario>(cell: &Cell) -> bool {
    let (scenario, all) = S::begin().await;
    let world = scenario.world();
    let faults = match cell.length {
        Length::Once => Faults::once(cell.fault, cell.point),
        Length::Lasting => Faults::lasting(cell.fault, cell.point),
    };
    let app = world.process(&faults.wire());
    let mut left = faults.run(S::hand_over(app, all.clone())).await.unwrap_or(all.clone());
    assert!(faults.calls() >= cell.point, "the fault was met: {cell:?}");

    let (mut deliveries, came_again) = (1, !left.is_empty());
    while !left.is_empty() {
        assert!(deliveries < MOST_DELIVERIES, "it never ends: {cell:?}");
        world.app.clock.advance(VISIBILITY);
        left = deliver_again::<S>(world, left, cell.redelivery).await;
        deliveries += 1;
    }
    scenario.check(cell).await;
    // A queue may deliver what was acknowledged.
    world.app.clock.advance(VISIBILITY);
    assert!(S::hand_over(world.app.clone(), all).await.is_empty(), "{cell:?}");
    scenario.check(cell).await;
    came_again
}

async fn deliver_again<S: Scenario>(
    world: &TestApp,
    records: Vec<S::Record>,
    redelivery: Redelivery,
) -> Vec<S::Record> {
    match redelivery {
        Redelivery::Again => S::hand_over(world.app.clone(), records).await,
        Redelivery::Twice => {
            let other = world.process(&Faults::none().wire());
            let (first, second) = tokio::join!(
                S::hand_over(world.app.clone(), records.clone()),
                S::hand_over(other, records)
            );
            // The queue holds one message, and it is gone once either delivery was acknowledged.
            let failed_too =
                |record: &S::Record| second.iter().any(|other| S::id(other) == S::id(record));
            first.into_iter().filter(failed_too).collect()
        }
        Redelivery::InParts => {
            let mut left = Vec::new();
            for record in records {
                left.extend(S::hand_over(world.app.clone(), vec![record]).await);
            }
            left
        }
    }
}
