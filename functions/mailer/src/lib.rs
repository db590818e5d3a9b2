//! Writes mails in the reader's language and sends them through SES.
//!
//! A mail that was sent is remembered by its outbox record's id, so that a second delivery sends
//! nothing. A mail goes twice only when the process dies between SES's yes and that note.

mod letter;
mod registration;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use shared::{
    app::App,
    mail::MailError,
    outbox::{Job, OutboxRecord},
    queue::{Deliveries, Delivery, Failures, each},
    table::{Key, Read, TableError},
};

/// A redelivery comes within the queue's retention; the note stays longer.
const NOTE_KEPT: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Sends the mails of one batch; the failures are delivered again.
pub async fn handle(app: App, deliveries: Deliveries) -> Failures {
    each(deliveries, |delivery| send(app.clone(), delivery)).await
}

#[derive(Serialize, Deserialize)]
struct Sent {
    expires_at: i64,
}

/// Why a mail was not sent.
#[derive(Debug, thiserror::Error)]
enum MailerError {
    #[error("the message is no outbox record")]
    Unreadable(#[from] serde_json::Error),
    #[error("the table failed")]
    Table(#[from] TableError),
    #[error("the mail service failed")]
    Mail(#[from] MailError),
    #[error("the letter could not be put together")]
    Letter(#[from] letter::MimeError),
}

async fn send(app: App, delivery: Delivery) -> Result<(), MailerError> {
    let record: OutboxRecord = serde_json::from_str(&delivery.body)?;
    let note = Key::global("MAILSENT", record.id);
    let sent: Option<Sent> = app.table.get(&note, Read::Strong).await?;
    if sent.is_some() {
        return Ok(());
    }
    let letter = match record.job {
        Job::RegistrationMail { token } => registration::letter(&app, token).await?,
    };
    // The registration expired while the mail waited: its link would be dead.
    let Some(letter) = letter else { return Ok(()) };
    let mime = letter.mime(&app)?;
    app.mailbox.send(&app.config.mail_sender, letter.to.as_str(), mime).await?;
    let expires_at = app.clock.now().as_second() + NOTE_KEPT.as_secs();
    app.table.put(&note, &Sent { expires_at }).await?;
    Ok(())
}
