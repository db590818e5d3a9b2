//! Usage by time and by group.

use jiff::{SignedDuration, Timestamp, ToSpan as _};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use shared::{table::Tenant, usage::instance_key};
use tests::{Client, World, read};

/// A panel at a known moment: the middle of a month, at half past an hour.
async fn at(moment: &str) -> World {
    let world = World::start().await;
    let moment: Timestamp = moment.parse().unwrap();
    let ahead = moment.duration_since(world.panel.app.clock.now());
    world.panel.app.clock.advance(ahead);
    world
}

fn event(client: &Client, id: &str, time: &str) -> Value {
    let mut event = client.event(id);
    event["time"] = json!(time);
    event
}

fn requests(reply: &Value) -> Vec<(String, u64)> {
    let items = reply["items"].as_array().unwrap().iter();
    items
        .map(|item| {
            let key = item["key"].as_str().map_or(String::new(), |key| format!(" {key}"));
            let start = item["start"].as_str().unwrap();
            (format!("{start}{key}"), item["requests"].as_u64().unwrap())
        })
        .collect()
}

fn rows(expected: &[(&str, u64)]) -> Vec<(String, u64)> {
    expected.iter().map(|(start, count)| ((*start).to_owned(), *count)).collect()
}

#[tokio::test]
async fn the_accounts_midnight_decides_the_day_from_the_next_period_on() {
    let world = at("2027-03-20T12:00:00Z").await;
    let acme = world.client("acme").await;
    let changed = acme.patch("/v1/profile", &json!({"time_zone": "Africa/Cairo"})).await;
    assert_eq!(changed.json()["time_zone"], "Africa/Cairo");
    assert_eq!(acme.get("/v1/dashboard").await.json()["account"]["time_zone"], "UTC");
    world.report(&[event(&acme, "march", "2027-03-19T22:30:00Z")]).await;

    world.panel.app.clock.advance(SignedDuration::from_hours(24 * 20));
    assert_eq!(acme_again(&world, &acme).await["account"]["time_zone"], "Africa/Cairo");
    let acme = world.sign_in(&acme.email, tests::PASSWORD).await;
    world.report(&[event(&acme, "april", "2027-04-08T22:30:00Z")]).await;
    world.drain().await;
    let by_day = acme.get("/v1/usage?from=2027-03-01&to=2027-05-01").await.json();
    assert_eq!(requests(&by_day), rows(&[("2027-03-19", 1), ("2027-04-09", 1)]));
    let by_hour = acme.get("/v1/usage?granularity=hour&from=2027-04-09&to=2027-04-10").await.json();
    assert_eq!(requests(&by_hour), rows(&[("2027-04-08T22:00:00Z", 1)]));
}

#[tokio::test]
async fn a_zone_more_than_a_day_away_leaves_each_event_in_one_day() {
    for (old, new) in
        [("Pacific/Pago_Pago", "Pacific/Kiritimati"), ("Pacific/Kiritimati", "Pacific/Pago_Pago")]
    {
        let world = at("2026-12-20T12:00:00Z").await;
        let acme = world.client("acme").await;
        acme.patch("/v1/profile", &json!({"time_zone": old})).await;
        world.panel.app.clock.advance(SignedDuration::from_hours(24 * 20));
        let acme = world.sign_in(&acme.email, tests::PASSWORD).await;
        acme.patch("/v1/profile", &json!({"time_zone": new})).await;
        world.panel.app.clock.advance(SignedDuration::from_hours(24 * 26));
        let acme = world.sign_in(&acme.email, tests::PASSWORD).await;
        // Every second hour of six days around the change.
        let begun: Timestamp = "2027-01-29T10:30:00Z".parse().unwrap();
        let moment = |place: i64| (begun + SignedDuration::from_hours(2 * place)).to_string();
        let events: Vec<Value> =
            (0..72).map(|place| event(&acme, &format!("e{place}"), &moment(place))).collect();
        world.report(&events).await;
        world.drain().await;
        let mut found = 0;
        for from in jiff::civil::date(2027, 1, 28).series(1.day()).take(9) {
            let to = from.tomorrow().unwrap();
            let count = async |query: &str| {
                let reply = acme.get(&format!("/v1/usage{query}from={from}&to={to}")).await;
                reply.json()["totals"]["requests"].as_u64().unwrap()
            };
            let by_day = count("?").await;
            assert_eq!(count("?granularity=hour&").await, by_day, "{old} to {new}: {from}");
            let log = acme.get(&format!("/v1/usage/events?limit=100&from={from}&to={to}")).await;
            assert_eq!(log.json()["items"].as_array().unwrap().len() as u64, by_day, "{from}");
            found += by_day;
        }
        assert_eq!(found, 72, "{old} to {new}");
    }
}

async fn acme_again(world: &World, acme: &Client) -> Value {
    let again = world.sign_in(&acme.email, tests::PASSWORD).await;
    again.get("/v1/dashboard").await.json()
}

#[tokio::test]
async fn hours_days_and_months_add_up_to_the_same() {
    let world = at("2027-03-20T12:00:00Z").await;
    let acme = world.client("acme").await;
    let times = [
        "2027-02-28T23:59:59Z",
        "2027-03-01T00:00:00Z",
        "2027-03-20T11:59:59Z",
        "2027-03-20T11:00:00Z",
    ];
    let events: Vec<_> = times.iter().map(|time| event(&acme, time, time)).collect();
    world.report(&events).await;
    world.drain().await;
    let get = async |query: &str| acme.get(&format!("/v1/usage?{query}")).await.json();
    let months = get("granularity=month&from=2027-02-01&to=2027-04-01").await;
    assert_eq!(requests(&months), rows(&[("2027-02-01", 1), ("2027-03-01", 3)]));
    let partial = get("granularity=month&from=2027-02-01&to=2027-03-20").await;
    assert_eq!(requests(&partial), rows(&[("2027-02-01", 1), ("2027-03-01", 1)]));
    let hours = get("granularity=hour&from=2027-02-28&to=2027-03-21").await;
    assert_eq!(
        requests(&hours),
        rows(&[
            ("2027-02-28T23:00:00Z", 1),
            ("2027-03-01T00:00:00Z", 1),
            ("2027-03-20T11:00:00Z", 2)
        ])
    );
    let days = get("from=2027-02-01&to=2027-04-01").await;
    assert_eq!(days["totals"], months["totals"]);
    assert_eq!(days["totals"], hours["totals"]);
}

#[tokio::test]
async fn groups_are_by_type_model_key_and_instance() {
    let world = at("2027-03-20T12:00:00Z").await;
    let acme = world.client("acme").await;
    let mut acme = acme;
    acme.elevate().await;
    let made = acme.post("/v1/api-keys", &json!({"name": "x", "scopes": ["inference"]})).await;
    let key = made.json()["id"].as_str().unwrap().to_owned();
    let instance = "inst_01kapx0000000000000000000b";
    let place =
        instance_key(Tenant::at_desk(acme.account.parse().unwrap()), instance.parse().unwrap());
    world.panel.app.table.put(&place, &json!({"id": instance})).await.unwrap();
    let mut one = event(&acme, "one", "2027-03-19T10:00:00Z");
    one["data"]["api_key_id"] = json!(key);
    let mut two = event(&acme, "two", "2027-03-19T11:00:00Z");
    two["data"]["ai_type"] = json!("code");
    two["data"]["model"] = json!("vendor/forge-1");
    two["data"]["instance_id"] = json!(instance);
    two["data"]["api_key_id"] = json!(key);
    world.report(&[one, two]).await;
    world.drain().await;
    let by = async |group: &str| {
        let path = format!("/v1/usage?from=2027-03-01&to=2027-03-21&group_by={group}");
        requests(&acme.get(&path).await.json())
    };
    assert_eq!(by("ai_type").await, rows(&[("2027-03-19 code", 1), ("2027-03-19 text", 1)]));
    assert_eq!(
        by("model").await,
        rows(&[("2027-03-19 atlas-mini", 1), ("2027-03-19 vendor/forge-1", 1)])
    );
    assert_eq!(by("api_key").await, rows(&[(&format!("2027-03-19 {key}"), 2)]));
    assert_eq!(by("instance").await, rows(&[(&format!("2027-03-19 {instance}"), 1)]));
}

#[tokio::test]
async fn keys_and_instances_that_an_account_has_not_are_one_row() {
    let world = at("2027-03-20T12:00:00Z").await;
    let (mut acme, mut other) = (world.client("acme").await, world.client("other").await);
    acme.elevate().await;
    other.elevate().await;
    let key = async |client: &Client| {
        let made =
            client.post("/v1/api-keys", &json!({"name": "x", "scopes": ["inference"]})).await;
        made.json()["id"].as_str().unwrap().to_owned()
    };
    let (own, foreign) = (key(&acme).await, key(&other).await);
    let made_up = |number: usize| format!("01kapx000000000000000000{number:02}");
    let mut events = Vec::new();
    for number in 0..20 {
        let mut event = event(&acme, &format!("e{number}"), "2027-03-19T10:00:00Z");
        event["data"]["api_key_id"] = json!(format!("key_{}", made_up(number)));
        event["data"]["instance_id"] = json!(format!("inst_{}", made_up(number)));
        events.push(event);
    }
    events[0]["data"]["api_key_id"] = json!(foreign);
    events[1]["data"]["api_key_id"] = json!(own);
    world.report(&events).await;
    world.drain().await;
    // What a revoked key asked for before is still its own.
    read(acme.request(Method::DELETE, &format!("/v1/api-keys/{own}"))).await;
    let mut late = event(&acme, "late", "2027-03-19T11:00:00Z");
    late["data"]["api_key_id"] = json!(own);
    world.report(&[late]).await;
    world.drain().await;
    let by = async |group: &str| {
        let path = format!("/v1/usage?from=2027-03-01&to=2027-03-21&group_by={group}");
        requests(&acme.get(&path).await.json())
    };
    let expected = rows(&[("2027-03-19 #other", 19), (&format!("2027-03-19 {own}"), 2)]);
    assert_eq!(by("api_key").await, expected);
    assert_eq!(by("instance").await, rows(&[("2027-03-19 #other", 20)]));
}

#[tokio::test]
async fn a_question_that_has_no_answer_is_refused() {
    let world = World::start().await;
    let acme = world.client("acme").await;
    for (query, status) in [
        ("from=2026-11-01&to=2026-11-01", 422),
        ("from=yesterday", 422),
        ("from=2026-01-01&to=2026-02-02&granularity=hour", 422),
        ("from=2025-01-01&to=2026-02-06", 422),
        // Hours are kept 62 days, and a day's first ones are gone before the day is over.
        ("from=2026-09-21&to=2026-09-22&granularity=hour", 422),
        ("from=2026-09-22&to=2026-09-23&granularity=hour", 200),
        ("granularity=minute", 422),
        ("group_by=colour", 422),
        ("granularity=hour&group_by=api_key", 422),
        ("unknown=1", 400),
        ("from=2026-11-01&from=2026-11-02", 400),
    ] {
        let reply = acme.get(&format!("/v1/usage?{query}")).await;
        assert_eq!(reply.status.as_u16(), status, "{query}");
    }
    let events = acme.get("/v1/usage/events?ai_type=smell").await;
    assert_eq!(events.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        acme.get("/v1/usage/events?limit=101").await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
}

#[tokio::test]
async fn the_log_pages_through_every_event_once_newest_first() {
    let world = at("2027-03-20T12:00:00Z").await;
    let acme = world.client("acme").await;
    let mut events = Vec::new();
    for number in 0..60i64 {
        let back = SignedDuration::from_hours(5 * number);
        let time = world.panel.app.clock.now() - back;
        let mut event = event(&acme, &format!("e{number:02}"), &time.to_string());
        if number % 3 == 0 {
            event["data"]["ai_type"] = json!("code");
        }
        events.push(event);
    }
    world.report(&events).await;
    world.drain().await;
    for (filter, expected) in [("", 60), ("&ai_type=code", 20)] {
        let mut seen: Vec<String> = Vec::new();
        let mut cursor = String::new();
        for _page in 0..200 {
            let path =
                format!("/v1/usage/events?from=2027-03-01&to=2027-03-21&limit=7{filter}{cursor}");
            let page = acme.get(&path).await.json();
            let items = page["items"].as_array().unwrap();
            assert!(items.len() <= 7);
            seen.extend(items.iter().map(|item| item["id"].as_str().unwrap().to_owned()));
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        let mut sorted = seen.clone();
        sorted.sort();
        sorted.dedup();
        assert_eq!((seen.len(), &seen), (expected, &sorted), "each once, newest first{filter}");
    }
}

#[tokio::test]
async fn the_log_of_a_hot_account_reads_in_order_across_its_partitions() {
    let world = World::start().await;
    let acme = world.client("acme").await;
    let spread = shared::account::SpreadPlan::default().widened("2026-11-18".parse().unwrap());
    let spread = spread.unwrap();
    let account = acme.account.parse().unwrap();
    let key = shared::account::account_key(Tenant::at_desk(account));
    let update = shared::table::Update::new().set_serialized("spread", &spread).unwrap();
    let _written: shared::table::Written<Value> =
        world.panel.app.table.update(&key, update).await.unwrap();

    let start: Timestamp = "2026-11-22T11:00:00Z".parse().unwrap();
    let events: Vec<_> = (0..59)
        .map(|place| {
            let time = start - SignedDuration::from_mins(61 * place);
            let mut event = event(&acme, &format!("e{place:02}"), &time.to_string());
            event["data"]["ai_type"] = json!(if place % 3 == 0 { "code" } else { "text" });
            event
        })
        .collect();
    world.report(&events).await;
    world.report(&events).await;
    world.drain().await;
    assert_eq!(acme.get("/v1/dashboard").await.json()["usage"]["requests"], 59);
    let by_day = acme.get("/v1/usage?from=2026-11-20&to=2026-11-23").await.json();
    assert_eq!(
        requests(&by_day),
        rows(&[("2026-11-20", 24), ("2026-11-21", 24), ("2026-11-22", 11)])
    );
    let all: Vec<String> = (0..59).map(|place| format!("e{place:02}")).collect();
    let code: Vec<String> = all.iter().step_by(3).cloned().collect();
    for (filter, expected) in [("", all), ("&ai_type=code", code)] {
        for limit in [1, 7, 25, 100] {
            let path = format!("/v1/usage/events?from=2026-11-20&limit={limit}{filter}");
            assert_eq!(log(&acme, &path).await, expected, "{path}");
        }
    }
}

/// The ids of a log, page after page.
async fn log(client: &Client, path: &str) -> Vec<String> {
    let (mut ids, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = client.get(&format!("{path}{cursor}")).await.json();
        let items = page["items"].as_array().unwrap();
        ids.extend(items.iter().map(|item| item["id"].as_str().unwrap().to_owned()));
        let Some(next) = page["next_cursor"].as_str() else { return ids };
        cursor = format!("&cursor={next}");
    }
}

#[tokio::test]
async fn a_log_from_today_on_is_todays() {
    let world = World::start().await;
    let acme = world.client("acme").await;
    let times = ["2026-11-21T23:59:59Z", "2026-11-22T00:00:00Z"];
    world.report(&times.map(|time| event(&acme, time, time))).await;
    world.drain().await;
    assert_eq!(log(&acme, "/v1/usage/events?from=2026-11-22").await, times[1..]);
    assert_eq!(log(&acme, "/v1/usage/events?to=2026-11-22").await, times[..1]);
}
