//! Cards come into the wallet by the provider's word alone.

use jiff::{Timestamp, civil::Date};

use super::{Matter, Method, Standing, collect_now, matter_due};
use crate::{
    app::App,
    error::{Code, Conflicts, Error},
    id::MethodId,
    provider::{PaymentMethod, Session, SessionStatus},
    table::{Tenant, Transaction},
};

/// A card that somebody sets up, as a page at the provider tells of it: put into the wallet, once.
///
/// # Errors
/// When the table does not answer.
pub async fn add_method(
    app: &App,
    tenant: Tenant,
    id: MethodId,
    session: &Session,
) -> Result<(), Error> {
    let card = session.setup_intent.as_ref().and_then(|it| it.payment_method.as_ref());
    let Some(card) = card.filter(|_| session.status == SessionStatus::Complete) else {
        return Ok(());
    };
    let mut conflicts = Conflicts::default();
    loop {
        match add(app, tenant, id, card).await {
            Ok(()) => return Ok(()),
            Err(error) => conflicts.put_up_with(error)?,
        }
    }
}

async fn add(app: &App, tenant: Tenant, id: MethodId, card: &PaymentMethod) -> Result<(), Error> {
    let Some(mut standing) = Standing::read(app, tenant).await? else { return Ok(()) };
    let known = standing.wallet.methods.iter().any(|it| it.id == id || it.card == card.id);
    // Nobody waits for it: it was taken back, or this is told a second time.
    let is_wanted = standing.wallet.pending.iter().any(|it| it.id == id);
    let Some(told) = card.card.as_ref().filter(|_| !known && is_wanted) else { return Ok(()) };
    let (before, now) = (standing.wallet.clone(), app.clock.now());
    let method = Method {
        id,
        brand: told.brand.clone(),
        last4: told.last4.clone(),
        month: told.exp_month,
        year: told.exp_year,
        card: card.id.clone(),
        added_at: now,
    };
    let mut transaction = app.table.transaction();
    tell_before_it_expires(app, tenant, &method, &mut transaction);
    standing.wallet.add(method);
    standing.wallet.put(&before, &mut transaction, Code::Conflict);
    if before.default != standing.wallet.default {
        try_at_once(app, &standing, &mut transaction);
    }
    Ok(transaction.commit().await?)
}

/// Adds to a transaction that what is due is tried at once, for the default card is another: the clock runs on.
pub fn try_at_once(app: &App, standing: &Standing, transaction: &mut Transaction<'_, Code>) {
    let waits = standing.balance.dunning.as_ref().is_some_and(|it| !it.is_over);
    if waits && !standing.is_suspended() {
        let (key, update) = collect_now(app, standing.tenant);
        transaction.update(&key, update, None);
    }
}

/// Has its owner told in the month before a card's last one.
fn tell_before_it_expires(
    app: &App,
    tenant: Tenant,
    method: &Method,
    transaction: &mut Transaction<'_, Code>,
) {
    let Some(told_at) = told_at(method.over_from()) else { return };
    if told_at > app.clock.now() {
        let matter = Matter::Expiring { method: method.id };
        let (key, update) = matter_due(app, tenant, &matter, told_at);
        transaction.update(&key, update, None);
    }
}

/// The first day of the month before the last one.
fn told_at(over_from: Date) -> Option<Timestamp> {
    let day = over_from.checked_sub(jiff::Span::new().months(2)).ok()?;
    let noon = day.at(12, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(noon.timestamp())
}
