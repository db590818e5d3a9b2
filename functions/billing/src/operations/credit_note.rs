//! An invoice that is out is put right by a note: what is due is less by it first, and the rest is given back.

use shared::{
    auth::Caller,
    billing::{
        CreditCause, CreditNote, EntryKind, Invoice, NoteAmounts, NoteRefused, Series, invoice_key,
        put_entry, put_invoice,
    },
    error::{Code, Conflicts, Error},
    id::{CreditNoteId, EntryId, InvoiceId},
    money::Pico,
    payments::{Standing, close_page_soon, give_back, settle_refund},
    table::{Batch, Key, Read},
};

use super::of_company;

/// Where goes what is given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GivenBackTo {
    /// To the card that paid, as far as one did; the rest is the account's credit.
    Card,
    /// It is the account's credit.
    Credit,
}

/// Puts an invoice right by a note for an amount, tax included. The invoice as it is then.
///
/// # Errors
/// When there is no such invoice, the note is for more than is left of it, or nobody of the company makes it.
pub async fn credit_invoice(
    caller: &Caller,
    id: InvoiceId,
    amount: Pico,
    to: GivenBackTo,
) -> Result<Invoice, Error> {
    of_company(caller)?;
    let app = &caller.app;
    let mut keys = Standing::keys(caller.tenant).to_vec();
    keys.extend([invoice_key(caller.tenant, id), Series::CreditNotes.key()]);
    let mut conflicts = Conflicts::default();
    let invoice = loop {
        let items = app.table.batch(&keys, Read::Strong).await?;
        match note(caller, &keys[4], items, (amount, to)).await {
            Ok(invoice) => break invoice,
            Err(error) => conflicts.put_up_with(error)?,
        }
    };
    send_back(caller, invoice).await
}

/// Has the provider give back at once what was written down; where it does not answer, the payments worker does it.
async fn send_back(caller: &Caller, invoice: Invoice) -> Result<Invoice, Error> {
    let app = &caller.app;
    let waiting = invoice.refunds.iter().filter(|it| it.state.is_pending());
    let waiting: Vec<EntryId> = waiting.map(|it| it.id).collect();
    if waiting.is_empty() {
        return Ok(invoice);
    }
    for refund in waiting {
        if let Err(error) = settle_refund(app, caller.tenant, invoice.id, refund).await {
            tracing::warn!(invoice = %invoice.id, code = error.code.as_str(), "a refund waits");
        }
    }
    let key = invoice_key(caller.tenant, invoice.id);
    let stored: Option<Invoice> = app.table.get(&key, Read::Strong).await?;
    Ok(stored.unwrap_or(invoice))
}

async fn note(
    caller: &Caller,
    place: &Key,
    mut items: Batch,
    (amount, to): (Pico, GivenBackTo),
) -> Result<Invoice, Error> {
    let app = &caller.app;
    let before: Invoice = items.take(place)?.ok_or(Code::NotFound)?;
    let drawn = Series::CreditNotes.among(&mut items)?;
    let standing = Standing::among(caller.tenant, &mut items)?;
    let mut standing = standing.ok_or(Code::NotFound)?;
    let amounts = NoteAmounts::of(&before, amount).map_err(refused)?;

    let now = app.clock.now();
    let mut invoice = before.clone();
    let mut transaction = app.table.transaction();
    let note = CreditNote {
        id: CreditNoteId::new(now, &app.random),
        number: Series::CreditNotes.draw(drawn, &mut transaction, Code::Conflict),
        invoice: before.id,
        amount: amounts.amount,
        tax: amounts.tax,
        off_due: amounts.off_due,
        reason: caller.reason().unwrap_or_default(),
        by: caller.actor(),
        created_at: now,
    };
    invoice.credit(note, now);
    standing.balance.owe(&invoice, Pico::new(-amounts.off_due.get()));
    if amounts.off_due > Pico::ZERO {
        let id = EntryId::new(now, &app.random);
        let entry = standing.balance.entry(id, EntryKind::Adjustment, amounts.off_due, now);
        put_entry(&entry.of(&invoice).because(caller.actor(), caller.reason()), &mut transaction);
        standing.paid(app, now, &mut transaction);
        close_page_soon(app, caller.tenant, &invoice, &mut transaction);
    }
    let back = amounts.given_back();
    let to_card = match to {
        GivenBackTo::Card => give_back(app, &mut standing, &mut invoice, back, &mut transaction),
        GivenBackTo::Credit => Pico::ZERO,
    };
    let credit = Pico::new(back.get() - to_card.get());
    if credit > Pico::ZERO {
        let id = EntryId::new(now, &app.random);
        let entry = standing.balance.grant(id, CreditCause::Returned, credit, now);
        let entry = entry.of(&invoice).because(caller.actor(), caller.reason());
        put_entry(&entry, &mut transaction);
    }
    put_invoice(Some(&before), &invoice, &mut transaction, Code::Conflict);
    standing.put(&mut transaction)?;
    transaction.commit().await?;
    Ok(invoice)
}

fn refused(refused: NoteRefused) -> Error {
    match refused {
        NoteRefused::NotOut => Code::NotAllowedNow.into(),
        NoteRefused::NoAmount => Error::field("amount", "amount_invalid"),
        NoteRefused::TooMuch => Error::field("amount", "amount_too_large"),
        NoteRefused::TooMany => Code::Conflict.into(),
    }
}
