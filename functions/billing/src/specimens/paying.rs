//! One honest request of each route by which a client pays.

use serde_json::json;
use shared::{
    id::{InvoiceId, MethodId},
    testing::{
        Client, Specimen, paid,
        specimen::{Ground, Prepared, Request, count, seen},
    },
};

pub(super) fn specimens() -> Vec<Specimen> {
    let mut all = api();
    all.extend(pages());
    all
}

fn api() -> Vec<Specimen> {
    vec![
        Specimen::new("POST /v1/invoices/{id}/pay", 200, |ground: Ground| async move {
            let (acme, _, invoice) = ground.owing(paid::PAYS).await;
            let request = Request::post(format!("/v1/invoices/{invoice}/pay"), json!({}));
            let request = request.header("idempotency-key", &ground.name);
            is_paid(request.by(&acme.token), acme, invoice)
        })
        .or_again(409)
        .seen_outside()
        .priced_as("with an idempotency key"),
        Specimen::new("GET /v1/payment-methods", 200, |ground: Ground| async move {
            let (acme, [first, _]) = ground.with_cards().await;
            Request::get(METHODS).by(&acme.token).shows(first.to_string())
        }),
        Specimen::new("POST /v1/payment-methods", 201, |ground: Ground| async move {
            let acme = ground.elevated().await;
            let request = Request::post(METHODS, json!({})).header("idempotency-key", &ground.name);
            request.by(&acme.token).does(move |site, _reply| {
                let acme = acme.clone();
                async move { count(&site, &acme.token, METHODS).await == 1 }
            })
        })
        .priced_as("with an idempotency key"),
        Specimen::new("PUT /v1/payment-methods/{id}/default", 204, |ground: Ground| async move {
            let (acme, [_, second]) = ground.with_cards().await;
            let path = format!("{METHODS}/{second}/default");
            is_default(Request::put(path, json!({})).by(&acme.token), acme, second)
        })
        .seen_outside(),
        Specimen::new("DELETE /v1/payment-methods/{id}", 204, |ground: Ground| async move {
            let (acme, [_, second]) = ground.with_cards().await;
            let path = format!("{METHODS}/{second}");
            is_alone(Request::delete(path).by(&acme.token), acme)
        })
        .or_again(404)
        .seen_outside(),
        Specimen::new("GET /v1/subscription", 200, |ground: Ground| async move {
            let acme = ground.client().await;
            Request::get("/v1/subscription").by(&acme.token).shows("\"payment\"")
        }),
        Specimen::new("POST /v1/webhooks/stripe", 200, |ground: Ground| async move {
            let (word, signature) = ground.provider_word().await;
            let request = Request::post("/v1/webhooks/stripe", word);
            // What comes of it would come by the bank's own word as well: that it was taken is what can be seen.
            request.header("stripe-signature", signature).does(move |_site, reply| {
                let taken = !reply.header("x-request-id").is_empty();
                async move { taken }
            })
        })
        .not_told_again(),
    ]
}

fn pages() -> Vec<Specimen> {
    vec![
        Specimen::new("GET /billing/methods", 200, |ground: Ground| async move {
            let (acme, [first, _]) = ground.with_cards().await;
            let request = Request::get("/billing/methods").by(&acme.token);
            request.header("accept", "text/html").shows(first.to_string())
        }),
        Specimen::new("POST /billing/methods", 200, |ground: Ground| async move {
            let acme = ground.elevated().await;
            Request::form("/billing/methods", &[]).by(&acme.token).does(move |site, _reply| {
                let acme = acme.clone();
                async move { count(&site, &acme.token, METHODS).await >= 1 }
            })
        })
        .seen_outside(),
        Specimen::new("POST /billing/methods/{id}/default", 303, |ground: Ground| async move {
            let (acme, [_, second]) = ground.with_cards().await;
            let path = format!("/billing/methods/{second}/default");
            is_default(Request::form(path, &[]).by(&acme.token), acme, second)
        })
        .seen_outside(),
        Specimen::new("POST /billing/methods/{id}/remove", 303, |ground: Ground| async move {
            let (acme, [_, second]) = ground.with_cards().await;
            let path = format!("/billing/methods/{second}/remove");
            is_alone(Request::form(path, &[]).by(&acme.token), acme)
        })
        .seen_outside(),
        Specimen::new("POST /billing/invoices/{id}/pay", 303, |ground: Ground| async move {
            let (acme, _, invoice) = ground.owing(paid::PAYS).await;
            let path = format!("/billing/invoices/{invoice}/pay");
            let request = Request::form(path, &[("method", "")]);
            is_paid(request.by(&acme.token), acme, invoice)
        })
        .seen_outside(),
    ]
}

const METHODS: &str = "/v1/payment-methods";

/// The invoice is paid, by one payment.
fn is_paid(request: Request, acme: Client, invoice: InvoiceId) -> Prepared {
    request.does(move |site, _reply| {
        let acme = acme.clone();
        async move {
            let told = seen(&site, &acme.token, &format!("/v1/invoices/{invoice}")).await.json();
            let attempts = told["attempts"].as_array().map_or(0, Vec::len);
            told["payment_state"] == "paid" && attempts == 1
        }
    })
}

/// A card is the one that is charged.
fn is_default(request: Request, acme: Client, card: MethodId) -> Prepared {
    request.does(move |site, _reply| {
        let acme = acme.clone();
        async move {
            let list = seen(&site, &acme.token, METHODS).await.json();
            let mut items = list["items"].as_array().cloned().unwrap_or_default();
            items.retain(|it| it["default"] == true);
            items.len() == 1 && items[0]["id"] == card.to_string()
        }
    })
}

/// One card is left.
fn is_alone(request: Request, acme: Client) -> Prepared {
    request.does(move |site, _reply| {
        let acme = acme.clone();
        async move { count(&site, &acme.token, METHODS).await == 1 }
    })
}
