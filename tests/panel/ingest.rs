//! The way in of usage events.

use jiff::{SignedDuration, Timestamp};
use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};
use tests::{Client, Reply, World, read};

async fn send(world: &World, kind: &str, body: String) -> Reply {
    let request = world
        .request(Method::POST, "/v1/usage/events")
        .bearer_auth(&world.panel.people.service_key)
        .header(header::CONTENT_TYPE, kind)
        .body(body);
    read(request).await
}

fn at(client: &Client, world: &World, id: &str, shift: SignedDuration) -> Value {
    let mut event = client.event(id);
    let time: Timestamp = world.panel.app.clock.now() + shift;
    event["time"] = json!(time.to_string());
    event
}

#[tokio::test]
async fn each_bad_event_is_named_with_its_reason_and_the_good_ones_count() {
    let world = World::start().await;
    let acme = world.client("acme").await;
    let with = |path: &str, value: Value| {
        let mut event = acme.event("bad");
        *event.pointer_mut(path).unwrap() = value;
        event
    };
    let long = "x".repeat(129);
    let events = [
        acme.event("good-1"),
        with("/specversion", json!("0.3")),
        with("/type", json!("ai.other")),
        with("/subject", json!("acc_nobody")),
        with("/id", json!(long)),
        with("/data/input_tokens", json!(-1)),
        with("/data/input_tokens", json!(1_000_000_000_001u64)),
        at(&acme, &world, "old", -SignedDuration::from_hours(35 * 24 + 1)),
        at(&acme, &world, "future", SignedDuration::from_mins(6)),
        json!("no event"),
        json!(null),
        acme.event("good-2"),
    ];
    let reply = world.report(&events).await.json();
    assert_eq!(reply["accepted"], 2);
    let rejected: Vec<(u64, &str)> = reply["rejected"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["index"].as_u64().unwrap(), it["code"].as_str().unwrap()))
        .collect();
    assert_eq!(
        rejected,
        [
            (1, "malformed"),
            (2, "malformed"),
            (3, "invalid_subject"),
            (4, "invalid_identity"),
            (5, "malformed"),
            (6, "out_of_range"),
            (7, "too_old"),
            (8, "in_the_future"),
            (9, "malformed"),
            (10, "malformed"),
        ]
    );
    world.drain().await;
    assert_eq!(acme.get("/v1/usage").await.json()["totals"]["requests"], 2);
}

#[tokio::test]
async fn data_is_an_object_and_no_list_of_its_fields() {
    let world = World::start().await;
    let acme = world.client("acme").await;
    let mut event = acme.event("listed");
    event["data"] = json!(["text", "m", 10, 20, 1, null, null, null, null, null]);
    let reply = world.report(&[event]).await.json();
    assert_eq!(reply["rejected"][0]["code"], "malformed");
}

#[tokio::test]
async fn an_event_of_an_unknown_account_is_a_dead_letter_and_its_siblings_count() {
    let world = World::start().await;
    let acme = world.client("acme").await;
    let mut foreign = acme.event("foreign");
    foreign["subject"] = json!("acc_01kapx0000000000000000000a");
    let reply = world.report(&[acme.event("good"), foreign]).await;
    assert_eq!(reply.json()["accepted"], 2);
    world.drain().await;
    assert_eq!(acme.get("/v1/usage").await.json()["totals"]["requests"], 1);
    let letters = world.panel.cloud.queues().receive("UsageDeadLetters", 10).await.unwrap();
    assert_eq!(letters.len(), 1);
    let letter: Value = serde_json::from_str(&letters[0].body).unwrap();
    assert_eq!(
        (&letter["code"], &letter["event"]["id"]),
        (&json!("unknown_account"), &json!("foreign"))
    );
}

#[tokio::test]
async fn the_body_is_what_its_type_says() {
    let world = World::start().await;
    let acme = world.client("acme").await;
    let event = acme.event("e");
    let (one, many) = (event.to_string(), json!([event]).to_string());
    let cases = [
        ("application/cloudevents+json", &one, 202),
        ("application/cloudevents-batch+json; charset=utf-8", &many, 202),
        ("application/json", &one, 202),
        ("application/json", &many, 202),
        ("application/cloudevents+json", &many, 400),
        ("application/cloudevents-batch+json", &one, 400),
        ("text/plain", &one, 415),
    ];
    for (kind, body, status) in cases {
        assert_eq!(send(&world, kind, body.clone()).await.status.as_u16(), status, "{kind} {body}");
    }
    world.drain().await;
    assert_eq!(acme.get("/v1/usage").await.json()["totals"]["requests"], 1);
}

#[tokio::test]
async fn a_field_that_is_there_twice_is_read_by_nobody() {
    let world = World::start().await;
    let acme = world.client("acme").await;
    let twice = acme.event("a").to_string().replacen('{', "{\"id\":\"b\",", 1);
    let reply = send(&world, "application/cloudevents+json", twice).await;
    assert_eq!(reply.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_thousand_events_fit_and_one_more_or_a_megabyte_does_not() {
    let world = World::start().await;
    let acme = world.client("acme").await;
    let events = |count: usize| (0..count).map(|n| acme.event(&n.to_string())).collect::<Vec<_>>();
    assert_eq!(world.report(&events(1000)).await.json()["accepted"], 1000);
    assert_eq!(world.report(&events(1001)).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    let huge = format!("[{}]", " ".repeat(1024 * 1024));
    let reply = send(&world, "application/cloudevents-batch+json", huge).await;
    assert_eq!(reply.status, StatusCode::PAYLOAD_TOO_LARGE);
    world.drain().await;
    assert_eq!(acme.get("/v1/usage").await.json()["totals"]["requests"], 1000);
}

#[tokio::test]
async fn the_largest_events_are_counted_too() {
    let world = World::start().await;
    let acme = world.client("acme").await;
    let events: Vec<Value> = (0..40)
        .map(|number| {
            let mut event = acme.event(&format!("{number:ع<128}"));
            event["source"] = json!("م".repeat(128));
            event["data"]["model"] = json!(format!("{number:x<64}"));
            event["data"]["status"] = json!("s".repeat(64));
            event["data"]["input_tokens"] = json!(1_000_000_000_000u64);
            event
        })
        .collect();
    assert_eq!(world.report(&events).await.json()["accepted"], 40);
    world.drain().await;
    let totals = acme.get("/v1/usage").await.json()["totals"].clone();
    assert_eq!(totals["input_tokens"], 40_000_000_000_000u64);
    assert_eq!(totals["cost"]["amount"], "20000000.00664");
    let models = acme.get("/v1/usage?group_by=model").await.json();
    assert_eq!(models["items"].as_array().unwrap().len(), 40);
}
