//! The page `/billing`: what do I owe, is it paid?

use std::borrow::Borrow;

use askama::Template;
use axum::response::Response;
use shared::{
    auth::{Client, Presented},
    billing::{Bill, Invoice, InvoiceState, Line},
    error::Error,
    http::{ListQuery, PageQuery},
    money::Pico,
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
    invoices: Vec<Entry>,
    first: String,
    following: String,
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
        matches!(entry.invoice.state, InvoiceState::Open | InvoiceState::Paid)
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
    Ok(render(&Page { layout, due, credit, next, invoices: entries, first, following }))
}
