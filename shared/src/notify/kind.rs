//! What people are told of, declared once: how urgent each kind is, and where it goes unless somebody says
//! otherwise.

use serde::{Deserialize, Serialize};

/// How much it matters that somebody is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Urgency {
    /// It touches who can get into the account.
    Security,
    /// It touches what has to be paid.
    Money,
    /// It touches what is rented.
    Service,
    /// It touches nothing.
    News,
}

macro_rules! channels {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        /// A way by which somebody is told.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema,
        )]
        #[serde(rename_all = "snake_case")]
        pub enum Channel {
            $($(#[$doc])* $name,)*
        }

        impl Channel {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Its name in the API and in message ids.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

channels! {
    /// The portal's own pages.
    InApp = "in_app";
    /// The user's address.
    Email = "email";
    /// A chat with the panel's bot.
    Telegram = "telegram";
    /// A channel at Discord.
    Discord = "discord";
    /// A program of the client's.
    Webhook = "webhook";
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $urgency:ident;)*) => {
        /// What somebody is told of. Each has its name in `notice-kind-<kind>`.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema,
        )]
        #[serde(rename_all = "snake_case")]
        pub enum NoticeKind {
            $($(#[$doc])* $name,)*
        }

        impl NoticeKind {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Its name in the API and in message ids.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// How much it matters.
            #[must_use]
            pub const fn urgency(self) -> Urgency {
                match self { $(Self::$name => Urgency::$urgency,)* }
            }
        }
    };
}

kinds! {
    /// Something changed in how the account is protected.
    Security = "security", Security;
    /// Usage reached a threshold.
    UsageAlert = "usage_alert", Service;
    /// Usage reached a limit that blocks.
    LimitReached = "limit_reached", Service;
    /// A key reached its own limit.
    KeyLimit = "key_limit", Service;
    /// At this pace a limit is reached before the month's end.
    Pace = "pace", Service;
    /// Usage is below its limit again.
    Recovered = "recovered", Service;
    /// An invoice is there.
    InvoiceReady = "invoice_ready", Money;
    /// An invoice was paid.
    InvoicePaid = "invoice_paid", Money;
    /// A payment failed.
    PaymentFailed = "payment_failed", Money;
    /// A payment wants its payer.
    PaymentAction = "payment_action", Money;
    /// A card expires soon.
    CardExpiring = "card_expiring", Money;
    /// Money was given back.
    Refund = "refund", Money;
    /// The subscription changed.
    Subscription = "subscription", Money;
    /// An instance runs.
    InstanceRunning = "instance_running", Service;
    /// An instance failed.
    InstanceFailed = "instance_failed", Service;
    /// An instance was stopped.
    InstanceStopped = "instance_stopped", Service;
    /// A ticket was answered.
    TicketReply = "ticket_reply", Service;
    /// A ticket stands elsewhere.
    TicketStatus = "ticket_status", Service;
    /// A report can be fetched.
    ReportReady = "report_ready", Service;
    /// Word does not arrive.
    ChannelFailing = "channel_failing", Service;
    /// What is new.
    News = "news", News;
}

impl NoticeKind {
    /// Whether a channel cannot be switched off for it.
    #[must_use]
    pub fn is_locked(self, channel: Channel) -> bool {
        let matters = matches!(self.urgency(), Urgency::Security | Urgency::Money);
        channel == Channel::InApp || (channel == Channel::Email && matters)
    }

    /// Whether it goes there unless somebody says otherwise.
    #[must_use]
    pub fn goes_by_default(self, channel: Channel) -> bool {
        matches!(channel, Channel::InApp | Channel::Email) || self.urgency() != Urgency::News
    }

    /// Whether it may wait for the morning.
    #[must_use]
    pub fn can_wait(self) -> bool {
        let matters = matches!(self.urgency(), Urgency::Security | Urgency::Money);
        !matters && self != Self::LimitReached
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::{Language, message_ids};

    #[test]
    fn every_kind_and_channel_is_called_what_it_is_stored_as_and_named_in_every_language() {
        for language in Language::all() {
            let has = |id: String| message_ids(language).any(|known| known == id);
            for kind in NoticeKind::ALL {
                assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
                assert!(has(format!("notice-kind-{}", kind.as_str())), "{kind:?}");
            }
            for channel in Channel::ALL {
                assert_eq!(serde_json::to_value(channel).unwrap(), channel.as_str());
                assert!(has(format!("channel-{}", channel.as_str())), "{channel:?}");
            }
        }
    }

    #[test]
    fn what_touches_access_or_money_is_never_kept_from_the_mailbox() {
        let locked = |channel| NoticeKind::ALL.iter().filter(move |kind| kind.is_locked(channel));
        assert_eq!(locked(Channel::InApp).count(), NoticeKind::ALL.len());
        assert_eq!(locked(Channel::Email).count(), 8);
        assert_eq!(locked(Channel::Telegram).count(), 0);
        let waits = NoticeKind::ALL.iter().filter(|kind| kind.can_wait());
        assert_eq!(waits.count(), NoticeKind::ALL.len() - 9);
        assert!(!NoticeKind::News.goes_by_default(Channel::Webhook));
        assert!(NoticeKind::News.goes_by_default(Channel::Email));
    }
}
