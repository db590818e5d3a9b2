//! The page of the account's credit: what came, what went.

use askama::Template;
use axum::response::Response;
use shared::{
    auth::Client,
    billing::{CreditCause, Entry, EntryKind},
    error::Error,
    http::{ListQuery, PageQuery},
    money::Pico,
    web::{Layout, Nav, render},
};

use super::load;

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
        self.layout.t(match (entry.kind, entry.cause) {
            (EntryKind::CreditApplied, _) => "transaction-credit-applied",
            (EntryKind::Credit, Some(CreditCause::Returned)) => "transaction-credit-returned",
            (EntryKind::Credit, Some(CreditCause::Invoice)) => "transaction-credit-invoice",
            (EntryKind::Credit, Some(CreditCause::Granted) | None) => "transaction-credit",
        })
    }

    fn amount(&self, entry: &Entry) -> String {
        let amount = match entry.kind {
            EntryKind::Credit => entry.amount,
            EntryKind::CreditApplied => Pico::new(-entry.amount.get()),
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
