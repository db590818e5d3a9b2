//! An invoice is given up, or a draft is voided.

use shared::{
    auth::Caller,
    billing::{EntryKind, Invoice, InvoiceState, put_entry, put_invoice},
    error::{Code, Conflicts, Error},
    id::{EntryId, InvoiceId},
    money::Pico,
    payments::{AttemptState, Standing, close_page_soon},
};

use super::of_company;

/// Gives an invoice up: nobody expects any more that it is paid, and it is no longer due. The invoice as it is then.
///
/// # Errors
/// When there is no such invoice, nothing is due on it, a payment of it is on its way, or nobody of the company does it.
pub async fn give_up(caller: &Caller, id: InvoiceId) -> Result<Invoice, Error> {
    of_company(caller)?;
    let mut conflicts = Conflicts::default();
    loop {
        match try_to_give_up(caller, id).await {
            Ok(invoice) => return Ok(invoice),
            Err(error) => conflicts.put_up_with(error)?,
        }
    }
}

async fn try_to_give_up(caller: &Caller, id: InvoiceId) -> Result<Invoice, Error> {
    let (app, now) = (&caller.app, caller.app.clock.now());
    let read = Standing::of_invoice(app, caller.tenant, id).await?;
    let (mut standing, before) = read.ok_or(Code::NotFound)?;
    let left = before.outstanding();
    let on_its_way = before.in_flight().is_some_and(|it| it.state == AttemptState::Processing);
    if before.state != InvoiceState::Open || left <= Pico::ZERO || on_its_way {
        return Err(Code::NotAllowedNow.into());
    }
    let mut invoice = before.clone();
    invoice.give_up(now);
    standing.balance.owe(&invoice, Pico::new(-left.get()));
    let mut transaction = app.table.transaction();
    let id = EntryId::new(now, &app.random);
    let entry = standing.balance.entry(id, EntryKind::Adjustment, left, now);
    put_entry(&entry.of(&invoice).because(caller.actor(), caller.reason()), &mut transaction);
    standing.paid(app, now, &mut transaction);
    close_page_soon(app, caller.tenant, &invoice, &mut transaction);
    put_invoice(Some(&before), &invoice, &mut transaction, Code::Conflict);
    standing.put(&mut transaction)?;
    transaction.commit().await?;
    Ok(invoice)
}

/// Voids a draft: what it was of is not billed. The draft as it is then.
///
/// # Errors
/// When there is no such draft, or nobody of the company does it.
pub async fn void(caller: &Caller, id: InvoiceId) -> Result<Invoice, Error> {
    of_company(caller)?;
    let app = &caller.app;
    let read = Standing::of_invoice(app, caller.tenant, id).await?;
    let (_, before) = read.ok_or(Code::NotFound)?;
    if before.state != InvoiceState::Draft {
        return Err(Code::NotAllowedNow.into());
    }
    let invoice = before.voided();
    let mut transaction = app.table.transaction();
    put_invoice(Some(&before), &invoice, &mut transaction, Code::Conflict);
    transaction.commit().await?;
    Ok(invoice)
}
