//! Hears from SES, by SNS and a queue, of mails that came back and of people who call them unwanted. Notices to
//! such an address stop, and its user is told in the portal, until the address is confirmed again. Links that
//! somebody asked for are sent all the same.

mod feedback;
#[cfg(feature = "testing")]
mod specimens;

#[cfg(feature = "testing")]
pub use specimens::specimens;

use serde::de::IgnoredAny;
use shared::{
    account::{Email, EmailClaim, User, email_key, user_key},
    app::App,
    config::Setting,
    function::{Feed, Function, Trigger},
    id::UserId,
    notify::{
        Channel, DeliveryReason, DeliveryState, Filling, Letter, Notice, NoticeKind, Notification,
        Undeliverable, Words, find_letter, notification_key, notify, undeliverable_key,
    },
    outbox::Queue,
    queue::{Deliveries, Delivery, Failures, each},
    table::{Cancelled, Condition, Read, TableError, Tenant, Transaction},
};

use feedback::Feedback;

/// What SES publishes once, when it is told of the topic.
const GREETING: &str = "Successfully validated SNS topic";

/// How it is deployed.
pub const FUNCTION: Function = Function::new(
    "mail-feedback",
    &[Setting::Table],
    // Mails come back now and then.
    Trigger::Queues(&[Feed { queue: Queue::MailFeedback, batch: 10, side_by_side: 2 }]),
)
.timeout(30);

/// Deals with one batch; the failures are delivered again.
pub async fn handle(app: App, deliveries: Deliveries) -> Failures {
    each(deliveries, |delivery| hear(app.clone(), delivery)).await
}

/// Why it was not dealt with.
#[derive(Debug, thiserror::Error)]
enum FeedbackError {
    #[error("the message is none of SES's")]
    Unreadable(#[from] serde_json::Error),
    #[error("the table failed")]
    Table(#[from] TableError),
}

/// It is known already.
#[derive(Debug, Clone, Copy)]
struct Known;

async fn hear(app: App, delivery: Delivery) -> Result<(), FeedbackError> {
    // SES tries a topic by a line of plain text.
    if delivery.body.starts_with(GREETING) {
        return Ok(());
    }
    let feedback: Feedback = serde_json::from_str(&delivery.body)?;
    // A mailbox that is full today may have room tomorrow.
    let Some(reason) = feedback.reason() else { return Ok(()) };
    let letter = match feedback.record() {
        Some(record) => find_letter(&app, record).await?,
        None => None,
    };
    if let Some(address) = feedback.address() {
        // A mail with a link has no letter: its address leads to the user.
        let user = match &letter {
            Some(letter) => Some((Tenant::of_record(letter), letter.user)),
            None => whose(&app, &address).await?,
        };
        if let Some((tenant, user)) = user {
            stop(&app, tenant, user, address, reason).await?;
        }
    }
    match letter {
        Some(letter) => note(&app, &letter, reason).await,
        None => Ok(()),
    }
}

/// Whose login an address is.
async fn whose(app: &App, address: &Email) -> Result<Option<(Tenant, UserId)>, TableError> {
    let key = email_key(&address.normalised());
    let claim: Option<EmailClaim> = app.table.get(&key, Read::Strong).await?;
    Ok(claim.map(|claim| (Tenant::of_record(&claim), claim.user)))
}

/// Sends a user no more notices to an address, and tells so, once.
async fn stop(
    app: &App,
    tenant: Tenant,
    user: UserId,
    address: Email,
    reason: DeliveryReason,
) -> Result<(), FeedbackError> {
    let now = app.clock.now();
    let words = match reason {
        DeliveryReason::Complaint => "mail-complaint",
        _ => "mail-bounced",
    };
    let words = Words::new(words).with("address", Filling::Written(address.to_string()));
    let notice = Notice::new(tenant, user, NoticeKind::ChannelFailing, words, now);
    let key = user_key(tenant, user);
    let current: Option<User> = app.table.get(&key, Read::Strong).await?;
    let is_current = current.is_some_and(|user| user.email.normalised() == address.normalised());
    let mut transaction: Transaction<'_, Known> = app.table.transaction();
    let key = undeliverable_key(tenant, &address);
    transaction.create(&key, &Undeliverable { reason, since: now, address }, Known);
    // Of an address of before there is nothing to do.
    if is_current {
        notify(app, notice.about("/notifications/preferences"), &mut transaction);
    }
    match transaction.commit().await {
        Ok(()) | Err(Cancelled::Refused(_)) => Ok(()),
        Err(Cancelled::Failed(error)) => Err(error.into()),
    }
}

/// Notes at the notifications that the mail told of that it did not arrive.
async fn note(app: &App, letter: &Letter, reason: DeliveryReason) -> Result<(), FeedbackError> {
    let (tenant, at) = (Tenant::of_record(letter), app.clock.now());
    let (state, reason) = (DeliveryState::Failed, Some(reason));
    let failed = shared::notify::Delivery { state, reason, attempts: 1, at };
    let failed = Notification::stands(Channel::Email, &failed)?.when(Condition::Exists);
    for id in &letter.notices {
        let key = notification_key(tenant, letter.user, *id);
        app.table.update::<IgnoredAny>(&key, failed.clone()).await?;
    }
    Ok(())
}
