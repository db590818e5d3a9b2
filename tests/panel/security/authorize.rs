//! The gateway's question: whether a request with a client's key may be served.

use axum::body::to_bytes;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use shared::{
    account::account_key,
    table::{Tenant, Update, Written},
    testing::{Fault, Faults, Hold, Tally},
};
use tests::{Client, Reply, World, read};
use tower::ServiceExt as _;

use super::{held::Held, post, process};

async fn ask(world: &World, body: &Value) -> Reply {
    let request = world.request(Method::POST, "/v1/gateway/authorize");
    read(request.bearer_auth(&world.service_key).json(body)).await
}

async fn key(client: &Client, body: Value) -> (String, String) {
    let made = client.post("/v1/api-keys", &body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let text = |name: &str| made.json()[name].as_str().unwrap().to_owned();
    (text("id"), text("secret"))
}

async fn client(world: &World) -> Client {
    let mut acme = world.client("acme").await;
    acme.elevate().await;
    acme
}

#[tokio::test]
async fn a_good_key_is_allowed_in_one_read_of_at_most_four_units() {
    let tally = Tally::new();
    let world = World::over(tally.wire()).await;
    let acme = client(&world).await;
    let (id, secret) = key(&acme, json!({"name": "x", "scopes": ["inference", "read"]})).await;
    world.report(&[acme.event("one")]).await;
    world.drain().await;
    let question = json!({"api_key": secret, "ip": "192.0.2.7", "ai_type": "text"});
    // The first use in five minutes is written down.
    ask(&world, &question).await;
    let _before = tally.take();
    let reply = ask(&world, &question).await;
    let bill = tally.take();
    assert_eq!((bill.charges.len(), bill.depth()), (2, 2), "a hard plan: what is wanted is held");
    assert!(bill.half_read_units() <= 8, "{bill:?}");
    let reply = reply.json();
    assert!(reply["reservation_id"].as_str().unwrap().starts_with("hold_"));
    let expires_at = (world.clock.now() + jiff::SignedDuration::from_mins(15)).to_string();
    assert_eq!(
        reply,
        json!({
            "allowed": true, "account": acme.account, "key_id": id,
            "scopes": ["read", "inference"],
            "quota": {"state": "ok", "percent": 0, "metric": "requests", "used": 1, "held": 2,
                "left": 49_997},
            "reservation_id": reply["reservation_id"], "expires_at": expires_at,
        })
    );

    world.set_plan(&acme.account, "growth").await;
    let _before = tally.take();
    let reply = ask(&world, &question).await.json();
    let bill = tally.take();
    assert_eq!((bill.charges.len(), bill.depth()), (1, 1), "a soft plan: nothing is held");
    assert_eq!(reply["reservation_id"], Value::Null);
}

#[tokio::test]
async fn every_reason_to_refuse_has_its_code() {
    let world = World::start().await;
    let acme = client(&world).await;
    let code = async |body: Value| {
        let reply = ask(&world, &body).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
        assert_eq!(reply.json()["allowed"], false, "{}", reply.text);
        reply.json()["code"].as_str().unwrap().to_owned()
    };
    let (_, reader) = key(&acme, json!({"name": "x", "scopes": ["read"]})).await;
    let (id, inference) = key(&acme, json!({"name": "x", "scopes": ["inference"]})).await;
    let bound = json!({"name": "x", "scopes": ["inference"], "allowed_ips": ["192.0.2.0/24"]});
    let (_, bound) = key(&acme, bound).await;
    let soon = (world.clock.now() + jiff::SignedDuration::from_secs(60)).to_string();
    let short = json!({"name": "x", "scopes": ["inference"], "expires_at": soon});
    let (_, short) = key(&acme, short).await;

    for malformed in ["", "mxk_none", &acme.token, &world.service_key] {
        assert_eq!(code(json!({"api_key": malformed})).await, "key_unknown");
    }
    assert_eq!(code(json!({"api_key": reader})).await, "scope_missing");
    assert_eq!(code(json!({"api_key": bound})).await, "address_not_allowed");
    assert_eq!(code(json!({"api_key": bound, "ip": "198.51.100.1"})).await, "address_not_allowed");
    let good = ask(&world, &json!({"api_key": bound, "ip": "192.0.2.1"})).await;
    assert_eq!(good.json()["allowed"], true);
    world.advance(60).await;
    assert_eq!(code(json!({"api_key": short})).await, "key_expired");
    let huge =
        json!({"api_key": inference, "estimate": {"requests": 1, "tokens": 4_000_000_000_u64}});
    assert_eq!(code(huge).await, "quota_exceeded");

    let tenant = Tenant::at_desk(acme.account.parse().unwrap());
    let set = async |status: &str| {
        let update = Update::new().set("status", status);
        let table = &world.panel.app.table;
        let _written: Written<Value> = table.update(&account_key(tenant), update).await.unwrap();
    };
    set("suspended").await;
    assert_eq!(code(json!({"api_key": inference})).await, "account_suspended");
    set("active").await;
    read(acme.request(Method::DELETE, &format!("/v1/api-keys/{id}"))).await;
    assert_eq!(code(json!({"api_key": inference})).await, "key_unknown");
}

#[tokio::test]
async fn limits_of_plan_and_key_are_kept() {
    let world = World::start().await;
    let acme = client(&world).await;
    let limited = json!({"name": "x", "scopes": ["inference"],
        "monthly_cost_limit": {"amount": "0.50", "currency": "USD"}});
    let (id, secret) = key(&acme, limited).await;
    let (_, free) = key(&acme, json!({"name": "y", "scopes": ["inference"]})).await;
    let use_it = async |event: &str, tokens: u64| {
        let mut event = acme.event(event);
        event["data"]["api_key_id"] = json!(id);
        event["data"]["input_tokens"] = json!(tokens);
        world.report(&[event]).await;
        world.drain().await;
    };
    use_it("one", 900_000).await;
    assert_eq!(ask(&world, &json!({"api_key": secret})).await.json()["allowed"], true);
    use_it("two", 200_000).await;
    let over = ask(&world, &json!({"api_key": secret})).await.json();
    assert_eq!(over["code"], "key_cost_limit");
    assert_eq!(ask(&world, &json!({"api_key": free})).await.json()["allowed"], true);

    use_it("three", 45_000_000).await;
    let near = ask(&world, &json!({"api_key": free})).await.json();
    assert_eq!(
        (&near["quota"]["state"], &near["quota"]["percent"]),
        (&json!("critical"), &json!(92))
    );
    use_it("four", 5_000_000).await;
    let over = ask(&world, &json!({"api_key": free})).await.json();
    assert_eq!(over["code"], "quota_exceeded", "a hard plan");
}

#[tokio::test]
async fn only_a_service_may_ask_and_only_in_the_documented_form() {
    let world = World::start().await;
    let acme = client(&world).await;
    let listed = json!({"api_key": "mxk_none", "estimate": [1, 2]});
    assert_eq!(ask(&world, &listed).await.json()["errors"][0]["pointer"], "/estimate");
    let body = json!({"api_key": "mxk_none"});
    assert_eq!(acme.post("/v1/gateway/authorize", &body).await.status, StatusCode::FORBIDDEN);
    let nobody = world.post("/v1/gateway/authorize", &body).await;
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
    for (body, status) in [
        (json!({}), 422),
        (json!({"api_key": "x", "ip": "nowhere"}), 422),
        (json!({"api_key": "x", "ai_type": "dance"}), 422),
        (json!({"api_key": "x", "more": 1}), 400),
        (json!({"api_key": "x", "estimate": {"tokens": -1}}), 422),
    ] {
        assert_eq!(ask(&world, &body).await.status.as_u16(), status, "{body}");
    }
}

#[tokio::test]
async fn a_table_that_does_not_write_keeps_nobody_waiting_at_the_gateway() {
    let world = World::start().await;
    let acme = client(&world).await;
    let (_, secret) = key(&acme, json!({"name": "x", "scopes": ["inference"]})).await;
    let key = &world.panel.people.service_key;
    let asking = post("/v1/gateway/authorize", Some(key), &json!({"api_key": secret}));
    let noting = Held::at(&world, Hold::before("UpdateItem"), asking).await;
    assert_eq!(noting.answers().await, 200);
}

#[tokio::test]
async fn a_key_that_works_through_the_gateway_alone_is_seen_to_be_used() {
    let world = World::start().await;
    let acme = client(&world).await;
    let (_, secret) = key(&acme, json!({"name": "x", "scopes": ["inference"]})).await;
    let used = async || {
        let listed = acme.get("/v1/api-keys").await.json();
        listed["items"][0]["last_used_at"].clone()
    };
    let question = json!({"api_key": secret, "ip": "192.0.2.7"});
    ask(&world, &question).await;
    let first = used().await;
    assert_eq!(first, world.clock.now().to_string());
    world.advance(299).await;
    ask(&world, &question).await;
    assert_eq!(used().await, first);
    world.advance(1).await;
    ask(&world, &question).await;
    assert_eq!(used().await, world.clock.now().to_string());
}

#[tokio::test]
async fn no_request_fails_because_its_keys_use_cannot_be_written_down() {
    let world = World::start().await;
    let acme = client(&world).await;
    let (_, secret) = key(&acme, json!({"name": "x", "scopes": ["inference"]})).await;
    let faults = Faults::new(|call| (call.operation == "UpdateItem").then_some(Fault::ServerError));
    let router = local::all_routes().into_router(process(&world, &faults.wire()));
    let question = json!({"api_key": secret, "ip": "192.0.2.7"});
    let question = post("/v1/gateway/authorize", Some(&world.service_key), &question);
    let Ok(reply) = router.oneshot(question).await;
    let body = to_bytes(reply.into_body(), 1 << 20).await.unwrap();
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body["allowed"], true, "{body}");
}
