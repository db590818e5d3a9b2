//! What a client wants to be told, and its cap.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::{Client, World, read};

use super::{ALERTS, kinds, uses};

fn default_thresholds() -> Value {
    let percents = |metric: &str| [80, 90, 100].map(|it| json!({"metric": metric, "percent": it}));
    json!([percents("requests"), percents("tokens"), percents("cost")].concat())
}

#[tokio::test]
async fn a_new_account_is_told_at_80_90_and_100_percent() {
    let world = World::start().await;
    let acme = world.client("acme").await;
    let alerts = acme.get(ALERTS).await.json();
    assert_eq!(alerts["thresholds"], default_thresholds());
    assert_eq!((&alerts["pace"], &alerts["cost_cap"]), (&json!(true), &Value::Null));
}

#[tokio::test]
async fn what_is_set_is_in_force_and_what_is_read_may_be_sent_back() {
    let world = World::start().await;
    let acme = world.client("acme").await;
    let money = |amount: &str| json!({"amount": amount, "currency": "USD"});
    let wanted = json!({
        "thresholds": [
            {"metric": "cost", "amount": money("0.01")},
            {"metric": "tokens", "percent": 1},
            {"metric": "tokens", "amount": 1_000_000},
            {"metric": "tokens", "percent": 1},
        ],
        "pace": false, "cost_cap": money("50.00"),
    });
    let put = acme.put(ALERTS, &wanted).await;
    assert_eq!(put.status, StatusCode::OK, "{}", put.text);
    let stored = acme.get(ALERTS).await.json();
    assert_eq!(
        stored["thresholds"],
        json!([
            {"metric": "tokens", "percent": 1},
            {"metric": "tokens", "amount": 1_000_000},
            {"metric": "cost", "amount": money("0.01")},
        ])
    );
    assert_eq!(stored["cost_cap"], money("50.00"));
    assert_eq!(acme.put(ALERTS, &stored).await.json()["thresholds"], stored["thresholds"]);
    uses(&world, &acme, "a", 1_000_000).await;
    assert_eq!(kinds(&acme).await, ["usage_alert", "usage_alert"], "tokens, cost");
    let cleared = acme.put(ALERTS, &json!({})).await.json();
    assert_eq!(
        (&cleared["thresholds"], &cleared["cost_cap"]),
        (&default_thresholds(), &Value::Null)
    );
}

#[tokio::test]
async fn what_is_not_valid_is_told_by_its_place_and_changes_nothing() {
    let world = World::start().await;
    let acme = world.client("acme").await;
    let threshold = |more: Value| json!({"thresholds": [more]});
    let many: Vec<_> = (1..=31).map(|it| json!({"metric": "cost", "percent": it})).collect();
    for (body, status, pointer) in [
        (threshold(json!({"metric": "cost", "percent": 0})), 422, "/thresholds/0/percent"),
        (threshold(json!({"metric": "cost", "percent": 1001})), 422, "/thresholds/0/percent"),
        (threshold(json!({"metric": "cost"})), 422, "/thresholds/0/percent"),
        (threshold(json!({"metric": "smell", "percent": 5})), 422, "/thresholds/0/metric"),
        (threshold(json!({"metric": "cost", "amount": 5})), 422, "/thresholds/0/amount"),
        (threshold(json!({"metric": "tokens", "amount": 0})), 422, "/thresholds/0/amount"),
        (
            threshold(json!({"metric": "tokens", "percent": 5, "amount": 5})),
            422,
            "/thresholds/0/amount",
        ),
        (json!({"thresholds": many}), 422, "/thresholds"),
        (json!({"cost_cap": {"amount": "0", "currency": "USD"}}), 422, "/cost_cap"),
        (json!({"cost_cap": {"amount": "-1", "currency": "USD"}}), 422, "/cost_cap"),
        (json!({"cost_cap": {"amount": "5", "currency": "EUR"}}), 422, "/cost_cap"),
        (json!({"cost_cap": {"amount": "1000000000.01", "currency": "USD"}}), 422, "/cost_cap"),
        (json!({"cap": 5}), 400, ""),
    ] {
        let reply = acme.put(ALERTS, &body).await;
        assert_eq!(reply.status.as_u16(), status, "{body}: {}", reply.text);
        if !pointer.is_empty() {
            assert_eq!(reply.json()["errors"][0]["pointer"], pointer, "{body}");
        }
    }
    let stored = acme.get(ALERTS).await.json();
    assert_eq!((&stored["thresholds"], &stored["cost_cap"]), (&default_thresholds(), &Value::Null));
}

async fn put_if(acme: &Client, version: &str, body: &Value) -> StatusCode {
    let request = acme.request(Method::PUT, ALERTS).header("if-match", version).json(body);
    read(request).await.status
}

#[tokio::test]
async fn an_old_version_is_refused_and_a_key_reads_only() {
    let world = World::start().await;
    let mut acme = world.client("acme").await;
    let etag = |reply: &tests::Reply| reply.headers["etag"].to_str().unwrap().to_owned();
    let first = etag(&acme.get(ALERTS).await);
    assert_eq!(put_if(&acme, &first, &json!({"pace": false})).await, StatusCode::OK);
    assert_eq!(
        put_if(&acme, &first, &json!({"pace": true})).await,
        StatusCode::PRECONDITION_FAILED
    );
    assert_eq!(acme.get(ALERTS).await.json()["pace"], false);
    acme.elevate().await;
    let key = json!({"name": "x", "scopes": ["read", "billing:write", "inference"]});
    let key = acme.post("/v1/api-keys", &key).await.json()["secret"].as_str().unwrap().to_owned();
    let with_key = |method| world.request(method, ALERTS).bearer_auth(&key);
    assert_eq!(read(with_key(Method::GET)).await.status, StatusCode::OK);
    let put = read(with_key(Method::PUT).json(&json!({"pace": true}))).await;
    assert_eq!(put.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn the_form_keeps_what_was_typed_and_takes_the_digits_of_any_keyboard() {
    let world = World::start().await;
    let acme = world.client("acme").await;
    let post = async |fields: &[(&str, &str)]| {
        let all = [
            "requests_percents",
            "requests_amounts",
            "tokens_percents",
            "tokens_amounts",
            "cost_percents",
            "cost_amounts",
            "cost_cap",
        ];
        let value = |name: &str| fields.iter().find(|it| it.0 == name).map_or("", |it| it.1);
        let form: Vec<_> = all.iter().map(|name| (*name, value(name))).collect();
        let request = acme.request(Method::POST, "/usage/alerts");
        read(request.header("sec-fetch-site", "same-origin").form(&form)).await
    };
    let wrong = post(&[("tokens_percents", "80, lots"), ("cost_cap", "12.50")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text.contains("80, lots") && wrong.text.contains("12.50"));
    let done = post(&[
        ("tokens_percents", "٥٠٪، ٧٥ 80%"),
        ("cost_amounts", "$1,500 ٥٫٥٠"),
        ("cost_cap", "١٢.٥٠"),
    ])
    .await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    let stored = acme.get(ALERTS).await.json();
    assert_eq!(
        stored["thresholds"],
        json!([
            {"metric": "tokens", "percent": 50}, {"metric": "tokens", "percent": 75},
            {"metric": "tokens", "percent": 80},
            {"metric": "cost", "amount": {"amount": "5.50", "currency": "USD"}},
        {"metric": "cost", "amount": {"amount": "1500.00", "currency": "USD"}},
        ])
    );
    assert_eq!((&stored["pace"], &stored["cost_cap"]["amount"]), (&json!(false), &json!("12.50")));
}

#[tokio::test]
async fn nobody_sees_or_sets_anothers() {
    let world = World::start().await;
    let (acme, other) = (world.client("acme").await, world.client("other").await);
    let cap = json!({"cost_cap": {"amount": "5.00", "currency": "USD"}});
    acme.put(ALERTS, &cap).await;
    assert_eq!(other.get(ALERTS).await.json()["cost_cap"], Value::Null);
}
