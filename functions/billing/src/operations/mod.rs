//! What staff do with a client's money: credit is given, and an invoice that is out is put right by a note. Each is
//! written under the balance's version, and the client sees it.

use shared::{
    auth::{Caller, Principal},
    billing::{
        Balance, CreditCause, CreditNote, Invoice, NoteAmounts, NoteRefused, Series, balance_key,
        invoice_key, put_entry, put_invoice,
    },
    error::{Code, Conflicts, Error},
    id::{CreditNoteId, EntryId, InvoiceId},
    money::Pico,
    table::{Batch, Read},
};

/// Nobody is given more credit at once: a slip of the hand, not a kindness.
const MOST: Pico = Pico::new(1_000_000 * 1_000_000_000_000);

/// Gives a client credit, which the next invoices pay themselves from; the credit that it has then.
///
/// # Errors
/// When it is no amount of whole cents, or nobody of the company gives it.
pub async fn give_credit(caller: &Caller, amount: Pico) -> Result<Pico, Error> {
    of_company(caller)?;
    if amount <= Pico::ZERO || amount > MOST || amount != amount.rounded() {
        return Err(Error::field("amount", "amount_invalid"));
    }
    let app = &caller.app;
    let key = balance_key(caller.tenant);
    let mut conflicts = Conflicts::default();
    loop {
        let stored: Option<Balance> = app.table.get(&key, Read::Strong).await?;
        let before = stored.unwrap_or_else(|| Balance::none(caller.tenant));
        let (mut after, now) = (before.clone(), app.clock.now());
        let id = EntryId::new(now, &app.random);
        let entry = after.grant(id, CreditCause::Granted, amount, now);
        let mut transaction = app.table.transaction();
        put_entry(&entry.because(caller.actor(), caller.reason()), &mut transaction);
        after.put(&before, &mut transaction, Code::Conflict);
        match transaction.commit().await {
            Ok(()) => return Ok(after.credit),
            Err(cancelled) => conflicts.put_up_with(cancelled.into())?,
        }
    }
}

/// Puts an invoice right by a note for an amount, tax included: what is due is less by it first, and the rest is the
/// client's credit. The invoice as it is then.
///
/// # Errors
/// When there is no such invoice, the note is for more than is left of it, or nobody of the company makes it.
pub async fn credit_invoice(
    caller: &Caller,
    id: InvoiceId,
    amount: Pico,
) -> Result<Invoice, Error> {
    of_company(caller)?;
    let app = &caller.app;
    let keys =
        [invoice_key(caller.tenant, id), balance_key(caller.tenant), Series::CreditNotes.key()];
    let mut conflicts = Conflicts::default();
    loop {
        let items = app.table.batch(&keys, Read::Strong).await?;
        match note(caller, &keys, items, amount).await {
            Ok(invoice) => return Ok(invoice),
            Err(error) => conflicts.put_up_with(error)?,
        }
    }
}

async fn note(
    caller: &Caller,
    keys: &[shared::table::Key; 3],
    mut items: Batch,
    amount: Pico,
) -> Result<Invoice, Error> {
    let app = &caller.app;
    let before: Invoice = items.take(&keys[0])?.ok_or(Code::NotFound)?;
    let stored: Option<Balance> = items.take(&keys[1])?;
    let balance = stored.unwrap_or_else(|| Balance::none(caller.tenant));
    let drawn = Series::CreditNotes.among(&mut items)?;
    let amounts = NoteAmounts::of(&before, amount).map_err(refused)?;

    let now = app.clock.now();
    let (mut invoice, mut after) = (before.clone(), balance.clone());
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
    put_invoice(Some(&before), &invoice, &mut transaction, Code::Conflict);
    after.owe(Pico::new(-amounts.off_due.get()));
    if amounts.given_back() > Pico::ZERO {
        let id = EntryId::new(now, &app.random);
        let entry = after.grant(id, CreditCause::Returned, amounts.given_back(), now);
        let entry = entry.of(&invoice).because(caller.actor(), caller.reason());
        put_entry(&entry, &mut transaction);
    }
    after.put(&balance, &mut transaction, Code::Conflict);
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

/// No client moves its own money.
fn of_company(caller: &Caller) -> Result<(), Error> {
    match caller.principal {
        Principal::Staff { .. } | Principal::Schedule(_) => Ok(()),
        _ => Err(Code::Forbidden.into()),
    }
}
