//! The page of the account's credit: what came, what went.

use askama::Template;
use axum::response::Response;
use shared::{
    auth::Client,
    billing::{CreditCause, Entry, EntryKind, EntryState},
    error::Error,
    http::{ListQuery, PageQuery},
    money::Pico,
    web::{Layout, Nav, render},
};

use super::load;
use crate::words;

#[derive(Template)]
#[template(path = "transactions/page.html")]
struct Page {
    layout: Layout,
    entries: Vec<Entry>,
    first: String,
    next: String,
}

impl Page {
    fn what(&self, entry: &Entry) -> String {
        let card = entry.method.as_ref();
        let card = card.map(|it| words::card(&it.brand, &it.last4, &self.layout.text));
        if let (EntryKind::Charge, Some(card)) = (entry.kind, card) {
            return self.layout.text.with("transaction-charge", "card", card);
        }
        self.layout.t(match (entry.kind, entry.cause) {
            (EntryKind::Charge, _) => "transaction-charge-page",
            (EntryKind::Refund, _) => "transaction-refund",
            (EntryKind::Adjustment, _) => "transaction-adjustment",
            (EntryKind::CreditApplied, _) => "transaction-credit-applied",
            (EntryKind::Credit, Some(CreditCause::Returned)) => "transaction-credit-returned",
            (EntryKind::Credit, Some(CreditCause::Invoice)) => "transaction-credit-invoice",
            (EntryKind::Credit, Some(CreditCause::Granted) | None) => "transaction-credit",
        })
    }

    /// Where a movement stands, where it is not done.
    fn state(&self, entry: &Entry) -> Option<(&'static str, &'static str)> {
        match entry.state {
            EntryState::Succeeded => None,
            EntryState::Pending => Some(("info", "transaction-pending")),
            EntryState::Failed => Some(("critical", "transaction-failed")),
        }
    }

    /// Why, in words.
    fn why(&self, entry: &Entry) -> Option<String> {
        let failure = entry.failure.map(|it| self.layout.t(it.words()));
        entry.reason.clone().or(failure)
    }

    fn amount(&self, entry: &Entry) -> String {
        let amount = match entry.kind {
            EntryKind::CreditApplied => Pico::new(-entry.amount.get()),
            _ => entry.amount,
        };
        self.layout.text.money(amount)
    }
}

pub(crate) async fn page(
    Client(signed_in): Client,
    PageQuery(query): PageQuery<ListQuery>,
) -> Result<Response, Error> {
    let path = "/billing/transactions";
    let first = if query.goes_on() { path.to_owned() } else { String::new() };
    let (entries, next) = load(&signed_in, query).await?;
    let next = next.map(|it| format!("{path}?cursor={it}")).unwrap_or_default();
    let layout = Layout::portal(&signed_in.context, Nav::Billing);
    Ok(render(&Page { layout, entries, first, next }))
}
