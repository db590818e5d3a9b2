//! The page of an invoice: the document as it is, and what became of it.

use std::borrow::Borrow;

use askama::Template;
use axum::{
    http::{HeaderValue, header},
    response::Response,
};
use shared::{
    app::App,
    auth::{Client, Presented},
    billing::{
        Balance, Invoice, InvoiceState, Line, PaymentState, Taxed, balance_key, invoice_key,
    },
    country::Country,
    error::{Code, Error},
    http::{PageQuery, Path},
    money::Pico,
    payments::{Attempt, AttemptState, Method, Reason, RefundedState, Wallet, wallet_key},
    table::Tenant,
    web::{Layout, Nav, render},
};

use super::Found;
use crate::words;

#[derive(Template)]
#[template(path = "one/page.html")]
struct Page {
    layout: Layout,
    invoice: Invoice,
    /// The account's cards, for whoever pays.
    wallet: Wallet,
    /// Why the last payment failed, or why the client is wanted.
    reason: Option<Reason>,
    /// Where the client pays, while a payment wants the client.
    payment_url: Option<String>,
    /// When it is charged again by itself.
    next: Option<jiff::Timestamp>,
    /// Whether somebody comes back from paying.
    is_back: bool,
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

    /// The words of why it is not paid.
    fn why(&self) -> Option<String> {
        self.reason.map(|it| self.layout.t(it.words()))
    }

    /// When it is tried again, in words.
    fn again(&self) -> String {
        match &self.next {
            Some(at) => self.layout.text.with("invoice-tried-again", "time", self.moment(at)),
            None => String::new(),
        }
    }

    fn can_be_paid(&self) -> bool {
        let on_its_way = self.invoice.payment_state == PaymentState::Processing;
        self.invoice.outstanding() > Pico::ZERO && !on_its_way
    }

    fn is_on_its_way(&self) -> bool {
        self.invoice.payment_state == PaymentState::Processing
    }

    /// Whether it has just been paid by who comes back.
    fn is_just_paid(&self) -> bool {
        self.is_back && self.invoice.state == InvoiceState::Paid
    }

    /// The button, which names the sum.
    fn pay_words(&self) -> String {
        self.layout.text.with("invoice-pay", "amount", self.money(self.invoice.outstanding()))
    }

    /// The cards to choose from, the default one chosen.
    fn cards(&self) -> Vec<(String, String, bool)> {
        let card = |it: &Method| {
            let words = words::card(&it.brand, &it.last4, &self.layout.text);
            (it.id.to_string(), words, self.wallet.default == Some(it.id))
        };
        self.wallet.methods.iter().map(card).collect()
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

    /// An attempt in words.
    fn tried(&self, attempt: &Attempt) -> String {
        let text = &self.layout.text;
        let words = match attempt.state {
            AttemptState::Processing => "invoice-happened-processing",
            AttemptState::ActionRequired => "invoice-happened-action",
            AttemptState::Succeeded => "invoice-happened-paid",
            AttemptState::Failed => "invoice-happened-failed",
        };
        let card = attempt.method.as_ref().map(|it| words::card(&it.brand, &it.last4, text));
        let reason = attempt.reason.map(|it| text.get(&it.words()));
        let fillings = [
            ("amount", text.money(attempt.amount)),
            ("card", card.unwrap_or_else(|| text.get("invoice-no-card"))),
            ("reason", reason.unwrap_or_default()),
        ];
        text.filled(words, fillings)
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
        history.extend(invoice.attempts.iter().map(|it| (it.at, self.tried(it))));
        for refund in &invoice.refunds {
            let words = match refund.state {
                RefundedState::Pending => "invoice-happened-refunding",
                RefundedState::Succeeded => "invoice-happened-refunded",
                RefundedState::Failed => "invoice-happened-refund-credit",
            };
            history.push((refund.at, text.with(words, "amount", text.money(refund.amount))));
        }
        history.extend(invoice.paid_at.map(|at| (at, text.get("invoice-happened-settled"))));
        history.sort_by_key(|(at, _)| *at);
        history.into_iter().map(|(at, words)| (text.format().moment(&at), words)).collect()
    }
}

/// How somebody comes here.
#[derive(serde::Deserialize)]
pub(crate) struct OneQuery {
    /// From paying: here, or on the provider's page.
    #[serde(default)]
    from: String,
}

/// What the page shows.
struct Read {
    found: Found,
    wallet: Wallet,
}

async fn read(app: &App, tenant: Tenant, id: &str) -> Result<Option<Read>, Error> {
    let Ok(id) = id.parse() else { return Ok(None) };
    let keys = [invoice_key(tenant, id), balance_key(tenant), wallet_key(tenant)];
    let mut items = app.table.batch(&keys, shared::table::Read::Strong).await?;
    let invoice: Option<Invoice> = items.take(&keys[0])?;
    let balance = items.take(&keys[1])?.unwrap_or_else(|| Balance::none(tenant));
    let wallet = items.take(&keys[2])?.unwrap_or_else(|| Wallet::none(tenant));
    Ok(invoice.map(|invoice| Read { found: Found { invoice, balance }, wallet }))
}

pub(crate) async fn page(
    presented: Presented,
    Path(id): Path<String>,
    PageQuery(query): PageQuery<OneQuery>,
) -> Result<Response, Error> {
    let read = async |app: &App, tenant: Tenant| read(app, tenant, &id).await;
    let (Client(signed_in), read) = presented.alongside(read).await?;
    let Read { found: Found { invoice, balance }, wallet } = read.ok_or(Code::NotFound)?;
    let (zones, now) = (&signed_in.account.zones, signed_in.app.clock.now());
    let days = (zones.day(invoice.start), zones.day(words::last_moment(invoice.end)));
    let last = invoice.attempts.last().filter(|_| invoice.outstanding() > Pico::ZERO);
    let (reason, payment_url) =
        (last.and_then(|it| it.reason), last.and_then(|it| it.payment_url(now)).map(str::to_owned));
    let next = balance.dunning.as_ref().and_then(|it| it.next_after(now));
    let next = next.filter(|_| invoice.outstanding() > Pico::ZERO);
    let layout = Layout::portal(&signed_in.context, Nav::Billing);
    let is_back = !query.from.is_empty();
    let waits = query.from == "paid" && invoice.in_flight().is_some();
    let page = Page { layout, invoice, wallet, reason, payment_url, next, is_back, days };
    let mut reply = render(&page);
    if waits {
        // The provider's word comes in a moment.
        reply.headers_mut().insert(header::REFRESH, HeaderValue::from_static("2"));
    }
    Ok(reply)
}
