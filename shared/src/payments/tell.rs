//! Who is told what became of a payment.

use super::{MethodShown, Reason, RefundedState, Standing};
use crate::{
    app::App,
    billing::Invoice,
    error::Code,
    money::Pico,
    notify::{Filling, Notice, NoticeKind, Words, notify},
    table::Transaction,
};

fn tell(
    app: &App,
    standing: &Standing,
    (kind, words): (NoticeKind, Words),
    path: String,
    transaction: &mut Transaction<'_, Code>,
) {
    let Some(owner) = standing.account.owner() else { return };
    let notice = Notice::new(standing.tenant, owner, kind, words, app.clock.now());
    notify(app, notice.about(path), transaction);
}

fn named(words: &str, invoice: &Invoice) -> Words {
    let number = invoice.number.clone().unwrap_or_default();
    Words::new(words).with("number", Filling::Written(number))
}

fn path(invoice: &Invoice) -> String {
    format!("/billing/invoices/{}", invoice.id)
}

/// It was paid.
pub(super) fn paid(
    app: &App,
    standing: &Standing,
    invoice: &Invoice,
    (amount, method): (Pico, Option<MethodShown>),
    transaction: &mut Transaction<'_, Code>,
) {
    let words = named(if method.is_some() { "invoice-paid" } else { "invoice-paid-page" }, invoice);
    let words = words.with("amount", Filling::Money(amount));
    let words = match method {
        Some(method) => words.with("card", Filling::Written(method.last4)),
        None => words,
    };
    tell(app, standing, (NoticeKind::InvoicePaid, words), path(invoice), transaction);
}

/// It was not, why, and when it is tried again.
pub(super) fn failed(
    app: &App,
    standing: &Standing,
    invoice: &Invoice,
    reason: Reason,
    transaction: &mut Transaction<'_, Code>,
) {
    let next = standing.balance.dunning.as_ref().and_then(|it| it.next_after(app.clock.now()));
    let words = if next.is_some() { "payment-failed" } else { "payment-failed-last" };
    let words = named(words, invoice)
        .with("amount", Filling::Money(invoice.outstanding()))
        .with("reason", Filling::Message(reason.words()));
    let words = match next {
        Some(next) => words.with("day", Filling::Day(standing.account.zones.day(next))),
        None => words,
    };
    tell(app, standing, (NoticeKind::PaymentFailed, words), path(invoice), transaction);
}

/// The card's bank wants to ask its owner.
pub(super) fn wanted(
    app: &App,
    standing: &Standing,
    invoice: &Invoice,
    transaction: &mut Transaction<'_, Code>,
) {
    let words = named("payment-action", invoice);
    let words = words.with("amount", Filling::Money(invoice.outstanding()));
    tell(app, standing, (NoticeKind::PaymentAction, words), path(invoice), transaction);
}

/// The last try is over, and the subscription with it.
pub(super) fn canceled(app: &App, standing: &Standing, transaction: &mut Transaction<'_, Code>) {
    let words = Words::new("subscription-unpaid");
    let words = words.with("due", Filling::Money(standing.balance.due));
    tell(app, standing, (NoticeKind::Subscription, words), "/billing".to_owned(), transaction);
}

/// Money went back, to the card or to the credit.
pub(super) fn refunded(
    app: &App,
    standing: &Standing,
    invoice: &Invoice,
    (amount, state): (Pico, RefundedState),
    transaction: &mut Transaction<'_, Code>,
) {
    let words = if state == RefundedState::Failed { "refund-credit" } else { "refund" };
    let words = named(words, invoice).with("amount", Filling::Money(amount));
    tell(app, standing, (NoticeKind::Refund, words), path(invoice), transaction);
}

/// A card's last month is near.
pub(super) fn expiring(
    app: &App,
    standing: &Standing,
    method: &MethodShown,
    month: jiff::civil::Date,
    transaction: &mut Transaction<'_, Code>,
) {
    let words = Words::new("card-expiring")
        .with("card", Filling::Written(method.last4.clone()))
        .with("month", Filling::Month(month));
    let path = "/billing/methods".to_owned();
    tell(app, standing, (NoticeKind::CardExpiring, words), path, transaction);
}
