//! One honest request of each route of this function.

use serde_json::{Value, json};
use shared::testing::{
    Client, Reply, Site, Specimen,
    specimen::{Ground, Prepared, Request, count, seen},
};

const KEYS: &str = "/v1/api-keys";
const PAGES: &str = "/security/keys";

/// All of them.
#[must_use]
pub fn specimens() -> Vec<Specimen> {
    let mut all = api();
    all.extend(pages());
    all
}

fn api() -> Vec<Specimen> {
    vec![
        Specimen::new("GET /v1/api-keys", 200, |ground: Ground| async move {
            let (acme, key) = with_a_key(&ground).await;
            Request::get(KEYS).by(&acme.token).shows(text(&key["id"]))
        }),
        Specimen::new("POST /v1/api-keys", 201, |ground: Ground| async move {
            let acme = ground.elevated().await;
            let request = Request::post(KEYS, wanted()).header("idempotency-key", &ground.name);
            request.by(&acme.token).does(move |site, reply| {
                let (acme, secret) = (acme.clone(), text(&reply.json()["secret"]));
                async move {
                    reads(&site, &secret).await && count(&site, &acme.token, KEYS).await == 1
                }
            })
        })
        .priced_as("with an idempotency key"),
        Specimen::new("PATCH /v1/api-keys/{id}", 200, |ground: Ground| async move {
            let (acme, key) = with_a_key(&ground).await;
            let request = Request::patch(one(KEYS, &key), json!({"name": "renamed"}));
            renamed(request.by(&acme.token), acme)
        })
        .seen_outside(),
        Specimen::new("POST /v1/api-keys/{id}/rotate", 200, |ground: Ground| async move {
            let (acme, key) = with_a_key(&ground).await;
            let path = format!("{}/rotate", one(KEYS, &key));
            let request = Request::post(path, json!({"grace_seconds": 0}));
            let request = request.header("idempotency-key", &ground.name).by(&acme.token);
            let old = text(&key["secret"]);
            request.does(move |site, reply| {
                let (old, new) = (old.clone(), text(&reply.json()["secret"]));
                async move { !reads(&site, &old).await && reads(&site, &new).await }
            })
        })
        .priced_as("with an idempotency key"),
        Specimen::new("DELETE /v1/api-keys/{id}", 204, |ground: Ground| async move {
            let (acme, key) = with_a_key(&ground).await;
            gone(Request::delete(one(KEYS, &key)).by(&acme.token), acme, &key)
        })
        .or_again(404)
        .seen_outside(),
        Specimen::new("POST /v1/gateway/authorize", 200, |ground: Ground| async move {
            let (_acme, key) = with_a_key(&ground).await;
            let question = json!({"api_key": key["secret"]});
            let request = Request::post("/v1/gateway/authorize", question);
            let id = key["id"].clone();
            request.by(&ground.site.service_key).does(move |_site, reply: Reply| {
                let verdict = reply.json();
                let allowed = verdict["allowed"] == true && verdict["key_id"] == id;
                async move { allowed }
            })
        })
        .priced_as("first in five minutes"),
        Specimen::new("POST /v1/gateway/release", 204, |ground: Ground| async move {
            let (acme, key) = with_a_key(&ground).await;
            let question = json!({"api_key": key["secret"]});
            let held = ground.site.post_as_service("/v1/gateway/authorize", &question).await;
            let hold = json!({"reservation_id": held.json()["reservation_id"]});
            let request = Request::post("/v1/gateway/release", hold);
            request.by(&ground.site.service_key).does(move |site, _reply| {
                let acme = acme.clone();
                async move {
                    let alerts = seen(&site, &acme.token, "/v1/usage/alerts").await.json();
                    alerts["limits"][0]["held"] == 0
                }
            })
        })
        .seen_outside(),
    ]
}

fn pages() -> Vec<Specimen> {
    vec![
        Specimen::new("GET /security/keys", 200, |ground: Ground| async move {
            let (acme, key) = with_a_key(&ground).await;
            Request::get(PAGES).by(&acme.token).shows(text(&key["id"]))
        }),
        Specimen::new("GET /security/keys/new", 200, |ground: Ground| async move {
            let acme = ground.elevated().await;
            Request::get("/security/keys/new").by(&acme.token).shows("value=\"inference\"")
        }),
        Specimen::new("POST /security/keys/new", 200, |ground: Ground| async move {
            let acme = ground.elevated().await;
            let id = "key_01kapx0000000000000000000b";
            let fields = [("id", id), ("name", "nightly"), ("scopes", "read")];
            let request = Request::form("/security/keys/new", &fields).by(&acme.token);
            request.does(move |site, _reply| {
                let acme = acme.clone();
                async move { count(&site, &acme.token, KEYS).await == 1 }
            })
        })
        // Sent again it leads to the key that it made.
        .or_again(303)
        .seen_outside(),
        Specimen::new("GET /security/keys/{id}", 200, |ground: Ground| async move {
            let (acme, key) = with_a_key(&ground).await;
            Request::get(one(PAGES, &key)).by(&acme.token).shows(text(&key["last4"]))
        }),
        Specimen::new("POST /security/keys/{id}/rotate", 200, |ground: Ground| async move {
            let (acme, key) = with_a_key(&ground).await;
            let fields = [("grace_seconds", "0"), ("version", "1")];
            let request = Request::form(format!("{}/rotate", one(PAGES, &key)), &fields);
            let old = text(&key["secret"]);
            request.by(&acme.token).does(move |site, _reply| {
                let old = old.clone();
                async move { !reads(&site, &old).await }
            })
        })
        // It is of another version then.
        .or_again(303)
        .seen_outside(),
        Specimen::new("POST /security/keys/{id}/revoke", 303, |ground: Ground| async move {
            let (acme, key) = with_a_key(&ground).await;
            let request = Request::form(format!("{}/revoke", one(PAGES, &key)), &[("a", "b")]);
            gone(request.by(&acme.token), acme, &key)
        })
        .or_again(404)
        .seen_outside(),
    ]
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn wanted() -> Value {
    json!({"name": "nightly", "scopes": ["read", "inference"]})
}

fn one(list: &str, key: &Value) -> String {
    format!("{list}/{}", text(&key["id"]))
}

async fn with_a_key(ground: &Ground) -> (Client, Value) {
    let acme = ground.elevated().await;
    let made = acme.post(KEYS, &wanted()).await;
    (acme, made.json())
}

/// Whether a key may read.
async fn reads(site: &Site, key: &str) -> bool {
    seen(site, key, "/v1/dashboard").await.status.is_success()
}

fn renamed(request: Request, acme: Client) -> Prepared {
    request.does(move |site, _reply| {
        let acme = acme.clone();
        async move { seen(&site, &acme.token, KEYS).await.json()["items"][0]["name"] == "renamed" }
    })
}

fn gone(request: Request, acme: Client, key: &Value) -> Prepared {
    let secret = text(&key["secret"]);
    request.does(move |site, _reply| {
        let (acme, secret) = (acme.clone(), secret.clone());
        async move { !reads(&site, &secret).await && count(&site, &acme.token, KEYS).await == 0 }
    })
}
