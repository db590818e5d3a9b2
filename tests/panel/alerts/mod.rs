//! Alerts from outside: what a client is told of its use, once, and how its limits show.

mod replay;
mod settings;

use reqwest::StatusCode;
use serde_json::{Value, json};
use shared::{
    account::BillingPeriod,
    alerts::told_of,
    testing::{Hold, TestApp, deliveries, told, watched},
};
use tests::{Client, World};

const ALERTS: &str = "/v1/usage/alerts";

/// A client that has used so many tokens in all, and was told what there is to tell.
async fn uses(world: &World, client: &Client, id: &str, tokens: u64) {
    // What is told of one moment has no order.
    world.advance(60).await;
    let mut event = client.event(id);
    event["data"]["input_tokens"] = json!(tokens);
    event["data"]["output_tokens"] = json!(0);
    assert_eq!(world.report(&[event]).await.status, StatusCode::ACCEPTED);
    world.drain().await;
}

/// Metric and threshold of what was told, oldest first, with whether it was taken back.
async fn sent(client: &Client) -> Vec<(String, Value, bool)> {
    let alerts = client.get(ALERTS).await.json();
    let mut sent: Vec<_> = alerts["sent"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            let metric = it["metric"].as_str().unwrap().to_owned();
            (metric, it["threshold"].clone(), !it["recovered_at"].is_null())
        })
        .collect();
    sent.sort_by_key(|(metric, threshold, _)| (metric.clone(), threshold.to_string()));
    sent
}

/// The kinds of what the owner was told, oldest first.
async fn kinds(client: &Client) -> Vec<String> {
    let list = client.get("/v1/notifications?limit=100").await.json();
    let kinds = list["items"].as_array().unwrap().iter().rev();
    kinds.map(|it| it["kind"].as_str().unwrap().to_owned()).collect()
}

fn tokens(thresholds: &[(u64, bool)]) -> Vec<(String, Value, bool)> {
    let mut all: Vec<_> = thresholds
        .iter()
        .map(|(threshold, recovered)| ("tokens".to_owned(), json!(threshold), *recovered))
        .collect();
    all.sort_by_key(|(metric, threshold, _)| (metric.clone(), threshold.to_string()));
    all
}

async fn quiet_pace(client: &Client) {
    let put = client.put(ALERTS, &json!({"pace": false})).await;
    assert_eq!(put.status, StatusCode::OK, "{}", put.text);
}

#[tokio::test]
async fn each_threshold_is_told_when_it_is_reached_and_not_again() {
    let world = World::start().await;
    let acme = world.client("acme").await;
    quiet_pace(&acme).await;
    uses(&world, &acme, "a", 39_999_999).await;
    assert_eq!((sent(&acme).await, kinds(&acme).await), (vec![], vec![]), "a token below");
    uses(&world, &acme, "b", 1).await;
    assert_eq!(sent(&acme).await, tokens(&[(80, false)]), "exactly there counts");
    assert_eq!(kinds(&acme).await, ["usage_alert"]);
    uses(&world, &acme, "c", 1).await;
    assert_eq!(kinds(&acme).await, ["usage_alert"]);
    uses(&world, &acme, "d", 20_000_000).await;
    assert_eq!(sent(&acme).await, tokens(&[(80, false), (90, false), (100, false)]));
    assert_eq!(kinds(&acme).await, ["usage_alert", "limit_reached"], "the highest alone");
    let alerts = acme.get(ALERTS).await.json();
    let of_tokens = &alerts["limits"][1];
    assert_eq!(
        (&of_tokens["used"], &of_tokens["left"], &of_tokens["state"]),
        (&json!(60_000_001), &json!(0), &json!("over"))
    );
    assert_eq!(of_tokens["refused_by"], "plan");
    let mail = world.mails(&acme.email).await;
    assert!(mail.iter().any(|it| it.to_string().contains("until 1 Dec")), "until when: {mail:?}");
}

#[tokio::test]
async fn a_raised_limit_takes_back_once_and_lowering_it_again_tells_nothing() {
    let world = World::start().await;
    let acme = world.client("acme").await;
    quiet_pace(&acme).await;
    uses(&world, &acme, "a", 51_000_000).await;
    for plan in ["growth", "starter", "growth", "starter"] {
        world.advance(60).await;
        world.set_plan(&acme.account, plan).await;
        world.drain().await;
    }
    assert_eq!(sent(&acme).await, tokens(&[(80, true), (90, true), (100, true)]));
    assert_eq!(kinds(&acme).await, ["limit_reached", "recovered"]);
}

#[tokio::test]
async fn a_cap_is_the_limit_in_force_and_reaching_it_blocks() {
    let world = World::start().await;
    let acme = world.client("acme").await;
    world.set_plan(&acme.account, "growth").await;
    // A million tokens in are 0.40, and a request is a fraction of a cent.
    let cap = json!({"cost_cap": {"amount": "4.00", "currency": "USD"}, "pace": false});
    assert_eq!(acme.put(ALERTS, &cap).await.json()["limits"][2]["refused_by"], "cost_cap");
    uses(&world, &acme, "a", 9_000_000).await;
    uses(&world, &acme, "b", 1_000_000).await;
    let metrics: Vec<_> =
        sent(&acme).await.into_iter().map(|(metric, at, _)| (metric, at)).collect();
    let cost = |percent: u64| ("cost".to_owned(), json!(percent));
    assert_eq!(metrics, [cost(100), cost(80), cost(90)]);
    assert_eq!(kinds(&acme).await, ["usage_alert", "limit_reached"]);
    let dashboard = acme.get("/v1/dashboard").await.json();
    assert_eq!(dashboard["usage"]["limits"]["cost"]["amount"], "4.00");
    assert_eq!(dashboard["usage"]["state"], "over");
    let page = acme.get("/").await.text;
    assert!(page.contains("Requests are refused until") && page.contains("your own cost cap"));
    let page = acme.get("/usage/alerts").await.text;
    assert!(page.contains("Raise or remove the cap") && page.contains("Requests refused"));
}

#[tokio::test]
async fn a_soft_plan_only_tells() {
    let world = World::start().await;
    let acme = world.client("acme").await;
    world.set_plan(&acme.account, "growth").await;
    quiet_pace(&acme).await;
    uses(&world, &acme, "a", 1_000_000_000).await;
    assert_eq!(kinds(&acme).await, ["usage_alert"]);
    let page = acme.get("/").await.text;
    assert!(!page.contains("Requests are refused until"));
}

#[tokio::test]
async fn a_keys_limit_is_told_by_the_keys_name() {
    let world = World::start().await;
    let mut acme = world.client("acme").await;
    acme.elevate().await;
    let limit = json!({"amount": "1.00", "currency": "USD"});
    let key = json!({"name": "nightly", "scopes": ["inference"], "monthly_cost_limit": limit});
    let made = acme.post("/v1/api-keys", &key).await.json();
    let mut event = acme.event("a");
    event["data"]["api_key_id"] = made["id"].clone();
    event["data"]["input_tokens"] = json!(1_800_000);
    world.report(&[event.clone()]).await;
    world.drain().await;
    world.advance(60).await;
    event["id"] = json!("b");
    event["data"]["input_tokens"] = json!(300_000);
    world.report(&[event]).await;
    world.drain().await;
    let list = acme.get("/v1/notifications").await.json();
    let titles: Vec<_> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|it| it["kind"] == "key_limit")
        .map(|it| it["title"].as_str().unwrap().replace(['\u{2068}', '\u{2069}'], ""))
        .collect();
    let expected = [
        "API key nightly reached its monthly limit",
        "API key nightly: 90% of its monthly limit used",
    ];
    assert_eq!(titles, expected);
    let sent = acme.get(ALERTS).await.json()["sent"].clone();
    assert!(sent.as_array().unwrap().iter().all(|it| it["key_id"] == made["id"]), "{sent}");
    let path = format!("/v1/api-keys/{}", made["id"].as_str().unwrap());
    let higher = json!({"monthly_cost_limit": {"amount": "5.00", "currency": "USD"}});
    world.advance(60).await;
    assert_eq!(acme.patch(&path, &higher).await.status, StatusCode::OK);
    world.drain().await;
    assert!(kinds(&acme).await.contains(&"recovered".to_owned()));
}

#[tokio::test]
async fn where_the_pace_leads_is_told_once_with_its_day() {
    let world = World::start().await;
    let acme = world.client("acme").await;
    // On the 22nd at noon 21.5 of 30 days are over: 37 M become 51.6 M, and 50 M on the 30th.
    uses(&world, &acme, "a", 37_000_000).await;
    uses(&world, &acme, "b", 1_000_000).await;
    let alerts = acme.get(ALERTS).await.json();
    assert_eq!(alerts["sent"], json!([]));
    let paced = alerts["pace_sent"].as_array().unwrap();
    assert_eq!((paced.len(), &paced[0]["full_on"]), (1, &json!("2026-11-30")));
    assert_eq!(kinds(&acme).await, ["pace"]);
}

#[tokio::test]
async fn a_cap_that_is_set_to_the_plans_own_limit_is_told_as_one_that_blocks() {
    let world = World::start().await;
    let acme = world.client("acme").await;
    world.set_plan(&acme.account, "growth").await;
    quiet_pace(&acme).await;
    // 2,000.40 of 2,000.00, which only counts.
    uses(&world, &acme, "a", 900_000_000).await;
    let mut event = acme.event("b");
    event["data"]["ai_type"] = json!("video");
    event["data"]["input_tokens"] = json!(206_000_000);
    world.report(&[event]).await;
    world.drain().await;
    assert!(!kinds(&acme).await.contains(&"limit_reached".to_owned()));
    world.advance(60).await;
    let cap = json!({"cost_cap": {"amount": "2000.00", "currency": "USD"}, "pace": false});
    acme.put(ALERTS, &cap).await;
    world.drain().await;
    assert_eq!(kinds(&acme).await.last().unwrap(), "limit_reached");
    let count = kinds(&acme).await.len();
    world.advance(60).await;
    acme.put(ALERTS, &cap).await;
    world.drain().await;
    assert_eq!(kinds(&acme).await.len(), count);
}

#[tokio::test]
async fn a_busy_account_is_told_while_more_is_counted() {
    let world = TestApp::start().await;
    let scene = world.scene(world.client("acme").await);
    let due = watched::touched(&scene, 45_000_000).await;
    // More comes after the timer was moved, and while it is looked at.
    watched::touched(&scene, 1).await;
    let hold = Hold::before("TransactWriteItems");
    let looking = usage_alerts::handle(world.process(&hold.wire()), deliveries(due));
    let looking = tokio::spawn(looking);
    hold.reached().await;
    watched::touched(&scene, 5_000_000).await;
    hold.release();
    assert!(looking.await.unwrap().batch_item_failures.is_empty());
    let of_a_step = || async {
        let month = BillingPeriod::of(jiff::civil::date(2026, 11, 22));
        told_of(&world.app, world.tenant(scene.client), month).await.unwrap().len()
    };
    assert_eq!(of_a_step().await, 2, "80 and 90");
    let due = told::due(&world.app).await;
    assert_eq!(due.len(), 1, "what came meanwhile is looked at next");
    usage_alerts::handle(world.app.clone(), deliveries(due)).await;
    assert_eq!(of_a_step().await, 3);
    assert!(told::due(&world.app).await.is_empty());
}

#[tokio::test]
async fn a_crossing_that_is_seen_after_the_months_end_is_told_of_that_month() {
    let world = World::start().await;
    let acme = world.client("acme").await;
    quiet_pace(&acme).await;
    world.advance(9 * 24 * 3600 - 12 * 3600 + 600).await;
    let mut event = acme.event("late");
    event["time"] = json!("2026-11-30T23:59:00Z");
    event["data"]["input_tokens"] = json!(51_000_000);
    world.report(&[event]).await;
    world.drain().await;
    let acme = world.sign_in(&acme.email, tests::PASSWORD).await;
    let list = acme.get("/v1/notifications").await.json();
    let newest = &list["items"][0];
    assert_eq!(newest["kind"], "usage_alert", "nothing is refused any more: {newest}");
    assert!(newest["title"].as_str().unwrap().contains("November"), "{newest}");
    let page = acme.get("/usage/alerts").await.text;
    assert!(!page.contains("Requests are refused until") && !page.contains("Requests refused"));
}
