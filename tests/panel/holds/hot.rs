//! A hot account, whose ledgers lie in shares.

use serde_json::{Value, json};
use shared::table::Update;
use tests::gateway::Gateway;

use super::{held_back, is_allowed};

#[tokio::test]
async fn an_account_that_becomes_hot_keeps_what_it_used_and_holds() {
    let gateway = Gateway::start(1).await;
    gateway.count(&[gateway.event("before", 30_000_000, &Value::Null)]).await;
    let before = gateway.authorize(json!({"estimate": {"tokens": 10_000_000}})).await;
    gateway.heat().await;
    let ask = async |tokens: u64| gateway.authorize(json!({"estimate": {"tokens": tokens}})).await;
    assert!(!is_allowed(&ask(10_000_001).await));
    let after = ask(4_000_000).await;
    assert!(is_allowed(&after), "{after}");
    assert_eq!(gateway.tokens().await, (30_000_000, 14_000_000));
    let events = [
        gateway.event("one", 9_000_000, &before["reservation_id"]),
        gateway.event("two", 5_000_000, &after["reservation_id"]),
        gateway.event("three", 1, &Value::Null),
    ];
    gateway.count(&events).await;
    assert_eq!(gateway.tokens().await, (44_000_001, 0));
    assert!(is_allowed(&ask(5_999_999).await) && !is_allowed(&ask(1).await));
}

#[tokio::test]
async fn who_took_a_ledger_for_whole_when_it_became_several_is_refused_past_the_limit() {
    let gateway = Gateway::start(1).await;
    gateway.count(&[gateway.event("before", 10_000_000, &Value::Null)]).await;
    let (hold, slow) = held_back(&gateway);
    hold.reached().await;
    gateway.heat().await;
    let quick = gateway.authorize(json!({"estimate": {"tokens": 15_000_000}})).await;
    assert!(is_allowed(&quick), "{quick}");
    hold.release();
    let slow = slow.await.unwrap();
    assert!(!is_allowed(&slow), "{slow}");
    assert_eq!(gateway.tokens().await, (10_000_000, 15_000_000));
}

#[tokio::test]
async fn a_hot_account_under_a_cap_alone_is_levelled_after_an_over_run() {
    let gateway = Gateway::start(1).await;
    gateway.heat().await;
    let growth = json!({"id": "growth", "version": 1});
    let capped = Update::new().set_serialized("plan", &growth).unwrap().remove("terms");
    let capped = capped.set("cost_cap", "10.00");
    gateway.change(capped).await;
    // A million tokens are 0.40 in, and 1.20 at the dearer price.
    let ask = async |tokens: u64| gateway.authorize(json!({"estimate": {"tokens": tokens}})).await;
    for round in 0..4 {
        let held = ask(1_500_000).await;
        assert!(is_allowed(&held), "round {round}: {held}");
        let id = format!("over-run-{round}");
        gateway.count(&[gateway.event(&id, 5_500_000, &held["reservation_id"])]).await;
    }
    // 8.8004 are used.
    let refused = ask(1_000_000).await;
    assert_eq!(
        (&refused["code"], &refused["quota"]["left"]["amount"]),
        (&json!("cost_cap"), &json!("1.19968"))
    );
    assert!(is_allowed(&ask(999_000).await));
}
