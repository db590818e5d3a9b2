//! Writes mails in the reader's language and sends them through SES.
//!
//! A mail is noted by its outbox record's id before it is sent and after, so that a second delivery
//! sends nothing, not even beside the first. A mail goes twice only when the process dies, or the
//! table fails twice, between SES's yes and the second note.

mod letter;
mod links;
mod note;

use shared::{
    app::App,
    mail::MailError,
    outbox::{Job, OutboxRecord},
    queue::{Deliveries, Delivery, Failures, each},
    table::TableError,
};

/// Sends the mails of one batch; the failures are delivered again.
pub async fn handle(app: App, deliveries: Deliveries) -> Failures {
    each(deliveries, |delivery| send(app.clone(), delivery)).await
}

/// Why a mail was not sent.
#[derive(Debug, thiserror::Error)]
enum MailerError {
    #[error("the message is no outbox record")]
    Unreadable(#[from] serde_json::Error),
    #[error("another run is sending this mail")]
    Underway,
    #[error("the table failed")]
    Table(#[from] TableError),
    #[error("the mail service failed")]
    Mail(#[from] MailError),
    #[error("the letter could not be put together")]
    Letter(#[from] letter::MimeError),
}

async fn send(app: App, delivery: Delivery) -> Result<(), MailerError> {
    let record: OutboxRecord = serde_json::from_str(&delivery.body)?;
    let token = match record.job {
        Job::RegistrationMail { token }
        | Job::EmailChangeMail { token }
        | Job::ResetMail { token }
        | Job::NoticeMail { token } => token,
    };
    let letter = links::letter(&app, token).await?;
    // The token expired while the mail waited, and its link would be dead; or nobody is to be told.
    let Some(letter) = letter else { return Ok(()) };
    let mime = letter.mime(&app, record.id)?;
    let Some(note) = note::begin(&app, record.id).await? else { return Ok(()) };
    match app.mailbox.send(&app.config.mail_sender, letter.to.as_str(), mime).await {
        Ok(()) => note.sent(&app).await,
        Err(error) => {
            note.give_up(&app).await;
            return Err(error.into());
        }
    }
    Ok(())
}
