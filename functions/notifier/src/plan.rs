//! What becomes of a notification on its way to the mailbox: a rule without reads and writes.

use jiff::Timestamp;
use shared::{
    account::{Account, User, account_key, user_key},
    app::App,
    id::UserId,
    notify::{
        Channel, DeliveryReason, Gathering, Hold, NoticeKind, NoticePreferences, Undeliverable,
        Wait, preferences_key,
    },
    table::{Read, TableError, Tenant, Transaction},
};

/// What becomes of it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Plan {
    /// It goes.
    Send,
    /// It waits.
    Wait(Wait),
    /// It does not go there.
    Suppress(DeliveryReason),
}

/// Who is told, and how that one wants it.
pub(crate) struct Reader {
    pub(crate) user: User,
    account: Account,
    preferences: NoticePreferences,
}

impl Reader {
    /// Reads who is told; nothing if there is no such user any more.
    pub(crate) async fn of(
        app: &App,
        tenant: Tenant,
        user: UserId,
    ) -> Result<Option<Self>, TableError> {
        let keys = [user_key(tenant, user), account_key(tenant), preferences_key(tenant, user)];
        let mut items = app.table.batch(&keys, Read::Strong).await?;
        let (user, account) = (items.take(&keys[0])?, items.take(&keys[1])?);
        let preferences = items.take(&keys[2])?.unwrap_or_default();
        Ok(user.zip(account).map(|(user, account)| Self { user, account, preferences }))
    }

    /// Adds to a transaction that the user wants it as was read.
    pub(crate) fn wants_it_still<R: Clone>(
        &self,
        tenant: Tenant,
        transaction: &mut Transaction<'_, R>,
        refused: R,
    ) {
        let key = preferences_key(tenant, self.user.id);
        transaction.check(&key, self.preferences.is_as_read(), refused);
    }

    /// What becomes of a new notification, whose like `apart` tells from all others.
    pub(crate) fn plan(
        &self,
        kind: NoticeKind,
        apart: String,
        undeliverable: Option<&Undeliverable>,
        gathering: Option<&Gathering>,
        now: Timestamp,
    ) -> Plan {
        if let Some(reason) = self.keeps_out(kind, undeliverable) {
            return Plan::Suppress(reason);
        }
        if let Some(wait) = self.waits(kind, now) {
            return Plan::Wait(wait);
        }
        match gathering.and_then(|it| it.end(now)) {
            Some(until) => Plan::Wait(Wait { hold: Hold::Gathered, until, apart }),
            None => Plan::Send,
        }
    }

    /// What becomes of one that has waited, by what its user wants now.
    pub(crate) fn plan_again(
        &self,
        kind: NoticeKind,
        held: Hold,
        undeliverable: Option<&Undeliverable>,
        now: Timestamp,
    ) -> Plan {
        if let Some(reason) = self.keeps_out(kind, undeliverable) {
            return Plan::Suppress(reason);
        }
        let wait = match held {
            // It is the digest's time: only the night may hold it back.
            Hold::Digest => self.quiet(kind, now),
            Hold::QuietHours | Hold::Gathered => self.waits(kind, now),
        };
        wait.map_or(Plan::Send, Plan::Wait)
    }

    fn keeps_out(
        &self,
        kind: NoticeKind,
        undeliverable: Option<&Undeliverable>,
    ) -> Option<DeliveryReason> {
        if !self.preferences.wants(kind, Channel::Email) {
            return Some(DeliveryReason::Preference);
        }
        undeliverable.map(|it| it.reason)
    }

    fn waits(&self, kind: NoticeKind, now: Timestamp) -> Option<Wait> {
        let zone = self.account.zones.at(now).zone();
        let (hold, until) = self.preferences.holds(kind, Channel::Email, now, zone)?;
        Some(Wait { hold, until, apart: String::new() })
    }

    fn quiet(&self, kind: NoticeKind, now: Timestamp) -> Option<Wait> {
        let zone = self.account.zones.at(now).zone();
        let until = self.preferences.quiet_until(now, zone).filter(|_| kind.can_wait())?;
        Some(Wait { hold: Hold::QuietHours, until, apart: String::new() })
    }
}
