//! An invoice as the API tells it.

use jiff::Timestamp;
use serde::Serialize;
use shared::{
    billing::{
        Balance, Bill, BillTo, CreditNote, Invoice, InvoiceState, Line, LineKind, PaymentState,
        Seller, Taxed,
    },
    id::{CreditNoteId, InvoiceId, LineId},
    money::{CURRENCY, Money, Pico},
    payments::{Attempt, AttemptState, MethodShown, Reason, TriedBy},
    plan::{AiType, PlanRef},
    web::Text,
};

use crate::words;

/// An invoice.
#[derive(Serialize, utoipa::ToSchema)]
pub struct InvoiceReply {
    id: InvoiceId,
    /// Its number in the series, without gaps; a draft has none.
    #[schema(example = "INV-000042")]
    number: Option<String>,
    state: InvoiceState,
    payment_state: PaymentState,
    /// What it closes: `[start, end)`.
    period: SpanReply,
    /// ISO 4217.
    #[schema(example = "USD")]
    currency: &'static str,
    lines: Vec<LineReply>,
    /// The sum of the lines.
    subtotal: Money,
    taxes: Vec<TaxReply>,
    total: Money,
    /// What of the total the account's credit paid.
    credit_applied: Money,
    /// What is to be paid: the total without credit, and without what credit notes took off it.
    amount_due: Money,
    amount_paid: Money,
    seller: Seller,
    bill_to: BillTo,
    #[schema(value_type = String, format = "date-time")]
    created_at: Timestamp,
    /// When it went out.
    #[schema(value_type = Option<String>, format = "date-time")]
    finalized_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = "date-time")]
    due_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = "date-time")]
    paid_at: Option<Timestamp>,
    /// When it is charged again by itself.
    #[schema(value_type = Option<String>, format = "date-time")]
    next_attempt_at: Option<Timestamp>,
    /// Where the client pays it, while a payment wants the client.
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_url: Option<String>,
    attempts: Vec<AttemptReply>,
    credit_notes: Vec<NoteReply>,
}

/// An attempt to have it paid.
#[derive(Serialize, utoipa::ToSchema)]
struct AttemptReply {
    number: u32,
    #[schema(value_type = String, format = "date-time")]
    at: Timestamp,
    amount: Money,
    /// Who wanted it.
    by: TriedBy,
    state: AttemptState,
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<MethodShown>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<ReasonReply>,
}

/// Why it failed, or why the client is wanted.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct ReasonReply {
    code: Reason,
    /// The same in words.
    message: String,
}

impl ReasonReply {
    pub(crate) fn new(code: Reason, text: &Text) -> Self {
        Self { code, message: text.get(&code.words()) }
    }
}

/// A span of time: `[start, end)`.
#[derive(Serialize, utoipa::ToSchema)]
pub struct SpanReply {
    #[schema(value_type = String, format = "date-time")]
    start: Timestamp,
    #[schema(value_type = String, format = "date-time")]
    end: Timestamp,
}

/// A line.
#[derive(Serialize, utoipa::ToSchema)]
pub struct LineReply {
    /// Its id; lines of what is only expected have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<LineId>,
    kind: LineKind,
    /// What it is for, in the language of who asks.
    description: String,
    /// Requests, or months.
    #[serde(skip_serializing_if = "Option::is_none")]
    quantity: Option<i64>,
    /// Of a month.
    #[serde(skip_serializing_if = "Option::is_none")]
    unit_price: Option<Money>,
    /// With two decimals; below zero where it is a credit.
    amount: Money,
    period: SpanReply,
    #[serde(skip_serializing_if = "Option::is_none")]
    ai_type: Option<AiType>,
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<PlanReply>,
    /// What was used.
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<UsedReply>,
    /// The plans whose prices those are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    price_versions: Vec<PlanRef>,
}

/// The plan that a line is for, as it was.
#[derive(Serialize, utoipa::ToSchema)]
struct PlanReply {
    id: String,
    version: u32,
    name: String,
}

/// What was used; below zero where it was taken back.
#[derive(Serialize, utoipa::ToSchema)]
struct UsedReply {
    requests: i64,
    input_tokens: i64,
    output_tokens: i64,
    tokens: i64,
    /// At list prices, exact.
    cost: Money,
}

/// A tax.
#[derive(Serialize, utoipa::ToSchema)]
pub struct TaxReply {
    name: String,
    /// As a fraction.
    #[schema(value_type = String, example = "0.15")]
    rate: Pico,
    /// What it is on.
    base: Money,
    amount: Money,
    /// Whether the client pays it to its own tax office.
    reverse_charge: bool,
}

/// A note that puts an invoice right.
#[derive(Serialize, utoipa::ToSchema)]
struct NoteReply {
    id: CreditNoteId,
    #[schema(example = "CN-000007")]
    number: String,
    /// With tax.
    amount: Money,
    /// The tax in it.
    tax: Money,
    reason: String,
    #[schema(value_type = String, format = "date-time")]
    created_at: Timestamp,
}

impl InvoiceReply {
    /// As it is told in a language.
    #[must_use]
    pub fn new(invoice: Invoice, text: &Text, next: &NextAttempt) -> Self {
        let (due_at, lines) = (invoice.due_at(), line_replies(&invoice.lines, text));
        let next_attempt_at = next.of(&invoice);
        let last = invoice.attempts.last();
        let payment_url = last.and_then(|it| it.payment_url(next.now)).map(str::to_owned);
        let attempts = invoice.attempts.iter().map(|it| AttemptReply::new(it, text)).collect();
        Self {
            id: invoice.id,
            number: invoice.number,
            state: invoice.state,
            payment_state: invoice.payment_state,
            period: SpanReply { start: invoice.start, end: invoice.end },
            currency: CURRENCY,
            lines,
            subtotal: invoice.subtotal.into(),
            taxes: tax_replies(&invoice.taxes, text),
            total: invoice.total.into(),
            credit_applied: invoice.credit_applied.into(),
            amount_due: invoice.amount_due.into(),
            amount_paid: invoice.amount_paid.into(),
            seller: invoice.seller,
            bill_to: invoice.bill_to,
            created_at: invoice.created_at,
            finalized_at: invoice.finalized_at,
            due_at,
            paid_at: invoice.paid_at,
            next_attempt_at,
            payment_url,
            attempts,
            credit_notes: invoice.notes.into_iter().map(NoteReply::from).collect(),
        }
    }
}

/// When what is due is charged again by itself.
#[derive(Debug, Clone, Copy)]
pub struct NextAttempt {
    now: Timestamp,
    at: Option<Timestamp>,
}

impl NextAttempt {
    /// By an account's clock, at a moment.
    #[must_use]
    pub fn by(balance: &Balance, now: Timestamp) -> Self {
        Self { now, at: balance.dunning.as_ref().and_then(|it| it.next_after(now)) }
    }

    fn of(&self, invoice: &Invoice) -> Option<Timestamp> {
        self.at.filter(|_| invoice.outstanding() > Pico::ZERO)
    }
}

impl AttemptReply {
    fn new(attempt: &Attempt, text: &Text) -> Self {
        Self {
            number: attempt.number,
            at: attempt.at,
            amount: attempt.amount.into(),
            by: attempt.by,
            state: attempt.state,
            method: attempt.method.clone(),
            reason: attempt.reason.map(|code| ReasonReply::new(code, text)),
        }
    }
}

impl SpanReply {
    pub(crate) fn new(start: Timestamp, end: Timestamp) -> Self {
        Self { start, end }
    }
}

/// Lines as they are told in a language.
#[must_use]
pub fn line_replies(lines: &[Line], text: &Text) -> Vec<LineReply> {
    lines.iter().map(|line| LineReply::new(line, text)).collect()
}

/// The taxes of a bill as they are told in a language.
#[must_use]
pub fn tax_replies(taxes: &[Taxed], text: &Text) -> Vec<TaxReply> {
    let reply = |it: &Taxed| TaxReply {
        name: it.tax.name_in(text.language().code()).to_owned(),
        rate: it.tax.rate,
        base: it.base.into(),
        amount: it.amount.into(),
        reverse_charge: it.tax.reverse_charge,
    };
    taxes.iter().map(reply).collect()
}

impl LineReply {
    fn new(line: &Line, text: &Text) -> Self {
        let plan = line.plan.as_ref().map(|plan| PlanReply {
            id: plan.plan.id.clone(),
            version: plan.plan.version,
            name: plan.name_in(text.language().code()).to_owned(),
        });
        let usage = line.used.map(|used| UsedReply {
            requests: used.requests,
            input_tokens: used.input_tokens,
            output_tokens: used.output_tokens,
            tokens: used.tokens(),
            cost: used.cost.into(),
        });
        Self {
            id: line.id,
            kind: line.kind,
            description: words::description(line, text),
            quantity: line.used.map(|it| it.requests).or(line.plan.as_ref().map(|_| 1)),
            unit_price: line.plan.as_ref().map(|plan| plan.price.into()),
            amount: line.amount.into(),
            period: SpanReply { start: line.start, end: line.end },
            ai_type: line.ai_type,
            plan,
            usage,
            price_versions: line.prices.clone(),
        }
    }
}

impl From<CreditNote> for NoteReply {
    fn from(note: CreditNote) -> Self {
        Self {
            id: note.id,
            number: note.number,
            amount: note.amount.into(),
            tax: note.tax.into(),
            reason: note.reason,
            created_at: note.created_at,
        }
    }
}

/// What the next invoice comes to by now.
#[derive(Serialize, utoipa::ToSchema)]
pub struct ExpectedInvoice {
    /// The day on which its month ends, in the account's zone.
    #[schema(value_type = String, format = "date")]
    date: jiff::civil::Date,
    lines: Vec<LineReply>,
    subtotal: Money,
    taxes: Vec<TaxReply>,
    total: Money,
    credit_applied: Money,
    amount_due: Money,
}

impl ExpectedInvoice {
    /// A bill that comes at the end of a month.
    #[must_use]
    pub fn new(date: jiff::civil::Date, bill: &Bill, text: &Text) -> Self {
        Self {
            date,
            lines: line_replies(&bill.lines, text),
            subtotal: bill.subtotal.into(),
            taxes: tax_replies(&bill.taxes, text),
            total: bill.total.into(),
            credit_applied: bill.credit_applied.into(),
            amount_due: bill.amount_due.into(),
        }
    }
}
