//! What a client owes and why: what is due, what the next invoice comes to by now, invoices whose lines open to days
//! and requests, and the account's credit. The engine that makes them is `shared::billing`.

mod invoices;
mod one;
mod opened;
pub mod operations;
mod overview;
pub mod reply;
#[cfg(feature = "testing")]
mod specimens;
mod transactions;
pub mod words;

use shared::{
    auth::{
        Access::{Client, ClientOr},
        Scope::Read,
    },
    config::Setting,
    function::{Function, Trigger},
    http::Routes,
    places,
};
use utoipa::OpenApi;

#[cfg(feature = "testing")]
pub use specimens::specimens;

/// How it is deployed.
pub const FUNCTION: Function = Function::new(
    "billing",
    &[Setting::Table, Setting::PublicUrl, Setting::PanelSecret],
    Trigger::Http(places! {
        Billing "/v1/billing";
        Invoices "/v1/invoices";
        OneInvoice "/v1/invoices/*";
        Transactions "/v1/transactions";
        BillingPage "/billing";
        BillingPages "/billing/*";
    }),
);

/// All that this function serves.
#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .get("/v1/billing", ClientOr(Read), overview::json)
        .get("/v1/invoices", ClientOr(Read), invoices::json)
        .get("/v1/invoices/{id}", ClientOr(Read), one::json)
        .get("/v1/invoices/{id}/lines/{line}/usage", ClientOr(Read), opened::json)
        .get("/v1/transactions", ClientOr(Read), transactions::json)
        .get("/billing", Client, overview::page)
        .get("/billing/invoices/{id}", Client, one::page)
        .get("/billing/invoices/{id}/lines/{line}", Client, opened::page)
        .get("/billing/transactions", Client, transactions::page)
}

/// The function's part of the API's description.
#[derive(OpenApi)]
#[openapi(paths(overview::json, invoices::json, one::json, opened::json, transactions::json))]
pub struct Api;
