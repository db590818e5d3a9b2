//! Sending an invoice out: with its number, its credit taken and what is due owed.

use jiff::Timestamp;

use super::{Balance, Bill, CreditCause, Invoice, put_entry};
use crate::{account::Account, app::App, id::EntryId, money::Pico, table::Transaction};

/// Sends an invoice out by a bill, and adds to a transaction what moves of the account's money; the invoice itself
/// and the balance are the caller's to write.
pub fn send_out<R: Clone>(
    app: &App,
    (account, balance): (&Account, &mut Balance),
    invoice: &mut Invoice,
    (bill, number): (&Bill, String),
    now: Timestamp,
    transaction: &mut Transaction<'_, R>,
) {
    invoice.finalise(bill.clone(), account, &app.tax.seller, number, (now, &app.random));
    if bill.credit_applied > Pico::ZERO {
        let entry = balance.apply(EntryId::new(now, &app.random), bill.credit_applied, now);
        put_entry(&entry.of(invoice), transaction);
    }
    if bill.credit_granted > Pico::ZERO {
        let id = EntryId::new(now, &app.random);
        let entry = balance.grant(id, CreditCause::Invoice, bill.credit_granted, now);
        put_entry(&entry.of(invoice), transaction);
    }
    balance.owe(invoice, invoice.outstanding());
}
