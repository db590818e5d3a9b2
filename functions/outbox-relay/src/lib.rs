//! Sends each outbox record, as the table's stream shows it, to the queue of its kind.
//!
//! Nobody else sends to those queues: what a transaction wrote is what is done, no more and no
//! less. A record may be sent twice; its id lets the worker see that.

#[cfg(feature = "testing")]
#[expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a test fails where its world does"
)]
mod specimens;

#[cfg(feature = "testing")]
pub use specimens::specimens;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_dynamo::Item;
use shared::{
    app::App,
    config::NotAskedFor,
    function::{Function, Trigger},
    outbox::{JOB_QUEUES, OutboxRecord},
    queue::{Failures, MOST_MESSAGES, chain},
};

/// How it is deployed.
pub const FUNCTION: Function =
    Function::new("outbox-relay", JOB_QUEUES, Trigger::Outbox).timeout(30);

/// What Lambda hands over of a table's stream. Only what is read is named.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StreamEvent {
    /// The changes of one shard, in order.
    #[serde(rename = "Records")]
    pub records: Vec<StreamRecord>,
}

/// A change of an item.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StreamRecord {
    /// What changed.
    pub dynamodb: Change,
}

/// The item after the change.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Change {
    /// Its place in the shard; a partial failure names it.
    pub sequence_number: String,
    /// The item.
    #[serde(default)]
    pub new_image: Item,
}

/// Relays a batch. The first record that was not relayed is reported: Lambda delivers again from
/// there, and nothing is lost. What comes after it is sent all the same and again later: one bad
/// record keeps nobody's mail waiting. A record that never parses ends in the relay's dead letters.
pub async fn handle(app: App, event: StreamEvent) -> Failures {
    let mut ready: BTreeMap<String, Vec<Ready>> = BTreeMap::new();
    let mut failed = Vec::new();
    for (place, record) in event.records.into_iter().enumerate() {
        let sequence = record.dynamodb.sequence_number;
        match ready_to_go(&app, record.dynamodb.new_image) {
            Ok((queue, body)) => {
                ready.entry(queue).or_default().push(Ready { place, sequence, body });
            }
            Err(error) => {
                tracing::error!(sequence, error = chain(&error), "a record was not relayed");
                failed.push((place, sequence));
            }
        }
    }
    for (queue, records) in &ready {
        failed.extend(send(&app, queue, records).await);
    }
    let first = failed.into_iter().min_by_key(|(place, _)| *place);
    first.map(|(_, sequence)| sequence).into_iter().collect()
}

/// Why a record cannot be sent.
#[derive(Debug, thiserror::Error)]
enum NotReady {
    #[error("it is no outbox record")]
    Shape(#[from] serde_dynamo::Error),
    #[error("its queue is not known")]
    Queue(#[from] NotAskedFor),
}

/// A record's queue and message.
fn ready_to_go(app: &App, item: Item) -> Result<(String, String), NotReady> {
    let record: OutboxRecord = serde_dynamo::from_item(item)?;
    let queue = record.job.queue(&app.config)?.to_owned();
    Ok((queue, serde_json::to_string(&record).unwrap_or_default()))
}

/// A record on its way.
struct Ready {
    place: usize,
    sequence: String,
    body: String,
}

/// Sends to one queue in order; gives the first record back that was not sent. What goes to
/// other queues does not wait for it.
async fn send(app: &App, queue: &str, records: &[Ready]) -> Option<(usize, String)> {
    for batch in records.chunks(MOST_MESSAGES) {
        let bodies = batch.iter().map(|record| record.body.clone()).collect();
        if let Err(error) = app.queues.send(queue, bodies).await {
            tracing::error!(error = chain(&error), "records were not relayed and come again");
            return Some((batch[0].place, batch[0].sequence.clone()));
        }
    }
    None
}
