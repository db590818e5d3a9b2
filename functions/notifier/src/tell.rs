//! A notice becomes a notification.

use jiff::Timestamp;
use shared::{
    account::{Email, Unread},
    app::App,
    config::NotAskedFor,
    id::OutboxId,
    notify::{
        Channel, Delivery, DeliveryReason, Gathering, Hold, Letter, Notice, Notification, Wait,
        Waiting, Way, find_notice, gathered_as, gathering_key, hold, notification_key, put_letter,
        undeliverable_key, undo,
    },
    table::{Cancelled, Key, Read, TableError, Tenant, Transaction},
};

use crate::{
    NotifierError,
    plan::{Plan, Reader},
};

/// Others of its kind may come at the same moment: what is planned is planned anew so often.
const TRIES: usize = 5;

/// Why a notification was not written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refused {
    /// It was.
    Known,
    /// A mail of its kind has gone in between.
    Followed,
    /// So many wait that more are only counted, or those that it would be counted with wait no more.
    Room,
    /// Its user wants it otherwise by now.
    Otherwise,
}

/// Tells what a record of the outbox says.
pub(crate) async fn tell(app: &App, record: OutboxId) -> Result<(), NotifierError> {
    let Some(notice) = find_notice(app, record).await? else { return Ok(()) };
    let mut counted = false;
    for _try in 0..TRIES {
        let planned = Planned::new(app, record, &notice, counted).await?;
        // There may be nobody to tell any more.
        let Some(planned) = planned else { return Ok(()) };
        match planned.transaction(app)?.commit().await {
            Ok(()) => return Ok(()),
            Err(Cancelled::Failed(error)) => return Err(error.into()),
            Err(Cancelled::Refused(refused)) if refused.contains(&Refused::Known) => return Ok(()),
            Err(Cancelled::Refused(refused)) => counted ^= refused.contains(&Refused::Room),
        }
    }
    Err(NotifierError::Busy)
}

/// A notification that is about to be.
struct Planned {
    tenant: Tenant,
    reader: Reader,
    to: Email,
    gathering: Key,
    plan: Plan,
    /// Whether it is only counted with what waits.
    counted: bool,
    notification: Notification,
    now: Timestamp,
}

impl Planned {
    /// What becomes of a notice; nothing if there is nobody to tell any more.
    async fn new(
        app: &App,
        record: OutboxId,
        notice: &Notice,
        counted: bool,
    ) -> Result<Option<Self>, TableError> {
        let (tenant, now) = (Tenant::of_record(notice), app.clock.now());
        let Some(reader) = Reader::of(app, tenant, notice.user).await? else { return Ok(None) };
        // A change is told where the user was reached before it.
        let to = notice.change.as_ref().map_or(&reader.user.email, |change| &change.to).clone();
        let apart = gathered_as(notice.kind, notice.change.as_ref().map(|it| it.kind), &to);
        let keys = [
            gathering_key(tenant, notice.user, Channel::Email, &apart),
            undeliverable_key(tenant, &to),
        ];
        let mut items = app.table.batch(&keys, Read::Strong).await?;
        let gathered: Option<Gathering> = items.take(&keys[0])?;
        let undeliverable = items.take(&keys[1])?;
        let plan = reader.plan(notice.kind, apart, undeliverable.as_ref(), gathered.as_ref(), now);
        let mut notification = notice.clone().notification(record);
        let delivery = match &plan {
            Plan::Send => Delivery::queued(None, now),
            Plan::Wait(_) if counted => Delivery::suppressed(DeliveryReason::Counted, now),
            Plan::Wait(wait) => Delivery::queued(Some(wait.hold.into()), now),
            Plan::Suppress(reason) => Delivery::suppressed(*reason, now),
        };
        notification.deliveries.insert(Channel::Email, delivery);
        let [gathering, _] = keys;
        Ok(Some(Self { tenant, reader, to, gathering, plan, counted, notification, now }))
    }

    fn transaction<'a>(&self, app: &'a App) -> Result<Transaction<'a, Refused>, NotAskedFor> {
        let Self { tenant, reader, notification, .. } = self;
        let mut transaction = app.table.transaction();
        let key = notification_key(*tenant, reader.user.id, notification.id);
        transaction.create(&key, notification, Refused::Known);
        Unread::of(reader.user.id).more(*tenant, &mut transaction);
        match &self.plan {
            Plan::Suppress(_) => {}
            Plan::Wait(wait) => self.wait(app, wait, &mut transaction),
            Plan::Send => {
                let (begun, free) = (Gathering::from(self.now), Gathering::is_over(self.now));
                transaction.put_if(&self.gathering, &begun, free, Refused::Followed);
                self.send(app, &mut transaction)?;
            }
        }
        Ok(transaction)
    }

    fn wait(&self, app: &App, wait: &Wait, transaction: &mut Transaction<'_, Refused>) {
        let (tenant, user) = (self.tenant, self.reader.user.id);
        let way = Way { tenant, user, channel: Channel::Email };
        let waiting = if self.counted {
            Waiting::More(1)
        } else {
            Waiting::Notices { ids: vec![self.notification.id], more: 0 }
        };
        hold(app, way, wait, &waiting, transaction, Refused::Room);
        if wait.hold != Hold::Gathered {
            // Whoever changes the preferences looks for what waits: it is there, or this is planned anew.
            self.reader.wants_it_still(tenant, transaction, Refused::Otherwise);
        }
    }

    fn send(
        &self,
        app: &App,
        transaction: &mut Transaction<'_, Refused>,
    ) -> Result<(), NotAskedFor> {
        let Self { tenant, reader, to, notification, now, .. } = self;
        let mut letter = Letter::about(*tenant, reader.user.id, to.clone(), vec![notification.id]);
        letter.undo = undo(app, &reader.user, &[notification], transaction)?;
        put_letter(app, *now, letter, transaction);
        Ok(())
    }
}
