//! Writes mails in the reader's language and sends them through SES.
//!
//! A mail is noted by its outbox record's id before it is sent and after, so that a second delivery
//! sends nothing, not even beside the first. A mail goes twice only when the process dies, or the
//! table fails twice, between SES's yes and the second note.

mod letter;
mod links;
mod note;
mod notices;
#[cfg(feature = "testing")]
#[expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a test fails where its world does"
)]
mod specimens;

#[cfg(feature = "testing")]
pub use specimens::specimens;

use shared::{
    app::App,
    config::{NotAskedFor, Setting},
    function::{Feed, Function, Trigger},
    id::OutboxId,
    mail::MailError,
    outbox::{Job, OutboxRecord, Queue},
    queue::{Deliveries, Delivery, Failures, each},
    table::TableError,
};

/// How it is deployed.
pub const FUNCTION: Function = Function::new(
    "mailer",
    &[
        Setting::Table,
        Setting::PublicUrl,
        Setting::MailSender,
        Setting::MailSettings,
        Setting::PanelSecret,
    ],
    // SES takes so many mails a second. Links that somebody waits for are not behind notices.
    Trigger::Queues(&[
        Feed { queue: Queue::Mail, batch: 5, side_by_side: 2 },
        Feed { queue: Queue::Letters, batch: 5, side_by_side: 2 },
    ]),
)
.timeout(30);

/// Sends the mails of one batch; the failures are delivered again.
pub async fn handle(app: App, deliveries: Deliveries) -> Failures {
    each(deliveries, |delivery| send(app.clone(), delivery)).await
}

/// Why a mail was not sent.
#[derive(Debug, thiserror::Error)]
enum MailerError {
    #[error("the message is no outbox record")]
    Unreadable(#[from] serde_json::Error),
    #[error("the job is another worker's")]
    Misdirected,
    #[error("another run is sending this mail")]
    Underway,
    #[error("the table failed")]
    Table(#[from] TableError),
    #[error("the mail service failed")]
    Mail(#[from] MailError),
    #[error("a setting is not there")]
    Setting(#[from] NotAskedFor),
    #[error("the letter could not be written")]
    Links(#[from] links::LetterError),
    #[error("the letter could not be put together")]
    Letter(#[from] letter::MimeError),
}

async fn send(app: App, delivery: Delivery) -> Result<(), MailerError> {
    let record: OutboxRecord = serde_json::from_str(&delivery.body)?;
    match record.job {
        Job::Mail { token } => match links::letter(&app, token).await? {
            Some(letter) => post(&app, record.id, &letter).await,
            // The token expired while the mail waited, and its link would be dead; or nobody is to be told.
            None => Ok(()),
        },
        Job::Letter {} => notices::send(&app, record.id, delivery.tries()).await,
        _ => Err(MailerError::Misdirected),
    }
}

/// Sends a record's letter, unless it was sent.
async fn post(app: &App, record: OutboxId, letter: &letter::Letter) -> Result<(), MailerError> {
    let mime = letter.mime(app, record)?;
    let (sender, settings) = (app.config.mail_sender()?, app.config.mail_settings()?);
    let Some(note) = note::begin(app, record).await? else { return Ok(()) };
    match app.mailbox.send(sender, settings, letter.to.as_str(), mime).await {
        Ok(()) => note.sent(app).await,
        Err(error) => {
            note.give_up(app).await;
            return Err(error.into());
        }
    }
    Ok(())
}
