//! What a function can ask for.

use crate::outbox::Queue;

/// A setting: each function asks for those that it reads, and has no other in its environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Setting {
    /// The one DynamoDB table.
    Table,
    /// The address of a queue.
    Queue(Queue),
    /// The address clients see, without a trailing slash.
    PublicUrl,
    /// The address mails come from.
    MailSender,
    /// The name of SES's settings for them: whom it tells of what comes back.
    MailSettings,
    /// The key that links, cursors and counters of attempts are derived from.
    PanelSecret,
    /// The keys that secrets are sealed with which have to be read again.
    SealingKeys,
    /// The bucket that files lie in.
    Files,
    /// The address of the payment provider's API, without a trailing slash.
    PaymentsUrl,
    /// The key by which the payment provider knows the panel.
    PaymentsKey,
    /// What the payment provider signs its word with.
    PaymentsSecret,
}

impl Setting {
    /// All of them: no function sends to the queue that SNS feeds.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let own = [
            Self::Table,
            Self::PublicUrl,
            Self::MailSender,
            Self::MailSettings,
            Self::PanelSecret,
            Self::SealingKeys,
            Self::Files,
            Self::PaymentsUrl,
            Self::PaymentsKey,
            Self::PaymentsSecret,
        ];
        let sent_to = Queue::ALL.iter().copied().filter(|queue| *queue != Queue::MailFeedback);
        own.into_iter().chain(sent_to.map(Self::Queue)).collect()
    }

    /// The environment's variable.
    #[must_use]
    pub fn variable(self) -> &'static str {
        match self {
            Self::Table => "TABLE_NAME",
            Self::Queue(queue) => queue.variable(),
            Self::PublicUrl => "PUBLIC_URL",
            Self::MailSender => "MAIL_SENDER",
            Self::MailSettings => "MAIL_SETTINGS",
            Self::PanelSecret => "PANEL_SECRET",
            Self::SealingKeys => "SEALING_KEYS",
            Self::Files => "FILES_BUCKET",
            Self::PaymentsUrl => "PAYMENTS_URL",
            Self::PaymentsKey => "PAYMENTS_KEY",
            Self::PaymentsSecret => "PAYMENTS_WEBHOOK_SECRET",
        }
    }

    /// Its bit among what was read.
    pub(super) fn bit(self) -> u32 {
        const QUEUES: u32 = 12;
        match self {
            Self::Table => 1,
            Self::PublicUrl => 1 << 1,
            Self::MailSender => 1 << 2,
            Self::PanelSecret => 1 << 3,
            Self::SealingKeys => 1 << 4,
            Self::MailSettings => 1 << 5,
            Self::Files => 1 << 6,
            Self::PaymentsUrl => 1 << 7,
            Self::PaymentsKey => 1 << 8,
            Self::PaymentsSecret => 1 << 9,
            Self::Queue(queue) => 1 << (QUEUES + queue as u32),
        }
    }
}
