//! What waited goes out, as its user wants it by now.

use std::collections::BTreeMap;

use jiff::Timestamp;
use shared::{
    account::Email,
    app::App,
    id::NotificationId,
    notify::{
        Channel, Delivery, DeliveryReason, Held, HeldTimer, Letter, Notification, Wait, Waiting,
        Way, hold, notification_key, put_letter, undeliverable_key, undo,
    },
    table::{Cancelled, Condition, Read, TableError, Tenant},
    timer::TimerRef,
};

use crate::{
    NotifierError,
    plan::{Plan, Reader},
};

/// Why nothing was let go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refused {
    /// The timer was set anew and comes again, or it has acted.
    SetAnew,
    /// Something else is otherwise by now: it is looked at again.
    Otherwise,
}

/// Lets go of what a timer lists. What it does and the timer's end are one transaction.
pub(crate) async fn release(app: &App, timer: &TimerRef) -> Result<(), NotifierError> {
    let Some(timer): Option<HeldTimer> = timer.claim(app).await? else { return Ok(()) };
    let (tenant, held) = (Tenant::of_record(&timer), &timer.what);
    let mut transaction = app.table.transaction();
    timer.done(&mut transaction, Refused::SetAnew);
    if let Some(reader) = Reader::of(app, tenant, held.user).await? {
        let waited = waiting(app, tenant, held).await?;
        let to = address(&reader, &waited);
        let address = undeliverable_key(tenant, &to);
        let undeliverable = app.table.get(&address, Read::Strong).await?;
        let now = app.clock.now();
        let plan =
            |it: &Notification| reader.plan_again(it.kind, held.hold, undeliverable.as_ref(), now);
        let mut sorted = Sorted::default();
        for notification in &waited {
            sorted.add(plan(notification), notification);
        }
        for (id, delivery) in sorted.deliveries(now) {
            let update = Notification::stands(Channel::Email, &delivery)?.when(Condition::Exists);
            let key = notification_key(tenant, held.user, id);
            transaction.update(&key, update, Some(Refused::Otherwise));
        }
        if !sorted.waits.is_empty() {
            reader.wants_it_still(tenant, &mut transaction, Refused::Otherwise);
        }
        // What is only counted goes with those that go, or waits with the others.
        let more = if sorted.goes.is_empty() { held.more } else { 0 };
        for (number, (wait, ids)) in sorted.waits.into_iter().enumerate() {
            // Of its own, so that what waits together never outgrows one transaction.
            let apart = format!("{}.{number}", timer.version());
            let (wait, ids) = (
                Wait { apart, ..wait },
                Waiting::Notices { ids, more: if number == 0 { more } else { 0 } },
            );
            let way = Way { tenant, user: held.user, channel: held.channel };
            hold(app, way, &wait, &ids, &mut transaction, Refused::Otherwise);
        }
        if !sorted.goes.is_empty() {
            let ids = sorted.goes.iter().map(|it| it.id).collect();
            let mut letter = Letter::about(tenant, held.user, to, ids);
            (letter.more, letter.held) = (held.more, Some(held.hold));
            letter.undo = undo(app, &reader.user, &sorted.goes, &mut transaction)?;
            put_letter(app, now, letter, &mut transaction);
        }
    }
    match transaction.commit().await {
        Err(Cancelled::Refused(refused)) if refused.contains(&Refused::SetAnew) => Ok(()),
        released => Ok(released?),
    }
}

/// The notifications that a timer lists, oldest first.
async fn waiting(app: &App, tenant: Tenant, held: &Held) -> Result<Vec<Notification>, TableError> {
    let key = |id: &NotificationId| notification_key(tenant, held.user, *id);
    let keys: Vec<_> = held.notices.iter().map(key).collect();
    let mut items = app.table.batch(&keys, Read::Strong).await?;
    let found: Result<Vec<Option<_>>, _> = keys.iter().map(|key| items.take(key)).collect();
    Ok(found?.into_iter().flatten().collect())
}

/// Where it goes: changes of one address are gathered apart from another's.
fn address(reader: &Reader, waited: &[Notification]) -> Email {
    let known = waited.iter().find_map(|it| it.change.as_ref());
    known.map_or(&reader.user.email, |change| &change.to).clone()
}

/// What became of those that waited.
#[derive(Default)]
struct Sorted<'a> {
    goes: Vec<&'a Notification>,
    waits: Vec<(Wait, Vec<NotificationId>)>,
    kept: BTreeMap<NotificationId, DeliveryReason>,
}

impl<'a> Sorted<'a> {
    fn add(&mut self, plan: Plan, notification: &'a Notification) {
        match plan {
            Plan::Send => self.goes.push(notification),
            Plan::Suppress(reason) => drop(self.kept.insert(notification.id, reason)),
            Plan::Wait(wait) => match self.waits.iter_mut().find(|(known, _)| *known == wait) {
                Some((_, ids)) => ids.push(notification.id),
                None => self.waits.push((wait, vec![notification.id])),
            },
        }
    }

    /// What is to be written of those that do not go.
    fn deliveries(&self, now: Timestamp) -> Vec<(NotificationId, Delivery)> {
        let kept = self.kept.iter().map(|(id, reason)| (*id, Delivery::suppressed(*reason, now)));
        let waits = self.waits.iter().flat_map(|(wait, ids)| {
            let delivery = Delivery::queued(Some(wait.hold.into()), now);
            ids.iter().map(move |id| (*id, delivery.clone()))
        });
        kept.chain(waits).collect()
    }
}
