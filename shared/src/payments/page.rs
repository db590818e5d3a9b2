//! Pages of the provider's on which an attempt is paid by who is wanted for it.

use jiff::SignedDuration;

use super::{
    Attempt, AttemptState, Hosted, Matter, Outcome, Reason, TriedBy,
    charge::{charge_of, outcome_of},
    conclude, matter_due,
    standing::Standing,
};
use crate::{
    app::App,
    billing::Invoice,
    error::{Code, Error},
    id::InvoiceId,
    provider::{Back, Session, SessionStatus},
    table::{Tenant, Transaction},
};

/// A page is open for so long.
const PAGE_OPEN: SignedDuration = SignedDuration::from_hours(23);

/// Opens the page of the provider's on which an attempt is paid.
pub(super) async fn page(
    app: &App,
    tenant: Tenant,
    invoice: InvoiceId,
    attempt: &Attempt,
) -> Result<Option<Hosted>, Error> {
    let Some((standing, stored)) = Standing::of_invoice(app, tenant, invoice).await? else {
        return Ok(None);
    };
    // Nobody is asked for what is not due any more.
    let is_due = stored.outstanding() >= attempt.amount;
    let Some(customer) = standing.wallet.customer.filter(|_| is_due) else { return Ok(None) };
    let url = app.config.public_url()?;
    let [done, cancelled] =
        ["paid", "left"].map(|how| format!("{url}/billing/invoices/{invoice}?from={how}"));
    let back = Back { done: &done, cancelled: &cancelled };
    // By the attempt, so that the call is the same however often it is made.
    let expires_at = attempt.at + PAGE_OPEN;
    let charge = charge_of(tenant, &customer, invoice, attempt);
    let session = app.provider.hosted(charge, expires_at.as_second(), back).await?;
    let Session { id: session, url, .. } = session;
    Ok(url.map(|url| Hosted { session, url, expires_at }))
}

/// What became of an attempt that waits for the client on a page.
pub(super) async fn of_page(
    app: &App,
    invoice: &Invoice,
    attempt: &Attempt,
) -> Result<Option<Outcome>, Error> {
    let Some(hosted) = &attempt.hosted else { return Ok(None) };
    let (session, known) = look_at_page(app, &hosted.session).await?;
    if session.status != SessionStatus::Open {
        let left = Outcome::Failed(Reason::NotCompleted);
        let is_over = session.status == SessionStatus::Expired;
        return Ok(known.or_else(|| is_over.then_some(left)));
    }
    let is_over = app.clock.now() >= hosted.expires_at || invoice.outstanding() < attempt.amount;
    if !is_over && known.is_none() {
        return Ok(None);
    }
    // Its time is over, or its owner said no: what is tried next is another payment. Somebody may have paid on it
    // in the last moment.
    app.provider.expire(&hosted.session).await?;
    let (session, paid) = look_at_page(app, &hosted.session).await?;
    let left = known.unwrap_or(Outcome::Failed(Reason::NotCompleted));
    Ok(match session.status {
        SessionStatus::Complete => paid,
        _ => Some(paid.unwrap_or(left)),
    })
}

/// How a page stands, and what is known of the payment on it.
async fn look_at_page(app: &App, id: &str) -> Result<(Session, Option<Outcome>), Error> {
    let session = app.provider.session(id).await?;
    let known = match &session.payment_intent {
        Some(intent) => outcome_of(&app.provider.intent(intent).await?),
        None => None,
    };
    Ok((session, known))
}

/// Adds to a transaction that a page on which an invoice was to be paid is closed, for less is due by now.
pub fn close_page_soon(
    app: &App,
    tenant: Tenant,
    invoice: &Invoice,
    transaction: &mut Transaction<'_, Code>,
) {
    let waits = invoice.in_flight().filter(|it| it.state == AttemptState::ActionRequired);
    if let Some(attempt) = waits.filter(|it| invoice.outstanding() < it.amount) {
        let check = Matter::Check { invoice: invoice.id, attempt: attempt.number };
        let (key, update) = matter_due(app, tenant, &check, app.clock.now());
        transaction.update(&key, update, None);
    }
}

/// Closes the page on which an attempt was to be paid, and writes down what became of it.
pub(super) async fn close_page(
    app: &App,
    tenant: Tenant,
    invoice: &Invoice,
    attempt: &Attempt,
) -> Result<(), Error> {
    if let Some(hosted) = &attempt.hosted {
        app.provider.expire(&hosted.session).await?;
    }
    let outcome = of_page(app, invoice, attempt).await?;
    // A bank that is still at it is waited for.
    let outcome = match outcome.ok_or(Code::Unavailable)? {
        Outcome::Failed(Reason::NotCompleted) if attempt.by == TriedBy::Clock => {
            Outcome::Failed(Reason::AuthenticationRequired)
        }
        outcome => outcome,
    };
    conclude(app, tenant, invoice.id, attempt.number, &outcome).await.map(drop)
}
