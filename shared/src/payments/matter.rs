//! What the payments worker is asked to look after at a time.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    app::App,
    id::{EntryId, InvoiceId, MethodId},
    table::{Key, Tenant, Update},
    timer::{TimerKind, set_timer, timer_key},
};

/// What the timer of a matter has beside. Each has a timer of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "matter", rename_all = "snake_case")]
pub enum Matter {
    /// All that is due is charged.
    Collect {},
    /// What became of an attempt is asked.
    Check {
        /// The invoice.
        invoice: InvoiceId,
        /// Which attempt at it.
        attempt: u32,
    },
    /// A period begins whose base was left out.
    Begin {},
    /// A card's last month is near.
    Expiring {
        /// The card.
        method: MethodId,
    },
    /// The provider forgets a card.
    Forget {
        /// Its name for it.
        card: String,
    },
    /// Money goes back.
    Refund {
        /// The invoice.
        invoice: InvoiceId,
        /// The movement that tells of it.
        refund: EntryId,
    },
}

impl Matter {
    /// What tells its timer from the account's others.
    fn name(&self) -> String {
        match self {
            Self::Collect {} => "collect".to_owned(),
            Self::Check { invoice, attempt } => format!("check#{invoice}#{attempt}"),
            Self::Begin {} => "begin".to_owned(),
            Self::Expiring { method } => format!("card#{method}"),
            Self::Forget { card } => format!("forget#{card}"),
            Self::Refund { refund, .. } => format!("refund#{refund}"),
        }
    }

    /// Where its timer lies: for who ends it with what ends the matter.
    #[must_use]
    pub fn key(&self, tenant: Tenant) -> Key {
        timer_key(tenant, TimerKind::Payment, &self.name())
    }
}

/// The change that has a matter looked after when it is due.
#[must_use]
pub fn matter_due(app: &App, tenant: Tenant, matter: &Matter, due: Timestamp) -> (Key, Update) {
    let (key, update) = set_timer(app, tenant, TimerKind::Payment, &matter.name(), due);
    let update = match matter {
        Matter::Collect {} => update.set("matter", "collect"),
        Matter::Begin {} => update.set("matter", "begin"),
        Matter::Check { invoice, attempt } => update
            .set("matter", "check")
            .set("invoice", invoice.to_string())
            .set("attempt", i64::from(*attempt)),
        Matter::Expiring { method } => {
            update.set("matter", "expiring").set("method", method.to_string())
        }
        Matter::Forget { card } => update.set("matter", "forget").set("card", card.clone()),
        Matter::Refund { invoice, refund } => update
            .set("matter", "refund")
            .set("invoice", invoice.to_string())
            .set("refund", refund.to_string()),
    };
    (key, update)
}

/// The change that has all that is due charged at once.
#[must_use]
pub fn collect_now(app: &App, tenant: Tenant) -> (Key, Update) {
    matter_due(app, tenant, &Matter::Collect {}, app.clock.now())
}

/// So long after an attempt began it is asked what became of it, if nobody knows by then.
pub(super) const ASKED_AFTER: SignedDuration = SignedDuration::from_mins(1);

/// When it is asked again: the older, the less often.
#[must_use]
pub fn ask_again(began: Timestamp, now: Timestamp) -> Timestamp {
    let age = now.duration_since(began);
    now + (age / 2).clamp(ASKED_AFTER, SignedDuration::from_hours(6))
}
