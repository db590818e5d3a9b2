//! SES: sending a finished mail.

use std::error::Error as StdError;

use aws_sdk_ses::{Client, error::ProvideErrorMetadata, primitives::Blob, types::RawMessage};

use crate::wire::{Backoff, Lazily, on_heap};

/// The header of a mail that names the record of the outbox which it was sent for.
pub const RECORD_HEADER: &str = "X-Panel-Record";

/// A mail that SES asked to wait with is tried so often; after that the queue waits longer.
const TRIES: u32 = 4;

/// SES did not take the mail.
#[derive(Debug, thiserror::Error)]
#[error("the mail service did not take the mail")]
pub struct MailError(#[source] Box<dyn StdError + Send + Sync>);

/// A way to send mails.
#[derive(Clone)]
pub struct Mailbox {
    client: Lazily<Client>,
    backoff: Backoff,
}

impl Mailbox {
    pub(crate) fn new(client: Lazily<Client>, backoff: Backoff) -> Self {
        Self { client, backoff }
    }

    /// Sends a complete MIME message to one recipient, by the settings that SES knows by a name. Only what SES certainly did not take is
    /// tried again here.
    pub async fn send(
        &self,
        from: &str,
        settings: &str,
        to: &str,
        mime: Vec<u8>,
    ) -> Result<(), MailError> {
        let message = RawMessage::builder()
            .data(Blob::new(mime))
            .build()
            .map_err(|error| MailError(Box::new(error)))?;
        let request = self
            .client
            .send_raw_email()
            .source(from)
            .configuration_set_name(settings)
            .destinations(to)
            .raw_message(message);
        for attempt in 1..TRIES {
            match on_heap(request.clone().send()).await {
                Err(error) if error.code() == Some("Throttling") => {
                    self.backoff.wait(attempt).await;
                }
                sent => return sent.map(drop).map_err(|error| MailError(Box::new(error))),
            }
        }
        on_heap(request.send()).await.map(drop).map_err(|error| MailError(Box::new(error)))
    }
}
