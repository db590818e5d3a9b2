//! The page `/billing`: what do I owe, is it paid?

use std::borrow::Borrow;

use askama::Template;
use axum::response::Response;
use shared::{
    auth::{Client, Presented},
    billing::{Balance, Bill, Invoice, InvoiceState, Line},
    error::Error,
    http::{ListQuery, PageQuery},
    id::InvoiceId,
    money::Pico,
    payments::Reason,
    web::{Layout, Nav, render},
};

use super::read;
use crate::{invoices, words};

#[derive(Template)]
#[template(path = "overview/page.html")]
struct Page {
    layout: Layout,
    due: Pico,
    credit: Pico,
    /// What the next invoice comes to by now, and the day on which its month ends.
    next: Option<(Bill, jiff::civil::Date)>,
    /// What is overdue.
    overdue: Option<Overdue>,
    /// The card that is charged.
    card: Option<String>,
    invoices: Vec<Entry>,
    first: String,
    following: String,
}

/// Why what is due is not paid, and what happens.
struct Overdue {
    reason: Reason,
    invoice: InvoiceId,
    /// When it is tried again by itself.
    next: Option<jiff::Timestamp>,
    /// From when requests are refused.
    blocks_from: jiff::Timestamp,
    is_blocked: bool,
    /// Whether the subscription is over for it.
    is_over: bool,
}

impl Overdue {
    fn of(balance: &Balance, now: jiff::Timestamp) -> Option<Self> {
        let dunning = balance.dunning.as_ref()?;
        Some(Self {
            reason: dunning.reason,
            invoice: balance.unpaid.first().copied().unwrap_or(dunning.invoice),
            next: dunning.next_after(now),
            blocks_from: dunning.blocks_from(),
            is_blocked: dunning.blocks_from() <= now,
            is_over: dunning.is_over,
        })
    }
}

/// An invoice of the list.
struct Entry {
    invoice: Invoice,
    month: String,
}

impl Page {
    fn money(&self, amount: impl Borrow<Pico>) -> String {
        self.layout.text.money(amount)
    }

    /// An amount that is taken off.
    fn less(&self, amount: impl Borrow<Pico>) -> String {
        words::less(amount, &self.layout.text)
    }

    fn why(&self, overdue: &Overdue) -> String {
        self.layout.t(overdue.reason.words())
    }

    /// What happens to what is overdue, in words.
    fn then(&self, overdue: &Overdue) -> Vec<String> {
        let (text, moment) = (&self.layout.text, |at| self.layout.text.format().moment(at));
        let again = overdue.next.as_ref();
        let mut then: Vec<String> = again
            .map(|at| text.with("invoice-tried-again", "time", moment(at)))
            .into_iter()
            .collect();
        then.push(match (overdue.is_over, overdue.is_blocked) {
            (true, _) => text.get("overdue-over"),
            (false, true) => text.get("overdue-blocked"),
            (false, false) => text.with("overdue-blocks", "time", moment(&overdue.blocks_from)),
        });
        then
    }

    fn is_due(&self) -> bool {
        self.due > Pico::ZERO
    }

    fn name(&self, entry: &Entry) -> String {
        words::name(&entry.invoice, &self.layout.text)
    }

    fn document(&self, entry: &Entry) -> (&'static str, &'static str) {
        words::document(entry.invoice.state)
    }

    fn payment(&self, entry: &Entry) -> (&'static str, &'static str) {
        words::payment(&entry.invoice)
    }

    fn is_out(&self, entry: &Entry) -> bool {
        !matches!(entry.invoice.state, InvoiceState::Draft | InvoiceState::Void)
    }

    fn description(&self, line: &Line) -> String {
        words::description(line, &self.layout.text)
    }

    fn on(&self, day: &jiff::civil::Date) -> String {
        self.layout.text.with("billing-next-on", "day", self.layout.text.format().date(day))
    }
}

pub(crate) async fn page(
    presented: Presented,
    PageQuery(query): PageQuery<ListQuery>,
) -> Result<Response, Error> {
    let goes_on = query.goes_on();
    let (Client(signed_in), stored) = presented.alongside(read).await?;
    let (listed, following) = invoices::load(&signed_in, None, query).await?;
    let (closed, bill) = stored.next(&signed_in)?;
    let layout = Layout::portal(&signed_in.context, Nav::Billing);
    let zones = &signed_in.account.zones;
    let entries = listed.into_iter().map(|invoice| {
        let last = zones.day(words::last_moment(invoice.end));
        Entry { month: layout.text.format().month(&last), invoice }
    });
    let entries = entries.collect();
    let next = (!bill.lines.is_empty()).then(|| (bill, closed.end()));
    let first = if goes_on { "/billing".to_owned() } else { String::new() };
    let following = following.map(|it| format!("/billing?cursor={it}")).unwrap_or_default();
    let (due, credit) = (stored.balance.due, stored.balance.credit);
    let overdue = Overdue::of(&stored.balance, signed_in.app.clock.now());
    let card = stored.wallet.default_method();
    let card = card.map(|it| words::card(&it.brand, &it.last4, &layout.text));
    let invoices = entries;
    let page = Page { layout, due, credit, next, overdue, card, invoices, first, following };
    Ok(render(&page))
}
