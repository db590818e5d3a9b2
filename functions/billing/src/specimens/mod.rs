//! One honest request of each route of this function.

mod paying;

use shared::testing::{
    Client, Specimen,
    specimen::{Ground, Request},
};

/// All of them.
#[must_use]
pub fn specimens() -> Vec<Specimen> {
    let mut all = reading();
    all.extend(paying::specimens());
    all
}

fn reading() -> Vec<Specimen> {
    vec![
        Specimen::new("GET /v1/billing", 200, |ground: Ground| async move {
            let acme = ground.client().await;
            Request::get("/v1/billing").by(&acme.token).shows("next_invoice")
        }),
        Specimen::new("GET /v1/invoices", 200, |ground: Ground| async move {
            let billed = Billed::on(&ground).await;
            billed.get("/v1/invoices?limit=1").shows("INV-")
        }),
        Specimen::new("GET /v1/invoices/{id}", 200, |ground: Ground| async move {
            let billed = Billed::on(&ground).await;
            billed.get(&format!("/v1/invoices/{}", billed.invoice)).shows("INV-")
        }),
        Specimen::new(
            "GET /v1/invoices/{id}/lines/{line}/usage",
            200,
            |ground: Ground| async move {
                let billed = Billed::on(&ground).await;
                let path = format!("/v1/invoices/{}/lines/{}/usage", billed.invoice, billed.line);
                billed.get(&path).shows("items")
            },
        ),
        Specimen::new("GET /v1/transactions", 200, |ground: Ground| async move {
            let billed = Billed::on(&ground).await;
            billed.get("/v1/transactions").shows("credit")
        }),
        Specimen::new("GET /billing", 200, |ground: Ground| async move {
            let billed = Billed::on(&ground).await;
            billed.see("/billing").shows("INV-")
        }),
        Specimen::new("GET /billing/invoices/{id}", 200, |ground: Ground| async move {
            let billed = Billed::on(&ground).await;
            billed.see(&format!("/billing/invoices/{}", billed.invoice)).shows("INV-")
        }),
        Specimen::new(
            "GET /billing/invoices/{id}/lines/{line}",
            200,
            |ground: Ground| async move {
                let billed = Billed::on(&ground).await;
                let path = format!("/billing/invoices/{}/lines/{}", billed.invoice, billed.line);
                billed.see(&path).shows("INV-")
            },
        ),
        Specimen::new("GET /billing/transactions", 200, |ground: Ground| async move {
            let billed = Billed::on(&ground).await;
            billed.see("/billing/transactions").shows("5.00")
        }),
    ]
}

/// A client that has been billed, with one of its invoices and a line of it.
struct Billed {
    acme: Client,
    invoice: String,
    line: String,
}

impl Billed {
    async fn on(ground: &Ground) -> Self {
        let (acme, sent) = ground.billed().await;
        Self { acme, invoice: sent.invoice.to_string(), line: sent.line.to_string() }
    }

    fn get(&self, path: &str) -> Request {
        Request::get(path).by(&self.acme.token)
    }

    fn see(&self, path: &str) -> Request {
        self.get(path).header("accept", "text/html")
    }
}
