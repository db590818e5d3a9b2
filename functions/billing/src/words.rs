//! Invoices in words.

use std::borrow::Borrow;

use jiff::{SignedDuration, Timestamp};
use shared::{
    billing::{Invoice, InvoiceState, Line, LineKind, PaymentState},
    money::Pico,
    web::Text,
};

/// What a line is for.
#[must_use]
pub fn description(line: &Line, text: &Text) -> String {
    let format = text.format();
    match line.kind {
        LineKind::Usage => {
            let kind = line.ai_type.map_or("", |ai_type| ai_type.as_str());
            text.get(&format!("ai-{kind}"))
        }
        LineKind::Included => {
            let included = line.included.unwrap_or_default();
            let numbers = [("requests", included.requests), ("tokens", included.tokens)];
            let numbers = numbers.map(|(name, number)| (name, format.number(number)));
            text.filled("invoice-line-included", numbers)
        }
        LineKind::LateUsage => text.with("invoice-line-late", "month", month_of(line, text)),
        LineKind::Correction => text.with("invoice-line-correction", "month", month_of(line, text)),
        LineKind::Base => {
            let name = line.plan.as_ref().map(|it| it.name_in(text.language().code()));
            let plan = text.isolate(name.unwrap_or_default());
            let fillings = [("plan", plan), ("month", month_of(line, text))];
            text.filled("invoice-line-base", fillings)
        }
    }
}

/// The month that a line is of: most of it lies there, whatever the zone.
fn month_of(line: &Line, text: &Text) -> String {
    let middle = line.start + line.start.duration_until(line.end) / 2;
    text.format().month(&jiff::tz::TimeZone::UTC.to_datetime(middle).date())
}

/// A moment of the last day of a span that ends at one: where it ends the next day begins.
#[must_use]
pub fn last_moment(end: Timestamp) -> Timestamp {
    end - SignedDuration::from_secs(1)
}

/// An amount that is taken off.
#[must_use]
pub fn less(amount: impl Borrow<Pico>, text: &Text) -> String {
    text.money(Pico::new(-amount.borrow().get()))
}

/// Where a document stands: the chip's state and the message.
#[must_use]
pub fn document(state: InvoiceState) -> (&'static str, &'static str) {
    match state {
        InvoiceState::Draft => ("info", "invoice-state-draft"),
        InvoiceState::Open => ("info", "invoice-state-open"),
        InvoiceState::Void => ("off", "invoice-state-void"),
        InvoiceState::Uncollectible => ("off", "invoice-state-uncollectible"),
        InvoiceState::Paid => ("ok", "invoice-state-paid"),
    }
}

/// How its payment stands.
#[must_use]
pub fn payment(invoice: &Invoice) -> (&'static str, &'static str) {
    match (invoice.state, invoice.payment_state) {
        (InvoiceState::Draft | InvoiceState::Void, _) => ("off", "invoice-payment-none"),
        (_, PaymentState::Unpaid) => ("warning", "invoice-payment-unpaid"),
        (_, PaymentState::Processing) => ("info", "invoice-payment-processing"),
        (_, PaymentState::ActionRequired) => ("warning", "invoice-payment-action"),
        (_, PaymentState::Failed) => ("critical", "invoice-payment-failed"),
        (_, PaymentState::Refunded) => ("off", "invoice-payment-refunded"),
        (_, PaymentState::PartiallyRefunded) => ("ok", "invoice-payment-partly-refunded"),
        (_, PaymentState::Paid) if invoice.amount_paid == Pico::ZERO => {
            ("ok", "invoice-payment-nothing-due")
        }
        (_, PaymentState::Paid) => ("ok", "invoice-payment-paid"),
    }
}

/// A card: `Visa ••4242`.
#[must_use]
pub fn card(brand: &str, last4: &str, text: &Text) -> String {
    let brand = match brand {
        "visa" => "Visa",
        "mastercard" => "Mastercard",
        "amex" => "American Express",
        "discover" => "Discover",
        "jcb" => "JCB",
        "unionpay" => "UnionPay",
        _ => "Card",
    };
    text.isolate(&format!("{brand} ••{last4}"))
}

/// What an invoice is called: its number, or that it is a draft.
#[must_use]
pub fn name(invoice: &Invoice, text: &Text) -> String {
    match &invoice.number {
        Some(number) => text.with("invoice-named", "number", text.isolate(number)),
        None => text.get("invoice-draft-named"),
    }
}

/// A rate in percent: `15%`, `7.75%`.
#[must_use]
pub fn percent(rate: Pico, text: &Text) -> String {
    const PERCENT: i128 = 10_000_000_000;
    match u64::try_from(rate.get() / PERCENT) {
        Ok(whole) if rate.get() % PERCENT == 0 => text.percent(whole),
        _ => text.isolate(&format!("{}%", rate.times(100).unwrap_or_default())),
    }
}
