//! What became of an attempt, written once with all that follows of it.

use super::{
    Attempt, AttemptState, Hosted, Matter, Method, Reason, TriedBy, collect_now, matter_due,
    standing::Standing, tell,
};
use crate::{
    account::SubscriptionState,
    app::App,
    billing::{CreditCause, EntryKind, EntryState, Invoice, put_entry, put_invoice},
    error::{Code, Conflicts, Error},
    id::{EntryId, InvoiceId},
    money::Pico,
    table::{Tenant, Transaction},
};

/// What became of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// So much was paid, by the provider's name for the payment.
    Paid {
        /// How much.
        amount: Pico,
        /// The payment.
        intent: String,
    },
    /// It was not.
    Failed(Reason),
    /// The client is wanted, on a page of the provider's.
    Wanted(Hosted),
}

/// Writes down what became of an attempt. What is known already is written no second time; what is paid stays paid,
/// and money that arrives for what is not due any more is the account's credit.
///
/// # Errors
/// When the table does not answer.
pub async fn conclude(
    app: &App,
    tenant: Tenant,
    id: InvoiceId,
    number: u32,
    outcome: &Outcome,
) -> Result<Invoice, Error> {
    let mut conflicts = Conflicts::default();
    loop {
        let read = Standing::of_invoice(app, tenant, id).await?;
        let (standing, invoice) = read.ok_or(Code::NotFound)?;
        let Some(attempt) = invoice.attempt(number).filter(|it| is_news(it, outcome)).cloned()
        else {
            return Ok(invoice);
        };
        match write(app, standing, invoice, attempt, outcome).await {
            Ok(invoice) => return Ok(invoice),
            Err(error) => conflicts.put_up_with(error)?,
        }
    }
}

/// Whether an outcome says more than is known.
fn is_news(attempt: &Attempt, outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Paid { .. } => attempt.state != AttemptState::Succeeded,
        Outcome::Failed(_) => attempt.is_open(),
        Outcome::Wanted(_) => attempt.state == AttemptState::Processing,
    }
}

async fn write(
    app: &App,
    mut standing: Standing,
    before: Invoice,
    mut attempt: Attempt,
    outcome: &Outcome,
) -> Result<Invoice, Error> {
    let (tenant, now) = (standing.tenant, app.clock.now());
    let mut transaction = app.table.transaction();
    let mut invoice = before.clone();
    let check = Matter::Check { invoice: invoice.id, attempt: attempt.number };
    match outcome {
        Outcome::Paid { amount, intent } => {
            attempt.state = AttemptState::Succeeded;
            attempt.intent = Some(intent.clone());
            (attempt.amount, attempt.reason) = (*amount, None);
            transaction.delete(&check.key(tenant));
            paid(app, &mut standing, (&before, &mut invoice), attempt, &mut transaction);
        }
        Outcome::Failed(reason) => {
            let waited = attempt.state == AttemptState::ActionRequired;
            (attempt.state, attempt.reason) = (AttemptState::Failed, Some(*reason));
            transaction.delete(&check.key(tenant));
            invoice.note_attempt(attempt.clone(), now);
            let is_due = invoice.outstanding() > Pico::ZERO;
            if attempt.by == TriedBy::Clock && is_due && *reason == Reason::NotCompleted {
                // We called it off ourselves: what is due by now is another sum.
                let (key, update) = collect_now(app, tenant);
                transaction.update(&key, update, None);
            } else if attempt.by == TriedBy::Clock && is_due && !waited {
                // Where the client was wanted, the clock knows already.
                let card = attempt.method.as_ref().map(|it| it.id);
                standing.failed(app, (invoice.id, *reason, card), now, &mut transaction);
                tell::failed(app, &standing, &invoice, *reason, &mut transaction);
            }
        }
        Outcome::Wanted(hosted) => {
            attempt.state = AttemptState::ActionRequired;
            attempt.reason = Some(Reason::AuthenticationRequired);
            attempt.hosted = Some(hosted.clone());
            let (key, update) = matter_due(app, tenant, &check, hosted.expires_at);
            transaction.update(&key, update, None);
            invoice.note_attempt(attempt.clone(), now);
            if attempt.by == TriedBy::Clock && invoice.outstanding() > Pico::ZERO {
                let reason = Reason::AuthenticationRequired;
                let card = attempt.method.as_ref().map(|it| it.id);
                standing.failed(app, (invoice.id, reason, card), now, &mut transaction);
                tell::wanted(app, &standing, &invoice, &mut transaction);
            }
        }
    }
    tell_of_attempt(&standing, &invoice, &before, &mut transaction);
    put_invoice(Some(&before), &invoice, &mut transaction, Code::Conflict);
    standing.put(&mut transaction)?;
    transaction.commit().await?;
    Ok(invoice)
}

/// The clock's time for an invoice has come, and there was nothing to charge: it counts as a failure.
///
/// # Errors
/// When the table does not answer.
pub async fn miss(app: &App, tenant: Tenant, id: InvoiceId, reason: Reason) -> Result<(), Error> {
    let mut conflicts = Conflicts::default();
    loop {
        let read = Standing::of_invoice(app, tenant, id).await?;
        let (mut standing, before) = read.ok_or(Code::NotFound)?;
        let card = standing.wallet.default;
        let blocked = standing.balance.dunning.as_ref().and_then(|it| it.blocked_card);
        let has_changed = match reason {
            Reason::NoMethod => card.is_some(),
            _ => card != blocked,
        };
        if before.outstanding() <= Pico::ZERO {
            return Ok(());
        }
        if is_on_its_way(&before) || has_changed {
            // What it was decided by is not so any more: whoever asked looks again.
            return Err(Code::Unavailable.into());
        }
        let now = app.clock.now();
        let (mut invoice, mut transaction) = (before.clone(), app.table.transaction());
        let is_over = standing.subscription.state == SubscriptionState::Canceled;
        if reason == Reason::NoMethod || is_over {
            let attempt = Attempt {
                number: before.attempts.last().map_or(0, |it| it.number) + 1,
                entry: EntryId::new(now, &app.random),
                by: TriedBy::Clock,
                amount: before.outstanding(),
                method: standing.wallet.default_method().map(Method::shown),
                card: None,
                intent: None,
                hosted: None,
                state: AttemptState::Failed,
                reason: Some(reason),
                at: now,
            };
            put_entry(&entry_of(&standing, &invoice, &attempt), &mut transaction);
            invoice.note_attempt(attempt, now);
        }
        put_invoice(Some(&before), &invoice, &mut transaction, Code::Conflict);
        standing.failed(app, (id, reason, card), now, &mut transaction);
        tell::failed(app, &standing, &invoice, reason, &mut transaction);
        standing.put(&mut transaction)?;
        match transaction.commit().await {
            Ok(()) => return Ok(()),
            Err(cancelled) => conflicts.put_up_with(cancelled.into())?,
        }
    }
}

/// Whether a payment of it may arrive in a moment.
fn is_on_its_way(invoice: &Invoice) -> bool {
    invoice.in_flight().is_some_and(|it| it.state == AttemptState::Processing)
}

/// Money has arrived.
fn paid(
    app: &App,
    standing: &mut Standing,
    (before, invoice): (&Invoice, &mut Invoice),
    attempt: Attempt,
    transaction: &mut Transaction<'_, Code>,
) {
    let (now, amount, method) = (app.clock.now(), attempt.amount, attempt.method.clone());
    let owed = before.outstanding();
    invoice.note_attempt(attempt, now);
    let over = invoice.pay(amount, now);
    standing.balance.owe(invoice, Pico::new(invoice.outstanding().get() - owed.get()));
    if over > Pico::ZERO {
        let id = EntryId::new(now, &app.random);
        let entry = standing.balance.grant(id, CreditCause::Returned, over, now);
        put_entry(&entry.of(invoice), transaction);
    }
    standing.paid(app, now, transaction);
    tell::paid(app, standing, invoice, (amount, method), transaction);
}

/// Writes the movement that tells of the attempt that has changed.
fn tell_of_attempt(
    standing: &Standing,
    invoice: &Invoice,
    before: &Invoice,
    transaction: &mut Transaction<'_, Code>,
) {
    let changed = invoice.attempts.iter().find(|it| before.attempt(it.number) != Some(it));
    let Some(attempt) = changed else { return };
    put_entry(&entry_of(standing, invoice, attempt), transaction);
}

/// The movement that tells of an attempt.
pub(super) fn entry_of(
    standing: &Standing,
    invoice: &Invoice,
    attempt: &Attempt,
) -> crate::billing::Entry {
    let state = match attempt.state {
        AttemptState::Processing | AttemptState::ActionRequired => EntryState::Pending,
        AttemptState::Succeeded => EntryState::Succeeded,
        AttemptState::Failed => EntryState::Failed,
    };
    let balance = &standing.balance;
    let entry = balance.entry(attempt.entry, EntryKind::Charge, attempt.amount, attempt.at);
    let entry = entry.standing(state).of(invoice).by_card(attempt.method.clone());
    entry.failing(attempt.reason.filter(|_| state == EntryState::Failed))
}
