//! Sends each outbox record, as the table's stream shows it, to the queue of its kind.
//!
//! Nobody else sends to those queues: what a transaction wrote is what is done, no more and no
//! less. A record may be sent twice; its id lets the worker see that.

use serde::{Deserialize, Serialize};
use serde_dynamo::Item;
use shared::{
    app::App,
    outbox::OutboxRecord,
    queue::{Failures, MOST_MESSAGES, chain},
};

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
    let mut ready = Vec::new();
    let mut failed = Vec::new();
    for record in event.records {
        let sequence = record.dynamodb.sequence_number;
        match serde_dynamo::from_item::<_, OutboxRecord>(record.dynamodb.new_image) {
            Ok(record) => ready.push(Ready {
                sequence,
                queue: record.job.queue(&app.config).to_owned(),
                body: serde_json::to_string(&record).unwrap_or_default(),
            }),
            Err(error) => {
                tracing::error!(sequence, error = chain(&error), "not an outbox record");
                failed.push(sequence);
            }
        }
    }
    failed.extend(send(&app, &ready).await);
    // All sequence numbers of a shard are of one width.
    failed.into_iter().min().into_iter().collect()
}

/// A record on its way.
struct Ready {
    sequence: String,
    queue: String,
    body: String,
}

/// Sends in order; gives the first record back that was not sent.
async fn send(app: &App, ready: &[Ready]) -> Option<String> {
    let runs = ready.chunk_by(|one, next| one.queue == next.queue);
    for batch in runs.flat_map(|run| run.chunks(MOST_MESSAGES)) {
        let bodies = batch.iter().map(|record| record.body.clone()).collect();
        if let Err(error) = app.queues.send(&batch[0].queue, bodies).await {
            tracing::error!(error = chain(&error), "records were not relayed and come again");
            return Some(batch[0].sequence.clone());
        }
    }
    None
}
