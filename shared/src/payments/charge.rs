//! Charging an invoice. An attempt is written down with its payment before the card is charged; what nobody knows
//! afterwards is asked, at once and again later.

use jiff::{SignedDuration, Timestamp};

use super::{
    Attempt, AttemptState, Matter, Method, Outcome, Reason, TriedBy, conclude,
    conclude::entry_of,
    matter::ASKED_AFTER,
    matter_due,
    page::{close_page, of_page, page},
    standing::Standing,
};
use crate::{
    app::App,
    billing::{Invoice, put_entry, put_invoice},
    error::{Code, Conflicts, Error, Limited},
    id::{EntryId, InvoiceId, MethodId},
    money::Pico,
    provider::{Charge, Intent, IntentStatus, ProviderError, of_minor},
    table::Tenant,
};

const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// The most attempts of a client's at one invoice in an hour.
const MOST_AN_HOUR: u32 = 20;

/// What nobody confirmed for so long was given up.
const GIVEN_UP_AFTER: SignedDuration = SignedDuration::from_hours(1);

/// What came of charging an invoice.
#[derive(Debug, Clone)]
pub enum Charged {
    /// It was tried: how the invoice stands then.
    Tried(Invoice),
    /// Another attempt is on its way, or waits for the client.
    InFlight(Invoice),
    /// Nothing is due on it.
    NothingDue(Invoice),
    /// There is no card to charge.
    NoMethod(Invoice),
}

/// Charges what is due on an invoice to a card, or to the default one.
///
/// # Errors
/// When the provider or the table does not answer before anything was charged.
pub async fn charge(
    app: &App,
    tenant: Tenant,
    id: InvoiceId,
    by: TriedBy,
    method: Option<MethodId>,
) -> Result<Charged, Error> {
    let mut conflicts = Conflicts::default();
    loop {
        let read = Standing::of_invoice(app, tenant, id).await?;
        let (standing, invoice) = read.ok_or(Code::NotFound)?;
        if invoice.outstanding() <= Pico::ZERO {
            return Ok(Charged::NothingDue(invoice));
        }
        let chosen = method.or(standing.wallet.default).and_then(|it| standing.wallet.method(it));
        let chosen = chosen.cloned();
        if let Some(attempt) = invoice.in_flight().cloned() {
            let wanted = chosen.as_ref().map(|it| it.id);
            let is_same_sum = attempt.amount == invoice.outstanding();
            if waits_on(&attempt, by, wanted, app.clock.now(), is_same_sum) {
                return in_flight(app, tenant, invoice, &attempt, by).await;
            }
            // The page of before is closed, and nobody pays on it beside what comes now.
            close_page(app, tenant, &invoice, &attempt).await?;
            continue;
        }
        if by == TriedBy::Client {
            within_budget(&invoice, app.clock.now())?;
        }
        match begin(app, &standing, &invoice, by, chosen.as_ref()).await {
            Ok(Some(attempt)) => {
                return Ok(Charged::Tried(carry_out(app, tenant, id, &attempt).await?));
            }
            Ok(None) => return Ok(Charged::NoMethod(invoice)),
            Err(error) => conflicts.put_up_with(error)?,
        }
    }
}

/// A client tries so often in an hour: who tries cards out does it elsewhere.
fn within_budget(invoice: &Invoice, now: Timestamp) -> Result<(), Error> {
    let since = now - HOUR;
    let own = invoice.attempts.iter().filter(|it| it.by == TriedBy::Client && it.at > since);
    let own: Vec<Timestamp> = own.map(|it| it.at).collect();
    let full = own.len() >= MOST_AN_HOUR as usize;
    let Some(first) = own.first().filter(|_| full) else { return Ok(()) };
    Err(Error::limited(Limited {
        policy: "payments",
        limit: MOST_AN_HOUR,
        window: HOUR.as_secs(),
        retry_after: (*first + HOUR).duration_since(now).as_secs().max(1),
    }))
}

/// An attempt that is on its way already. To a client who asks it is looked up what became of it: whoever began it
/// may be gone.
async fn in_flight(
    app: &App,
    tenant: Tenant,
    invoice: Invoice,
    attempt: &Attempt,
    by: TriedBy,
) -> Result<Charged, Error> {
    if by == TriedBy::Clock || attempt.state != AttemptState::Processing {
        return Ok(Charged::InFlight(invoice));
    }
    if !ask(app, tenant, invoice.id, attempt.number).await.unwrap_or(false) {
        return Ok(Charged::InFlight(invoice));
    }
    let read = Standing::of_invoice(app, tenant, invoice.id).await?;
    Ok(Charged::Tried(read.ok_or(Code::NotFound)?.1))
}

/// Whether an attempt that is open is left alone: one that is on its way always is, and one that waits for the client
/// as long as its page is open, for the sum that is due, and no other card is named.
fn waits_on(
    attempt: &Attempt,
    by: TriedBy,
    wanted: Option<MethodId>,
    now: Timestamp,
    is_same_sum: bool,
) -> bool {
    if attempt.state == AttemptState::Processing {
        return true;
    }
    let same = attempt.method.as_ref().map(|it| it.id) == wanted;
    by == TriedBy::Client && same && is_same_sum && attempt.payment_url(now).is_some()
}

/// Writes down an attempt, with its payment at the provider, that nothing was charged for yet; `None` without a card.
async fn begin(
    app: &App,
    standing: &Standing,
    before: &Invoice,
    by: TriedBy,
    method: Option<&Method>,
) -> Result<Option<Attempt>, Error> {
    let (tenant, now) = (standing.tenant, app.clock.now());
    let mut attempt = Attempt {
        number: before.attempts.last().map_or(0, |it| it.number) + 1,
        entry: EntryId::new(now, &app.random),
        by,
        amount: before.outstanding(),
        method: method.map(Method::shown),
        card: method.map(|it| it.card.clone()),
        intent: None,
        hosted: None,
        state: AttemptState::Processing,
        reason: None,
        at: now,
    };
    let Some(customer) = standing.wallet.customer.as_deref().filter(|_| method.is_some()) else {
        return Ok(None);
    };
    let mut intended = app.provider.intend(charge_of(tenant, customer, before.id, &attempt)).await;
    while let Err(ProviderError::Reused) = intended {
        // An attempt of this number was begun for another sum and never written down: it is used up.
        attempt.number += 1;
        intended = app.provider.intend(charge_of(tenant, customer, before.id, &attempt)).await;
    }
    match intended {
        Ok(intent) => attempt.intent = Some(intent.id),
        // The attempt is used up, so that the next one is another to the provider.
        Err(ProviderError::Refused { status, message }) => {
            tracing::error!(invoice = %before.id, status, message, "the provider does not take it");
        }
        Err(error) => return Err(error.into()),
    }
    let mut invoice = before.clone();
    invoice.note_attempt(attempt.clone(), now);
    let mut transaction = app.table.transaction();
    put_invoice(Some(before), &invoice, &mut transaction, Code::Conflict);
    put_entry(&entry_of(standing, &invoice, &attempt), &mut transaction);
    let check = Matter::Check { invoice: invoice.id, attempt: attempt.number };
    let (key, update) = matter_due(app, tenant, &check, now + ASKED_AFTER);
    transaction.update(&key, update, None);
    transaction.commit().await?;
    Ok(Some(attempt))
}

pub(super) fn charge_of<'a>(
    tenant: Tenant,
    customer: &'a str,
    invoice: InvoiceId,
    attempt: &Attempt,
) -> Charge<'a> {
    let (account, amount) = (tenant.account(), attempt.amount);
    Charge { account, customer, invoice, attempt: attempt.number, amount }
}

/// Charges the card of an attempt that was written down, and writes down what became of it. Where nobody knows, the
/// attempt stays on its way.
async fn carry_out(
    app: &App,
    tenant: Tenant,
    invoice: InvoiceId,
    attempt: &Attempt,
) -> Result<Invoice, Error> {
    let outcome = match (&attempt.intent, &attempt.card) {
        (Some(intent), Some(card)) => confirm(app, tenant, invoice, attempt, (intent, card)).await,
        _ => Some(Outcome::Failed(Reason::Refused)),
    };
    match outcome {
        Some(outcome) => conclude(app, tenant, invoice, attempt.number, &outcome).await,
        None => {
            let read = Standing::of_invoice(app, tenant, invoice).await?;
            Ok(read.ok_or(Code::NotFound)?.1)
        }
    }
}

/// Charges a card; what became of it, if anybody knows.
async fn confirm(
    app: &App,
    tenant: Tenant,
    invoice: InvoiceId,
    attempt: &Attempt,
    (intent, card): (&str, &str),
) -> Option<Outcome> {
    match app.provider.confirm(intent, card).await {
        Ok(intent) => outcome_of(&intent),
        Err(ProviderError::Declined(decline)) => {
            let reason = Reason::from(&decline);
            Some(failed_for(app, tenant, invoice, attempt, reason).await)
        }
        // It is confirmed already, or the card is gone: how it stands says which.
        Err(ProviderError::Refused { .. } | ProviderError::NotFound) => {
            let known = app.provider.intent(intent).await.ok()?;
            Some(outcome_of(&known).unwrap_or(Outcome::Failed(Reason::Refused)))
                .filter(|_| known.status != IntentStatus::Processing)
        }
        Err(ProviderError::Reused | ProviderError::Unsure(_) | ProviderError::Setting(_)) => {
            let known = app.provider.intent(intent).await.ok()?;
            outcome_of(&known)
        }
    }
}

/// What a payment that was declined comes to: where its owner is wanted, a page on which it is paid.
async fn failed_for(
    app: &App,
    tenant: Tenant,
    invoice: InvoiceId,
    attempt: &Attempt,
    reason: Reason,
) -> Outcome {
    if reason != Reason::AuthenticationRequired {
        return Outcome::Failed(reason);
    }
    match page(app, tenant, invoice, attempt).await {
        Ok(Some(hosted)) => Outcome::Wanted(hosted),
        Ok(None) | Err(_) => Outcome::Failed(reason),
    }
}

/// What a payment says of itself, if it is over.
pub(super) fn outcome_of(intent: &Intent) -> Option<Outcome> {
    match (intent.status, &intent.last_payment_error) {
        (IntentStatus::Succeeded, _) => Some(Outcome::Paid {
            amount: of_minor(intent.amount_received),
            intent: intent.id.clone(),
        }),
        (IntentStatus::RequiresPaymentMethod, Some(decline)) => {
            Some(Outcome::Failed(Reason::from(decline)))
        }
        (IntentStatus::Canceled, _) => Some(Outcome::Failed(Reason::NotCompleted)),
        _ => None,
    }
}

/// Asks the provider what became of an attempt, and writes it down; whether it is known now.
///
/// # Errors
/// When the provider or the table does not answer.
pub async fn ask(app: &App, tenant: Tenant, id: InvoiceId, number: u32) -> Result<bool, Error> {
    let Some((_, invoice)) = Standing::of_invoice(app, tenant, id).await? else { return Ok(true) };
    let Some(attempt) = invoice.attempt(number).cloned() else { return Ok(true) };
    let outcome = if attempt.hosted.is_some() {
        match of_page(app, &invoice, &attempt).await? {
            // The client is wanted as before: paying opens another page, for what is due then.
            Some(Outcome::Failed(Reason::NotCompleted)) if attempt.by == TriedBy::Clock => {
                if invoice.outstanding() >= attempt.amount {
                    return Ok(true);
                }
                Some(Outcome::Failed(Reason::AuthenticationRequired))
            }
            outcome => outcome,
        }
    } else {
        of_card(app, tenant, &invoice, &attempt).await?
    };
    match outcome {
        Some(outcome) => {
            conclude(app, tenant, id, number, &outcome).await?;
            Ok(true)
        }
        None => Ok(!attempt.is_open()),
    }
}

/// What became of an attempt that charges a card: one that nobody confirmed is confirmed now, and one that was left
/// long ago never will be.
async fn of_card(
    app: &App,
    tenant: Tenant,
    invoice: &Invoice,
    attempt: &Attempt,
) -> Result<Option<Outcome>, Error> {
    let (Some(intent), Some(card)) = (&attempt.intent, &attempt.card) else {
        return Ok(Some(Outcome::Failed(Reason::Refused)));
    };
    let known = app.provider.intent(intent).await?;
    match outcome_of(&known) {
        Some(Outcome::Failed(reason)) if attempt.is_open() => {
            Ok(Some(failed_for(app, tenant, invoice.id, attempt, reason).await))
        }
        Some(outcome) => Ok(Some(outcome)),
        None if known.status == IntentStatus::Processing || !attempt.is_open() => Ok(None),
        None if app.clock.now().duration_since(attempt.at) < GIVEN_UP_AFTER
            && invoice.outstanding() >= attempt.amount =>
        {
            Ok(confirm(app, tenant, invoice.id, attempt, (intent, card)).await)
        }
        None => {
            app.provider.call_off(intent).await?;
            Ok(outcome_of(&app.provider.intent(intent).await?))
        }
    }
}
