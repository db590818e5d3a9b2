//! The event sources: what Lambda does between queues, stream and functions.

use std::sync::Arc;

use cloud::{Cloud, CloudError, Consumer, Stream};
use jiff::SignedDuration;
use serde::Serialize;
use serde_json::{Value, json};
use shared::{
    app::App,
    queue::{Deliveries, Delivery, Failures, Known},
    timer::next_timer,
};
use tokio::sync::Mutex;

use crate::{Worker, workers};

/// A stream record that fails so often is set aside, as the template's on-failure queue has it.
const MOST_STREAM_TRIES: u32 = 20;
/// Where it goes.
const STREAM_DEAD_LETTERS: &str = "RelayDeadLetters";

const SECOND: SignedDuration = SignedDuration::from_secs(1);

/// Feeds the functions that `template.yaml` connects to queues and the stream.
pub struct Workers {
    app: App,
    functions: Vec<Worker>,
    cloud: Arc<Cloud>,
    consumers: Vec<Consumer>,
    scheduled: Vec<String>,
    /// One pump at a time: draining waits for the feeding that is under way.
    stream: Mutex<(Stream, u32)>,
}

impl Workers {
    /// Workers that read the stream on from a position.
    #[must_use]
    pub fn new(app: App, cloud: Arc<Cloud>, position: Option<String>) -> Self {
        let consumers = cloud.template().consumers();
        let scheduled = cloud.template().scheduled();
        let stream = Mutex::new((cloud.stream(position), 0));
        Self { app, functions: workers(), cloud, consumers, scheduled, stream }
    }

    /// The payment provider.
    pub(crate) fn bank(&self) -> &cloud::bank::Bank {
        self.cloud.bank()
    }

    /// How far the stream was read.
    pub async fn position(&self) -> Option<String> {
        self.stream.lock().await.0.position()
    }

    /// Hands each function one batch, if there is any; whether there was.
    ///
    /// # Errors
    /// When the embedded cloud fails.
    pub async fn pump(&self) -> Result<bool, CloudError> {
        let mut stream = self.stream.lock().await;
        let mut busy = false;
        for consumer in &self.consumers {
            busy |= if consumer.filter.is_some() {
                self.pump_stream(consumer, &mut stream).await?
            } else {
                self.pump_queue(consumer).await?
            };
        }
        Ok(busy)
    }

    /// Sets the scheduled functions off, as the clock does every minute on AWS.
    ///
    /// # Errors
    /// When one of them fails.
    pub async fn tick(&self) -> Result<(), CloudError> {
        for binary in &self.scheduled {
            let minute = json!({"time": self.app.clock.now().to_string()});
            let _reply = self.invoke(binary, minute).await?;
        }
        Ok(())
    }

    /// Pumps until stream and queues are idle, and what is due now is done.
    ///
    /// # Errors
    /// When the embedded cloud or a scheduled function fails.
    pub async fn drain(&self) -> Result<(), CloudError> {
        loop {
            self.cloud.bank().tell_all().await;
            while self.pump().await? {}
            self.tick().await?;
            self.cloud.bank().tell_all().await;
            if !self.pump().await? {
                return Ok(());
            }
        }
    }

    /// Moves the clock on and stops at each moment at which something is due, to have it done then.
    ///
    /// # Errors
    /// When the embedded cloud or a scheduled function fails.
    pub async fn walk(&self, by: SignedDuration) -> Result<(), CloudError> {
        let clock = &self.app.clock;
        let end = clock.now() + by;
        loop {
            self.drain().await?;
            let next = next_timer(&self.app).await;
            let next = next.map_err(|error| CloudError::Table(error.to_string()))?;
            let now = clock.now();
            match next.filter(|next| *next <= end && now < end) {
                // What stays late fails again and again: it keeps nobody from walking on.
                Some(next) if next <= now => clock.advance(SECOND.min(end.duration_since(now))),
                Some(next) => clock.advance(next.duration_since(now)),
                None => break,
            }
        }
        clock.advance(end.duration_since(clock.now()));
        self.drain().await
    }

    async fn pump_queue(&self, consumer: &Consumer) -> Result<bool, CloudError> {
        let queues = self.cloud.queues();
        let messages = queues.receive(&consumer.source, consumer.batch_size.min(10)).await?;
        if messages.is_empty() {
            return Ok(queues.depth(&consumer.source).await? > 0);
        }
        let records = messages.iter().map(|message| Delivery {
            message_id: message.id.clone(),
            body: message.body.clone(),
            attributes: Known::delivered(message.deliveries),
        });
        let deliveries = Deliveries { records: records.collect() };
        let failures = self.hand_over(&consumer.binary, deliveries).await?;
        for message in &messages {
            if failed(&failures, &message.id) {
                queues.release(&consumer.source, message).await?;
            } else {
                queues.delete(&consumer.source, message).await?;
            }
        }
        Ok(true)
    }

    async fn hand_over<E: Serialize>(
        &self,
        binary: &str,
        event: E,
    ) -> Result<Failures, CloudError> {
        let reply = self.invoke(binary, event).await?;
        serde_json::from_value(reply).map_err(|error| CloudError::Function(error.to_string()))
    }

    async fn invoke<E: Serialize>(&self, binary: &str, event: E) -> Result<Value, CloudError> {
        let unknown = || CloudError::Template(format!("no function {binary} is known here"));
        let mut functions = self.functions.iter();
        let worker = functions.find(|it| it.function.name == binary).ok_or_else(unknown)?;
        let failed = |error: &dyn std::fmt::Display| CloudError::Function(error.to_string());
        let event = serde_json::to_value(event).map_err(|error| failed(&error))?;
        let reply = (worker.handle)(self.app.clone(), event).await;
        reply.map_err(|error| failed(&error))
    }

    async fn pump_stream(
        &self,
        consumer: &Consumer,
        (stream, tries): &mut (Stream, u32),
    ) -> Result<bool, CloudError> {
        let records = stream.read(consumer.batch_size)?;
        let Some(last) = records.last() else { return Ok(false) };
        let pattern = consumer.filter.as_deref().unwrap_or("{}");
        let pattern: Value = serde_json::from_str(pattern)
            .map_err(|error| CloudError::Template(error.to_string()))?;
        let passing: Vec<Value> =
            records.iter().filter(|record| passes(&pattern, record)).cloned().collect();
        if passing.is_empty() {
            stream.advance(last);
            return Ok(true);
        }
        let failures = self.hand_over(&consumer.binary, json!({"Records": passing})).await?;
        match records.iter().position(|record| failed(&failures, sequence(record))) {
            None => {
                stream.advance(last);
                *tries = 0;
            }
            Some(place) => {
                if let Some(before) = place.checked_sub(1).and_then(|at| records.get(at)) {
                    stream.advance(before);
                }
                *tries += 1;
                if *tries > MOST_STREAM_TRIES {
                    let letter = records[place].to_string();
                    self.cloud.queues().send(STREAM_DEAD_LETTERS, letter).await?;
                    stream.advance(&records[place]);
                    *tries = 0;
                }
            }
        }
        Ok(true)
    }
}

fn failed(failures: &Failures, id: &str) -> bool {
    failures.batch_item_failures.iter().any(|failure| failure.item_identifier == id)
}

fn sequence(record: &Value) -> &str {
    record["dynamodb"]["SequenceNumber"].as_str().unwrap_or_default()
}

/// Lambda's event filter, as far as the template uses it: each leaf is a list of values and of
/// `{"prefix": ...}`, one of which must match.
fn passes(pattern: &Value, record: &Value) -> bool {
    match pattern {
        Value::Object(fields) => fields.iter().all(|(name, part)| passes(part, &record[name])),
        Value::Array(choices) => choices.iter().any(|choice| match choice["prefix"].as_str() {
            Some(prefix) => record.as_str().is_some_and(|text| text.starts_with(prefix)),
            None => choice == record,
        }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_filter_lets_inserts_of_the_outbox_pass_and_nothing_else() {
        let cloud_filter = cloud::Template::embedded().unwrap().consumers();
        let filter = cloud_filter.into_iter().find_map(|consumer| consumer.filter).unwrap();
        let pattern: Value = serde_json::from_str(&filter).unwrap();
        let record = |event: &str, sort: &str| json!({"eventName": event, "dynamodb": {"Keys": {"SK": {"S": sort}}}});
        assert!(passes(&pattern, &record("INSERT", "OUTBOX#out_1")));
        assert!(!passes(&pattern, &record("REMOVE", "OUTBOX#out_1")));
        assert!(!passes(&pattern, &record("INSERT", "ACCOUNT")));
    }
}
