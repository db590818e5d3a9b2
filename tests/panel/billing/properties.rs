//! Taxes, credit and notes to the cent, whatever the amounts.

use proptest::prelude::*;
use serde_json::{Value, json};
use shared::{
    audit::Actor,
    billing::{CreditNote, Invoice, NoteAmounts, NoteRefused},
    id::{AccountId, CreditNoteId, InvoiceId, UserId},
    money::Pico,
};

use super::oracle::cents;

const NOW: &str = "2026-11-01T12:00:00Z";

/// An invoice that is out, of a subtotal and a tax in cents; a part of it is due, and the rest was paid from credit.
fn invoice(subtotal: i64, tax: i64, due: i64) -> Invoice {
    let money = |amount: i64| Value::String(cents(amount).to_string());
    let stored = json!({
        "account": AccountId::from_bytes([1; 16]), "id": InvoiceId::from_bytes([2; 16]),
        "number": "INV-000001", "state": if due > 0 { "open" } else { "paid" },
        "payment_state": "unpaid", "start": NOW, "end": NOW, "lines": [],
        "subtotal": money(subtotal), "taxes": [], "total": money(subtotal + tax),
        "credit_applied": money(subtotal + tax - due), "amount_due": money(due),
        "amount_paid": "0.00",
        "seller": {"name": "Us", "address": [], "country": "AE", "tax_id": "", "email": ""},
        "bill_to": {"company": "", "address": "", "country": null, "tax_id": ""},
        "created_at": NOW, "finalized_at": NOW, "version": 1,
    });
    serde_json::from_value(stored).unwrap()
}

fn note(invoice: &Invoice, amounts: NoteAmounts) -> CreditNote {
    CreditNote {
        id: CreditNoteId::from_bytes([3; 16]),
        number: "CN-000001".to_owned(),
        invoice: invoice.id,
        amount: amounts.amount,
        tax: amounts.tax,
        off_due: amounts.off_due,
        reason: "wrong".to_owned(),
        by: Actor::Link { id: UserId::from_bytes([4; 16]) },
        created_at: NOW.parse().unwrap(),
    }
}

/// An amount in cents.
fn whole(amount: Pico) -> i64 {
    i64::try_from(amount.get() / cents(1).get()).unwrap()
}

/// The tax in so many cents of an invoice, in cents, half a cent up.
fn tax_in(credited: i64, tax: i64, total: i64) -> i64 {
    let (credited, tax, total) = (i128::from(credited), i128::from(tax), i128::from(total));
    i64::try_from((2 * credited * tax + total) / (2 * total)).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn notes_add_up_to_their_invoice_and_never_past_it(
        subtotal in 1_i64..1_000_000,
        percent in 0_i64..30,
        part in 0_i64..=100,
        amounts in prop::collection::vec(1_i64..400_000, 1..12),
    ) {
        let tax = (subtotal * percent + 50) / 100;
        let (total, due) = (subtotal + tax, (subtotal + tax) * part / 100);
        let mut invoice = invoice(subtotal, tax, due);
        let (mut credited, mut off, mut back) = (0, 0, 0);
        // What is left is asked for last: all of it is credited then.
        for amount in amounts.into_iter().chain([i64::MAX]) {
            let room = total - credited;
            let amount = if amount == i64::MAX { room } else { amount };
            let refused = match NoteAmounts::of(&invoice, cents(amount)) {
                Ok(amounts) => {
                    credited += amount;
                    off += whole(amounts.off_due);
                    back += whole(amounts.given_back());
                    let note = note(&invoice, amounts);
                    invoice.credit(note, NOW.parse().unwrap());
                    None
                }
                Err(refused) => Some(refused),
            };
            prop_assert_eq!(refused == Some(NoteRefused::TooMuch), amount > room);
            prop_assert!(credited <= total);
            let (sum, taxed) = invoice.credited();
            prop_assert_eq!(sum, cents(credited));
            prop_assert_eq!(taxed, cents(tax_in(credited, tax, total)));
            // What is due goes first.
            prop_assert_eq!((off, back), (credited.min(due), (credited - due).max(0)));
            prop_assert_eq!(invoice.outstanding(), cents(due - off));
            prop_assert_eq!(invoice.state.as_str() == "paid", off == due);
        }
        prop_assert_eq!(invoice.credited(), (cents(total), cents(tax)));
    }

    #[test]
    fn a_part_of_a_cent_is_no_note(part in 1_i128..10_000_000_000) {
        let refused = NoteAmounts::of(&invoice(100, 15, 115), Pico::new(part));
        prop_assert_eq!(refused, Err(NoteRefused::NoAmount));
    }
}
