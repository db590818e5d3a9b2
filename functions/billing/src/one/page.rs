//! The page of an invoice: the document as it is, and what became of it.

use std::borrow::Borrow;

use askama::Template;
use axum::response::Response;
use shared::{
    app::App,
    auth::{Client, Presented},
    billing::{Invoice, InvoiceState, Line, Taxed},
    country::Country,
    error::{Code, Error},
    http::Path,
    money::Pico,
    table::Tenant,
    web::{Layout, Nav, render},
};

use super::find;
use crate::words;

#[derive(Template)]
#[template(path = "one/page.html")]
struct Page {
    layout: Layout,
    invoice: Invoice,
    /// The last day of what it closes, and the first.
    days: (jiff::civil::Date, jiff::civil::Date),
}

impl Page {
    fn name(&self) -> String {
        words::name(&self.invoice, &self.layout.text)
    }

    fn document(&self) -> (&'static str, &'static str) {
        words::document(self.invoice.state)
    }

    fn payment(&self) -> (&'static str, &'static str) {
        words::payment(&self.invoice)
    }

    fn description(&self, line: &Line) -> String {
        words::description(line, &self.layout.text)
    }

    /// What was used, in numbers.
    fn used(&self, line: &Line) -> String {
        let Some(used) = line.used else { return String::new() };
        let format = self.layout.text.format();
        let (requests, tokens) = (format.signed(used.requests), format.signed(used.tokens()));
        let numbers = [("requests", requests), ("tokens", tokens)];
        self.layout.text.filled("invoice-line-used", numbers)
    }

    fn money(&self, amount: impl Borrow<Pico>) -> String {
        self.layout.text.money(amount)
    }

    /// An amount that is taken off.
    fn less(&self, amount: impl Borrow<Pico>) -> String {
        words::less(amount, &self.layout.text)
    }

    fn percent(&self, taxed: &Taxed) -> String {
        words::percent(taxed.tax.rate, &self.layout.text)
    }

    fn tax_name<'a>(&self, taxed: &'a Taxed) -> &'a str {
        taxed.tax.name_in(self.layout.text.language().code())
    }

    fn country(&self, country: &Country) -> &'static str {
        country.name(self.layout.text.language())
    }

    fn is_draft(&self) -> bool {
        self.invoice.state == InvoiceState::Draft
    }

    fn is_out(&self) -> bool {
        self.invoice.finalized_at.is_some()
    }

    fn moment(&self, at: &jiff::Timestamp) -> String {
        self.layout.text.format().moment(at)
    }

    fn period(&self) -> String {
        let format = self.layout.text.format();
        let days = [("from", format.date(&self.days.0)), ("to", format.date(&self.days.1))];
        self.layout.text.filled("invoice-period", days)
    }

    /// What has happened to it, the oldest first: when and what.
    fn history(&self) -> Vec<(String, String)> {
        let (invoice, text) = (&self.invoice, &self.layout.text);
        let mut history = vec![(invoice.created_at, text.get("invoice-happened-drafted"))];
        history.extend(invoice.finalized_at.map(|at| (at, text.get("invoice-happened-out"))));
        if invoice.credit_applied > Pico::ZERO {
            let words =
                text.with("invoice-happened-credit", "amount", text.money(invoice.credit_applied));
            history.extend(invoice.finalized_at.map(|at| (at, words)));
        }
        for note in &invoice.notes {
            let fillings =
                [("number", text.isolate(&note.number)), ("amount", text.money(note.amount))];
            let words = text.filled("invoice-happened-note", fillings);
            history.push((note.created_at, words));
        }
        history.extend(invoice.paid_at.map(|at| (at, text.get("invoice-happened-settled"))));
        history.sort_by_key(|(at, _)| *at);
        history.into_iter().map(|(at, words)| (text.format().moment(&at), words)).collect()
    }
}

pub(crate) async fn page(presented: Presented, Path(id): Path<String>) -> Result<Response, Error> {
    let read = async |app: &App, tenant: Tenant| Ok(find(app, tenant, &id).await?);
    let (Client(signed_in), invoice) = presented.alongside(read).await?;
    let invoice = invoice.ok_or(Code::NotFound)?;
    let zones = &signed_in.account.zones;
    let days = (zones.day(invoice.start), zones.day(words::last_moment(invoice.end)));
    let layout = Layout::portal(&signed_in.context, Nav::Billing);
    Ok(render(&Page { layout, invoice, days }))
}
