//! One honest request of each route of this function.

mod tickets;

use serde_json::{Value, json};
use shared::testing::{
    Site, Specimen, read,
    specimen::{Ground, Request, count},
};

const KEYS: &str = "/v1/admin/service-keys";

/// All of them.
#[must_use]
pub fn specimens() -> Vec<Specimen> {
    service_keys().into_iter().chain(tickets::specimens()).collect()
}

fn service_keys() -> Vec<Specimen> {
    vec![
        Specimen::new("GET /v1/admin/service-keys", 200, |ground: Ground| async move {
            let (staff, key) = with_a_key(&ground).await;
            Request::get(KEYS).by(&staff).shows(text(&key["id"]))
        }),
        Specimen::new("POST /v1/admin/service-keys", 201, |ground: Ground| async move {
            let staff = ground.staff().await.token;
            let before = count(&ground.site, &staff, &format!("{KEYS}?limit=100")).await;
            let request = Request::post(KEYS, json!({"name": "gateway"})).by(&staff);
            request.header("idempotency-key", &ground.name).does(move |site, reply| {
                let (staff, secret) = (staff.clone(), text(&reply.json()["secret"]));
                async move {
                    let after = count(&site, &staff, &format!("{KEYS}?limit=100")).await;
                    works(&site, &secret).await && after == before + 1
                }
            })
        })
        .priced_as("with an idempotency key"),
        Specimen::new("DELETE /v1/admin/service-keys/{id}", 204, |ground: Ground| async move {
            let (staff, key) = with_a_key(&ground).await;
            let secret = text(&key["secret"]);
            let request = Request::delete(format!("{KEYS}/{}", text(&key["id"]))).by(&staff);
            request.does(move |site, _reply| {
                let secret = secret.clone();
                async move { !works(&site, &secret).await }
            })
        })
        .or_again(404)
        .seen_outside(),
    ]
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

async fn with_a_key(ground: &Ground) -> (String, Value) {
    let staff = ground.staff().await;
    let made = staff.post(KEYS, &json!({"name": "gateway"})).await;
    (staff.token, made.json())
}

/// Whether the gateway is let in with a service key.
async fn works(site: &Site, key: &str) -> bool {
    let question = Request::post("/v1/gateway/authorize", json!({"api_key": "mxk_none"}));
    read(question.by(key).at(site)).await.status.is_success()
}
