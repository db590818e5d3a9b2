//! All that is due of an account is charged, the oldest first.

use shared::{
    account::SubscriptionState,
    app::App,
    billing::Invoice,
    error::{Code, Error},
    id::InvoiceId,
    money::Pico,
    payments::{AttemptState, Charged, Reason, Standing, TriedBy, ask, charge, miss},
    table::Tenant,
};

/// Charges what is due, where the clock may: nothing of an account that is suspended, and what is left of one that is
/// over once.
pub(crate) async fn collect(app: &App, tenant: Tenant) -> Result<(), Error> {
    let Some(standing) = Standing::read(app, tenant).await? else { return Ok(()) };
    let mut waits = false;
    for id in &standing.balance.unpaid {
        // What became of the one before may have changed all.
        let Some((standing, invoice)) = look(app, tenant, *id).await? else { continue };
        let is_over = standing.subscription.state == SubscriptionState::Canceled;
        if standing.is_suspended() {
            return Ok(());
        }
        if invoice.outstanding() <= Pico::ZERO || is_over && !invoice.attempts.is_empty() {
            continue;
        }
        if let Some(attempt) = invoice.in_flight().filter(|it| it.state == AttemptState::Processing)
        {
            // What a client tries comes to nothing that this clock would hear of.
            waits |= attempt.by == TriedBy::Client;
            continue;
        }
        let reason = if is_blocked(&standing) {
            Some(Reason::CardBlocked)
        } else {
            let charged = charge(app, tenant, *id, TriedBy::Clock, None).await?;
            matches!(charged, Charged::NoMethod(_)).then_some(Reason::NoMethod)
        };
        if let Some(reason) = reason {
            miss(app, tenant, *id, reason).await?;
            if !is_over {
                return Ok(());
            }
        }
    }
    if waits { Err(Code::Unavailable.into()) } else { Ok(()) }
}

/// An invoice as it stands, once it was asked whether somebody paid it on a page.
async fn look(
    app: &App,
    tenant: Tenant,
    id: InvoiceId,
) -> Result<Option<(Standing, Invoice)>, Error> {
    let read = Standing::of_invoice(app, tenant, id).await?;
    let open = read.as_ref().and_then(|(_, it)| it.in_flight());
    let open = open.filter(|it| it.state == AttemptState::ActionRequired).map(|it| it.number);
    let Some(attempt) = open else { return Ok(read) };
    ask(app, tenant, id, attempt).await?;
    Ok(Standing::of_invoice(app, tenant, id).await?)
}

/// Whether the card that would be charged is one that its bank blocks.
fn is_blocked(standing: &Standing) -> bool {
    let blocked = standing.balance.dunning.as_ref().and_then(|it| it.blocked_card);
    blocked.is_some() && blocked == standing.wallet.default
}
