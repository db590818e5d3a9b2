//! A look at a month's use: what it is about, and how it is written down.

use jiff::Timestamp;
use shared::{
    account::{Account, BillingPeriod},
    alerts::{Alert, alert_key},
    app::App,
    id::{NotificationId, UserId},
    notify::{Notice, NoticeKind, Words, notification_id, notify},
    table::{TableError, Tenant, Transaction},
};

use crate::{GRACE, Overtaken, Seen, Step};

/// Where what is told is about.
const PAGE: &str = "/usage/alerts";

/// A look at a month's use of an account.
pub(crate) struct Look {
    pub(crate) account: Account,
    pub(crate) period: BillingPeriod,
    pub(crate) now: Timestamp,
}

/// What somebody is told.
pub(crate) type Message = (NoticeKind, Words);

impl Look {
    /// One of a month that is not over for good.
    pub(crate) fn new(app: &App, account: Account, period: BillingPeriod) -> Option<Self> {
        let now = app.clock.now();
        let over = now.duration_since(period.ends_at(&account.zones));
        (over <= GRACE).then_some(Self { account, period, now })
    }

    /// Whether the month is over: what was refused in it is not refused any more.
    pub(crate) fn is_past(&self) -> bool {
        self.period.ends_at(&self.account.zones) <= self.now
    }

    pub(crate) fn tenant(&self) -> Tenant {
        Tenant::of_record(&self.account)
    }

    /// Adds a step to a transaction: what is recorded of it, and the one message about it.
    pub(crate) fn write(
        &self,
        app: &App,
        seen: &Seen,
        step: &Step,
        message: Option<Message>,
        transaction: &mut Transaction<'_, Overtaken>,
    ) -> Result<(), TableError> {
        let told = message.and_then(|message| self.tell(app, message, transaction));
        for (place, crossed) in step.crossed.iter().enumerate() {
            let key = alert_key(self.tenant(), self.period, &crossed.id);
            if crossed.recorded {
                transaction.update(&key, Alert::block(told)?, Some(Overtaken));
                continue;
            }
            let mut alert =
                Alert::new(crossed.id, self.period, seen.used, crossed.blocks, self.now);
            alert.told = told.filter(|_| place == 0);
            transaction.create(&key, &alert, Overtaken);
        }
        for recovered in &step.recovered {
            let key = alert_key(self.tenant(), self.period, &recovered.id);
            transaction.update(&key, Alert::recover(self.now), Some(Overtaken));
        }
        Ok(())
    }

    /// Adds to a transaction that the account's owner is told.
    pub(crate) fn tell(
        &self,
        app: &App,
        (kind, words): Message,
        transaction: &mut Transaction<'_, Overtaken>,
    ) -> Option<(UserId, NotificationId)> {
        let owner = self.account.owner()?;
        let notice = Notice::new(self.tenant(), owner, kind, words, self.now).about(PAGE);
        Some((owner, notification_id(notify(app, notice, transaction))))
    }
}
