//! One honest request of each route of this function.

use serde_json::json;
use shared::testing::{
    Client, Specimen,
    specimen::{Ground, Prepared, Request, seen},
};

const ALERTS: &str = "/v1/usage/alerts";

/// All of them.
#[must_use]
pub fn specimens() -> Vec<Specimen> {
    let mut all = alerts();
    all.extend(reports());
    all
}

fn alerts() -> Vec<Specimen> {
    vec![
        Specimen::new("GET /usage/alerts", 200, |ground: Ground| async move {
            let acme = ground.client().await;
            Request::get("/usage/alerts").by(&acme.token).shows("name=\"cost_cap\"")
        }),
        Specimen::new("POST /usage/alerts", 303, |ground: Ground| async move {
            let acme = ground.client().await;
            let fields = [
                ("requests_percents", "80"),
                ("requests_amounts", ""),
                ("tokens_percents", "80, 90"),
                ("tokens_amounts", "1000"),
                ("cost_percents", ""),
                ("cost_amounts", "12.50"),
                ("cost_cap", "20"),
            ];
            is_capped(Request::form("/usage/alerts", &fields), acme)
        })
        .seen_outside(),
        Specimen::new("GET /v1/usage/alerts", 200, |ground: Ground| async move {
            let acme = ground.client().await;
            Request::get(ALERTS).by(&acme.token).shows("\"cost_cap\":null")
        }),
        Specimen::new("PUT /v1/usage/alerts", 200, |ground: Ground| async move {
            let acme = ground.client().await;
            let cap = json!({"amount": "20.00", "currency": "USD"});
            is_capped(Request::put(ALERTS, json!({"cost_cap": cap})), acme)
        })
        .seen_outside(),
    ]
}

fn is_capped(request: Request, acme: Client) -> Prepared {
    request.by(&acme.token).does(move |site, _reply| {
        let acme = acme.clone();
        async move {
            let alerts = seen(&site, &acme.token, ALERTS).await.json();
            alerts["cost_cap"]["amount"] == "20.00"
        }
    })
}

fn reports() -> Vec<Specimen> {
    vec![
        Specimen::new("GET /usage", 200, |ground: Ground| async move {
            let acme = with_an_event(&ground).await;
            Request::get("/usage?group_by=model").by(&acme.token).shows("atlas-mini")
        }),
        Specimen::new("GET /v1/usage", 200, |ground: Ground| async move {
            let acme = with_an_event(&ground).await;
            Request::get("/v1/usage?group_by=model").by(&acme.token).shows("atlas-mini")
        }),
        Specimen::new("GET /usage/requests", 200, |ground: Ground| async move {
            let acme = with_an_event(&ground).await;
            Request::get("/usage/requests").by(&acme.token).shows("atlas-mini")
        }),
        Specimen::new("GET /v1/usage/events", 200, |ground: Ground| async move {
            let acme = with_an_event(&ground).await;
            Request::get("/v1/usage/events").by(&acme.token).shows(&ground.name)
        }),
        Specimen::new("POST /v1/usage/events", 202, |ground: Ground| async move {
            let acme = ground.client().await;
            let events = json!([acme.event(&ground.name)]);
            let request = Request::post("/v1/usage/events", events).by(&ground.site.service_key);
            request.does(move |site, _reply| {
                let (acme, id) = (acme.clone(), ground.name.clone());
                async move {
                    site.drain().await;
                    let log = seen(&site, &acme.token, "/v1/usage/events").await.json();
                    let items = log["items"].as_array().cloned().unwrap_or_default();
                    items.len() == 1 && items[0]["id"] == id.as_str()
                }
            })
        })
        .seen_outside(),
    ]
}

async fn with_an_event(ground: &Ground) -> Client {
    let acme = ground.client().await;
    ground.site.report(&[acme.event(&ground.name)]).await;
    ground.site.drain().await;
    acme
}
