//! SES: sending a finished mail.

use std::error::Error as StdError;

use aws_sdk_ses::{Client, primitives::Blob, types::RawMessage};

/// SES did not take the mail.
#[derive(Debug, thiserror::Error)]
#[error("the mail service did not take the mail")]
pub struct MailError(#[source] Box<dyn StdError + Send + Sync>);

/// A way to send mails.
#[derive(Clone)]
pub struct Mailbox {
    client: Client,
}

impl Mailbox {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Sends a complete MIME message to one recipient.
    pub async fn send(&self, from: &str, to: &str, mime: Vec<u8>) -> Result<(), MailError> {
        let message = RawMessage::builder()
            .data(Blob::new(mime))
            .build()
            .map_err(|error| MailError(Box::new(error)))?;
        self.client
            .send_raw_email()
            .source(from)
            .destinations(to)
            .raw_message(message)
            .send()
            .await
            .map(drop)
            .map_err(|error| MailError(Box::new(error)))
    }
}
