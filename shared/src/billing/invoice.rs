//! An invoice: a draft until its month can no longer be told of, then a document that never changes. What is wrong
//! with it is put right by credit notes.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Bill, CreditNote, Line, Seller, Taxed};
use crate::{
    account::Account,
    country::Country,
    id::{InvoiceId, LineId},
    money::Pico,
    payments::{Attempt, Refunded},
    random::Random,
    table::{Condition, Key, Owner, Tenant, Transaction, owned},
};

/// What the sort keys of invoices begin with.
pub const INVOICES: &str = "INVOICE#";

/// Where a document stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceState {
    /// It may still change, and has no number.
    Draft,
    /// It is out, and something is due.
    Open,
    /// It was a draft of something that came to nothing.
    Void,
    /// It is out, and nobody expects that it is ever paid.
    Uncollectible,
    /// It is out, and nothing is due any more.
    Paid,
}

impl InvoiceState {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Draft, Self::Open, Self::Void, Self::Uncollectible, Self::Paid];

    /// Its name in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Open => "open",
            Self::Void => "void",
            Self::Uncollectible => "uncollectible",
            Self::Paid => "paid",
        }
    }
}

/// How the payment of a document stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaymentState {
    /// Nothing was paid, and nobody has tried.
    Unpaid,
    /// A payment is on its way.
    Processing,
    /// A payment wants the client.
    ActionRequired,
    /// Nothing is left to be paid.
    Paid,
    /// The last payment failed.
    Failed,
    /// All that was paid went back.
    Refunded,
    /// A part of what was paid went back.
    PartiallyRefunded,
}

/// The client, as a document names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct BillTo {
    /// The company's name; empty if it gave none.
    pub company: String,
    /// Its address, as the client wrote it.
    pub address: String,
    /// Its country, ISO 3166-1.
    #[schema(value_type = Option<String>, example = "SA")]
    pub country: Option<Country>,
    /// Its tax id, as the client wrote it.
    pub tax_id: String,
}

impl BillTo {
    /// An account as it is now.
    #[must_use]
    pub fn of(account: &Account) -> Self {
        Self {
            company: account.company.clone(),
            address: account.billing_address.clone(),
            country: account.billing_country,
            tax_id: account.tax_id.clone(),
        }
    }
}

/// An invoice as it is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Invoice {
    account: Owner,
    /// Its id; invoices by id are invoices by time.
    pub id: InvoiceId,
    /// Its number in the series; a draft has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// Where it stands.
    pub state: InvoiceState,
    /// How its payment stands.
    pub payment_state: PaymentState,
    /// The first moment of what it closes.
    pub start: Timestamp,
    /// The first moment after it.
    pub end: Timestamp,
    /// Its lines.
    pub lines: Vec<Line>,
    /// Their sum.
    pub subtotal: Pico,
    /// The taxes on it.
    pub taxes: Vec<Taxed>,
    /// With taxes.
    pub total: Pico,
    /// What of it the account's credit paid.
    pub credit_applied: Pico,
    /// What is to be paid: without credit, and without what credit notes took off it.
    pub amount_due: Pico,
    /// What was paid of that.
    pub amount_paid: Pico,
    /// Who sold.
    pub seller: Seller,
    /// Who bought.
    pub bill_to: BillTo,
    /// The attempts to have it paid, the oldest first; of very many the last ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attempts: Vec<Attempt>,
    /// What went back to a card, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refunds: Vec<Refunded>,
    /// The notes that put it right, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<CreditNote>,
    /// When it was drafted.
    pub created_at: Timestamp,
    /// When it went out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finalized_at: Option<Timestamp>,
    /// When nothing was left to be paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid_at: Option<Timestamp>,
    /// Counts its changes.
    pub version: u64,
}

owned! {
    Invoice: account;
}

impl Invoice {
    /// A draft of a bill for a span of time.
    #[must_use]
    pub fn draft(
        id: InvoiceId,
        account: &Account,
        seller: &Seller,
        (start, end): (Timestamp, Timestamp),
        bill: Bill,
        (now, random): (Timestamp, &Random),
    ) -> Self {
        let mut invoice = Self {
            account: Tenant::of_record(account).owner(),
            id,
            number: None,
            state: InvoiceState::Draft,
            payment_state: PaymentState::Unpaid,
            start,
            end,
            lines: Vec::new(),
            subtotal: Pico::ZERO,
            taxes: Vec::new(),
            total: Pico::ZERO,
            credit_applied: Pico::ZERO,
            amount_due: Pico::ZERO,
            amount_paid: Pico::ZERO,
            seller: seller.clone(),
            bill_to: BillTo::of(account),
            attempts: Vec::new(),
            refunds: Vec::new(),
            notes: Vec::new(),
            created_at: now,
            finalized_at: None,
            paid_at: None,
            version: 0,
        };
        invoice.write(bill, (now, random));
        invoice
    }

    /// Writes a bill into a draft.
    fn write(&mut self, bill: Bill, (now, random): (Timestamp, &Random)) {
        let numbered = |line: Line| Line { id: Some(LineId::new(now, random)), ..line };
        self.lines = bill.lines.into_iter().map(numbered).collect();
        self.subtotal = bill.subtotal;
        self.taxes = bill.taxes;
        self.total = bill.total;
        self.credit_applied = bill.credit_applied;
        self.amount_due = bill.amount_due;
        self.version += 1;
    }

    /// Sends the draft out, with a number and as its bill is now. Where nothing is due it is paid at once.
    pub fn finalise(
        &mut self,
        bill: Bill,
        account: &Account,
        seller: &Seller,
        number: String,
        (now, random): (Timestamp, &Random),
    ) {
        self.write(bill, (now, random));
        (self.seller, self.bill_to) = (seller.clone(), BillTo::of(account));
        (self.number, self.finalized_at) = (Some(number), Some(now));
        self.state = InvoiceState::Open;
        self.settle(now);
    }

    /// The draft once what it was of has come to nothing.
    #[must_use]
    pub fn voided(&self) -> Self {
        let (state, version) = (InvoiceState::Void, self.version + 1);
        let (credit_applied, amount_due) = (Pico::ZERO, Pico::ZERO);
        Self { state, credit_applied, amount_due, version, ..self.clone() }
    }

    /// What is to be paid, as far as it is known: of a draft what it comes to by now.
    #[must_use]
    pub fn left(&self) -> Pico {
        match self.state {
            InvoiceState::Draft => self.amount_due,
            _ => self.outstanding(),
        }
    }

    /// What is still to be paid.
    #[must_use]
    pub fn outstanding(&self) -> Pico {
        match self.state {
            InvoiceState::Open => Pico::new(self.amount_due.get() - self.amount_paid.get()),
            _ => Pico::ZERO,
        }
    }

    /// What credit notes have put right so far, and the tax in it.
    #[must_use]
    pub fn credited(&self) -> (Pico, Pico) {
        self.notes.iter().fold((Pico::ZERO, Pico::ZERO), |(amount, tax), note| {
            (Pico::new(amount.get() + note.amount.get()), Pico::new(tax.get() + note.tax.get()))
        })
    }

    /// All taxes on it.
    #[must_use]
    pub fn tax(&self) -> Pico {
        Pico::new(self.total.get() - self.subtotal.get())
    }

    /// Puts it right by a note: what is due is less by it first, and what is left of it is to be given back.
    pub fn credit(&mut self, note: CreditNote, now: Timestamp) {
        self.amount_due = Pico::new(self.amount_due.get() - note.off_due.get());
        self.notes.push(note);
        self.version += 1;
        self.settle(now);
    }

    /// When what is due was due.
    #[must_use]
    pub fn due_at(&self) -> Option<Timestamp> {
        self.finalized_at
    }

    /// One of its lines.
    #[must_use]
    pub fn line(&self, id: LineId) -> Option<&Line> {
        self.lines.iter().find(|line| line.id == Some(id))
    }
}

/// Where an invoice lies.
#[must_use]
pub fn invoice_key(tenant: Tenant, id: InvoiceId) -> Key {
    Key::of(tenant, format_args!("{INVOICES}{id}"))
}

/// Where the days lie that an invoice's lines open to.
#[must_use]
pub fn opened_key(tenant: Tenant, id: InvoiceId) -> Key {
    Key::of(tenant, format_args!("OPENED#{id}"))
}

/// Adds to a transaction that an invoice is as it is now, if it was as it was read.
pub fn put_invoice<R: Clone>(
    before: Option<&Invoice>,
    after: &Invoice,
    transaction: &mut Transaction<'_, R>,
    refused: R,
) {
    let key = invoice_key(Tenant::of_record(after), after.id);
    let condition = before
        .map_or(Condition::Absent, |before| Condition::Equals("version", before.version.into()));
    transaction.put_if(&key, after, condition, refused);
}
