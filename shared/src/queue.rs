//! SQS: sending, and the shape in which a worker is handed what was sent.

use std::{error::Error as StdError, future::Future};

use aws_sdk_sqs::{
    Client,
    types::{BatchResultErrorEntry, SendMessageBatchRequestEntry},
};
use serde::{Deserialize, Serialize};

use crate::wire::{Backoff, Lazily, on_heap};

/// SQS takes at most so many messages in one call.
pub const MOST_MESSAGES: usize = 10;

/// A call's messages may weigh at most so many bytes together.
pub const MOST_BYTES: usize = 256 * 1024;

/// What SQS refuses of a call is tried so often.
const TRIES: u32 = 4;

/// The queue did not take a message. Some of a batch may have been taken.
#[derive(Debug, thiserror::Error)]
#[error("the queue is not available")]
pub struct QueueError(#[source] Box<dyn StdError + Send + Sync>);

/// SQS did not take one entry of a batch.
#[derive(Debug, thiserror::Error)]
#[error("{refused} of {sent} messages were refused: {code}")]
struct NotTaken {
    refused: usize,
    sent: usize,
    code: String,
}

/// A way to send to any queue by its address.
#[derive(Clone)]
pub struct Queues {
    client: Lazily<Client>,
    backoff: Backoff,
}

impl Queues {
    pub(crate) fn new(client: Lazily<Client>, backoff: Backoff) -> Self {
        Self { client, backoff }
    }

    /// Sends nothing, which SQS refuses: whoever sends next finds the connection made.
    pub(crate) async fn greet(&self, queue: &str) {
        let _refused = self.send_once(queue, &[]).await;
    }

    /// Sends up to [`MOST_MESSAGES`] bodies in one call; those that SQS refuses are tried again. An
    /// error if any was not taken in the end.
    pub async fn send(&self, queue: &str, bodies: Vec<String>) -> Result<(), QueueError> {
        let sent = bodies.len();
        let mut left = bodies;
        let mut attempt = 1;
        loop {
            let refused = self.send_once(queue, &left).await?;
            let Some((_, code)) = refused.first() else { return Ok(()) };
            if attempt == TRIES {
                let not_taken = NotTaken { refused: refused.len(), sent, code: code.clone() };
                return Err(QueueError(Box::new(not_taken)));
            }
            left = refused.into_iter().filter_map(|(place, _)| left.get(place).cloned()).collect();
            self.backoff.wait(attempt).await;
            attempt += 1;
        }
    }

    /// The places of the bodies that were refused, each with the code of the refusal.
    async fn send_once(
        &self,
        queue: &str,
        bodies: &[String],
    ) -> Result<Vec<(usize, String)>, QueueError> {
        let entries = bodies.iter().enumerate().map(|(place, body)| {
            SendMessageBatchRequestEntry::builder().id(place.to_string()).message_body(body).build()
        });
        let entries: Vec<_> =
            entries.collect::<Result<_, _>>().map_err(|error| QueueError(Box::new(error)))?;
        let request = self.client.send_message_batch().queue_url(queue).set_entries(Some(entries));
        let reply = on_heap(request.send()).await.map_err(|error| QueueError(Box::new(error)))?;
        let place = |entry: &BatchResultErrorEntry| {
            let place = entry.id().parse().map_err(|error| QueueError(Box::new(error)))?;
            Ok((place, entry.code().to_owned()))
        };
        reply.failed().iter().map(place).collect()
    }
}

/// What Lambda hands to a worker behind a queue. Only what a worker reads is named.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Deliveries {
    /// The messages, in no order.
    #[serde(rename = "Records")]
    pub records: Vec<Delivery>,
}

/// One message.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    /// SQS's id of the message; a partial failure names it.
    pub message_id: String,
    /// What was sent.
    pub body: String,
    /// What SQS knows of it.
    #[serde(default)]
    pub attributes: Known,
}

/// What SQS knows of a message.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Known {
    /// How often it was delivered, this time included.
    #[serde(default, rename = "ApproximateReceiveCount")]
    receive_count: Option<String>,
}

impl Known {
    /// What is known of a message that was delivered so often.
    #[must_use]
    pub fn delivered(times: u32) -> Self {
        Self { receive_count: Some(times.to_string()) }
    }
}

impl Delivery {
    /// How often it was delivered, this time included.
    #[must_use]
    pub fn tries(&self) -> u32 {
        let count = self.attributes.receive_count.as_deref();
        count.and_then(|count| count.parse().ok()).unwrap_or(1)
    }
}

/// Which records were not dealt with and are to be delivered again. All others are done.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Failures {
    /// The failed records.
    pub batch_item_failures: Vec<Failure>,
}

/// A record that was not dealt with.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// A message's id, or a stream record's sequence number.
    pub item_identifier: String,
}

impl FromIterator<String> for Failures {
    fn from_iter<I: IntoIterator<Item = String>>(ids: I) -> Self {
        let failures = ids.into_iter().map(|item_identifier| Failure { item_identifier });
        Self { batch_item_failures: failures.collect() }
    }
}

/// Handles the messages one by one. A failure, or a panic, of one leaves its siblings alone.
pub async fn each<F, T, E>(deliveries: Deliveries, handle: F) -> Failures
where
    F: Fn(Delivery) -> T,
    T: Future<Output = Result<(), E>> + Send + 'static,
    E: StdError + Send + 'static,
{
    let mut failed = Vec::new();
    for delivery in deliveries.records {
        let id = delivery.message_id.clone();
        match tokio::spawn(handle(delivery)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::error!(message = id, error = chain(&error), "a message failed");
                failed.push(id);
            }
            Err(_panic) => {
                tracing::error!(message = id, "a message's handling panicked");
                failed.push(id);
            }
        }
    }
    failed.into_iter().collect()
}

/// An error with its causes, for a log line.
#[must_use]
pub fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
