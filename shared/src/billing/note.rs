//! Credit notes: what puts an invoice right that is out.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Exact, Invoice, InvoiceState};
use crate::{
    audit::Actor,
    id::{CreditNoteId, InvoiceId},
    money::Pico,
};

/// An invoice has at most so many notes: they lie on it.
const MOST_NOTES: usize = 50;

/// A note as it is stored, on its invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreditNote {
    /// Its id.
    pub id: CreditNoteId,
    /// Its number in the series.
    pub number: String,
    /// The invoice that it puts right.
    pub invoice: InvoiceId,
    /// What it is for, with tax.
    pub amount: Pico,
    /// The tax in it.
    pub tax: Pico,
    /// What of it is taken off what was due; the rest is given back.
    pub off_due: Pico,
    /// Why.
    pub reason: String,
    /// Who made it.
    pub by: Actor,
    /// When.
    pub created_at: Timestamp,
}

/// Why there is no note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoteRefused {
    /// The invoice is not out.
    #[error("the invoice is not out")]
    NotOut,
    /// It is for nothing, or for a part of a cent.
    #[error("not an amount of whole cents")]
    NoAmount,
    /// It is for more than is left of the invoice.
    #[error("more than is left of the invoice")]
    TooMuch,
    /// The invoice has notes enough.
    #[error("the invoice has notes enough")]
    TooMany,
}

/// What a note of an invoice comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoteAmounts {
    /// What it is for, with tax.
    pub amount: Pico,
    /// The tax in it: the tax in all notes so far, rounded, less what the notes before have.
    pub tax: Pico,
    /// What of it is taken off what is due.
    pub off_due: Pico,
}

impl NoteAmounts {
    /// What a note for an amount, tax included, comes to.
    ///
    /// # Errors
    /// When there can be no such note.
    pub fn of(invoice: &Invoice, amount: Pico) -> Result<Self, NoteRefused> {
        let is_out = matches!(invoice.state, InvoiceState::Open | InvoiceState::Paid);
        if !is_out {
            return Err(NoteRefused::NotOut);
        }
        if amount <= Pico::ZERO || amount != amount.rounded() {
            return Err(NoteRefused::NoAmount);
        }
        let (before, taxed) = invoice.credited();
        let all = Pico::new(before.get() + amount.get());
        if all > invoice.total {
            return Err(NoteRefused::TooMuch);
        }
        if invoice.notes.len() >= MOST_NOTES {
            return Err(NoteRefused::TooMany);
        }
        let whole = invoice.total.get().unsigned_abs();
        let tax = Exact::share(invoice.tax(), all.get().unsigned_abs(), whole).rounded();
        let tax = Pico::new(tax.ok_or(NoteRefused::TooMuch)?.get() - taxed.get());
        Ok(Self { amount, tax, off_due: amount.min(invoice.outstanding()) })
    }

    /// What of it is given back.
    #[must_use]
    pub fn given_back(&self) -> Pico {
        Pico::new(self.amount.get() - self.off_due.get())
    }
}
