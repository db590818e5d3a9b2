//! The queues: made from the template, read by the event sources of the local runner.

use std::{collections::HashMap, net::SocketAddr, sync::Arc};

use winterbaume_core::{MockRequest, MockResponse, MockService, default_account_id};
use winterbaume_sqs::{InMemorySqsBackend, SqsBackend, SqsService};

use crate::{CloudError, Template};

const REGION: &str = "us-east-1";

/// A message as a consumer receives it.
#[derive(Debug, Clone)]
pub struct Message {
    /// The id SQS gave it.
    pub id: String,
    /// What was sent.
    pub body: String,
    /// What it is deleted or released by.
    pub receipt: String,
    /// How often it was delivered, this time included.
    pub deliveries: u32,
}

/// The queues of the embedded cloud, by their logical names.
#[derive(Clone)]
pub struct Queues {
    backend: Arc<dyn SqsBackend>,
    service: Arc<SqsService>,
    address: SocketAddr,
    names: Arc<Vec<String>>,
}

impl Queues {
    pub(crate) async fn create(
        template: &Template,
        address: SocketAddr,
    ) -> Result<Self, CloudError> {
        let backend: Arc<dyn SqsBackend> = Arc::new(InMemorySqsBackend::new());
        let mut specs = template.queues();
        specs.sort_by_key(|spec| spec.dead_letters.is_some());
        let mut arns = HashMap::new();
        for spec in &specs {
            let mut attributes = HashMap::new();
            if let Some((target, count)) = &spec.dead_letters {
                let arn: &String = arns.get(target).ok_or_else(|| {
                    CloudError::Template(format!("{}: no queue {target}", spec.name))
                })?;
                let policy =
                    format!(r#"{{"deadLetterTargetArn":"{arn}","maxReceiveCount":{count}}}"#);
                attributes.insert("RedrivePolicy".to_owned(), policy);
            }
            let queue = backend
                .create_queue(account(), REGION.into(), spec.name.clone(), attributes, None)
                .await
                .map_err(|error| CloudError::Queue(format!("{error:?}")))?;
            arns.insert(spec.name.clone(), queue.arn);
        }
        let service = Arc::new(SqsService::with_backend(Arc::clone(&backend)));
        let names = Arc::new(specs.into_iter().map(|spec| spec.name).collect());
        Ok(Self { backend, service, address, names })
    }

    pub(crate) fn service(&self) -> Arc<SqsService> {
        Arc::clone(&self.service)
    }

    pub(crate) fn url(&self, queue: &str) -> Option<String> {
        let known = self.names.iter().any(|name| name == queue);
        known.then(|| format!("http://{}/{}/{queue}", self.address, account()))
    }

    /// Takes up to `most` visible messages; they stay hidden until deleted or released.
    ///
    /// # Errors
    /// When there is no such queue.
    pub async fn receive(&self, queue: &str, most: usize) -> Result<Vec<Message>, CloudError> {
        const HIDDEN_SECONDS: u32 = 300;
        let messages = self
            .backend
            .receive_messages(account(), REGION.into(), queue.into(), most, Some(HIDDEN_SECONDS))
            .await
            .map_err(|error| CloudError::Queue(format!("{queue}: {error:?}")))?;
        Ok(messages
            .into_iter()
            .map(|message| Message {
                id: message.message_id,
                body: message.body,
                receipt: message.receipt_handle.unwrap_or_default(),
                deliveries: message.approximate_receive_count,
            })
            .collect())
    }

    /// Deletes a message that was dealt with.
    ///
    /// # Errors
    /// When the queue or the message is gone.
    pub async fn delete(&self, queue: &str, message: &Message) -> Result<(), CloudError> {
        self.backend
            .delete_message(account(), REGION.into(), queue.into(), message.receipt.clone())
            .await
            .map_err(|error| CloudError::Queue(format!("{queue}: {error:?}")))
    }

    /// Makes a message visible again at once, for another delivery.
    ///
    /// # Errors
    /// When the queue or the message is gone.
    pub async fn release(&self, queue: &str, message: &Message) -> Result<(), CloudError> {
        self.backend
            .change_message_visibility(
                account(),
                REGION.into(),
                queue.into(),
                message.receipt.clone(),
                0,
            )
            .await
            .map_err(|error| CloudError::Queue(format!("{queue}: {error:?}")))
    }

    /// Sends a message without the SDK, as Lambda itself does with what it gives up on.
    ///
    /// # Errors
    /// When there is no such queue.
    pub async fn send(&self, queue: &str, body: String) -> Result<(), CloudError> {
        self.backend
            .send_message(
                account(),
                REGION.into(),
                queue.into(),
                body,
                None,
                HashMap::new(),
                None,
                None,
            )
            .await
            .map(drop)
            .map_err(|error| CloudError::Queue(format!("{queue}: {error:?}")))
    }

    /// How many messages the queue holds, hidden ones included.
    ///
    /// # Errors
    /// When there is no such queue.
    pub async fn depth(&self, queue: &str) -> Result<u64, CloudError> {
        let attributes = self
            .backend
            .get_queue_attributes(account(), REGION.into(), queue.into())
            .await
            .map_err(|error| CloudError::Queue(format!("{queue}: {error:?}")))?;
        let count = |suffix: &str| -> u64 {
            let name = format!("ApproximateNumberOfMessages{suffix}");
            attributes.get(&name).and_then(|value| value.parse().ok()).unwrap_or(0)
        };
        Ok(count("") + count("NotVisible") + count("Delayed"))
    }
}

/// Answers one SQS request that came over HTTP.
pub(crate) async fn answer(service: &SqsService, request: MockRequest) -> MockResponse {
    service.handle(request).await
}

fn account() -> String {
    default_account_id().to_owned()
}
