//! What a client owes and why: what is due, what the next invoice comes to by now, invoices whose lines open to days
//! and requests, and the account's credit. The engine that makes them is `shared::billing`.

mod invoices;
mod methods;
mod one;
mod opened;
pub mod operations;
mod overview;
mod pay;
pub mod reply;
#[cfg(feature = "testing")]
mod specimens;
mod subscription;
mod transactions;
mod word;
pub mod words;

use shared::{
    auth::{
        Access::{Client, ClientOr, ClientSudo, Public},
        Scope::{BillingWrite, Read},
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
    &[
        Setting::Table,
        Setting::PublicUrl,
        Setting::PanelSecret,
        Setting::SealingKeys,
        Setting::PaymentsUrl,
        Setting::PaymentsKey,
        Setting::PaymentsSecret,
    ],
    Trigger::Http(places! {
        Billing "/v1/billing";
        Invoices "/v1/invoices";
        OneInvoice "/v1/invoices/*";
        PaymentMethods "/v1/payment-methods";
        OnePaymentMethod "/v1/payment-methods/*";
        Subscription "/v1/subscription";
        StripeWebhook "/v1/webhooks/stripe";
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
        .post("/v1/invoices/{id}/pay", ClientOr(BillingWrite), pay::json)
        .get("/v1/payment-methods", Client, methods::json)
        .post("/v1/payment-methods", ClientSudo, methods::add::json)
        .put("/v1/payment-methods/{id}/default", Client, methods::change::default)
        .delete("/v1/payment-methods/{id}", Client, methods::change::remove)
        .get("/v1/subscription", ClientOr(Read), subscription::json)
        .get("/v1/transactions", ClientOr(Read), transactions::json)
        .post("/v1/webhooks/stripe", Public, word::json)
        .get("/billing", Client, overview::page)
        .get("/billing/methods", Client, methods::page::page)
        .post("/billing/methods", ClientSudo, methods::page::add_submit)
        .post("/billing/methods/{id}/default", Client, methods::page::default_submit)
        .post("/billing/methods/{id}/remove", Client, methods::page::remove_submit)
        .get("/billing/invoices/{id}", Client, one::page)
        .post("/billing/invoices/{id}/pay", Client, pay::submit)
        .get("/billing/invoices/{id}/lines/{line}", Client, opened::page)
        .get("/billing/transactions", Client, transactions::page)
}

/// The function's part of the API's description.
#[derive(OpenApi)]
#[openapi(paths(
    overview::json,
    invoices::json,
    one::json,
    opened::json,
    pay::json,
    methods::json,
    methods::add::json,
    methods::change::default,
    methods::change::remove,
    subscription::json,
    transactions::json,
    word::json,
))]
pub struct Api;
