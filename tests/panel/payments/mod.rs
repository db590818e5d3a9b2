//! Payments: charged once, recovered calmly. The bank of the laptop stands for the provider; what it charged is asked
//! of its own books.

mod dunning;
mod forged;
mod matrix;
mod money;
mod peer;
mod ways;

use serde_json::Value;
use shared::{
    account::{Founded, Subscription, SubscriptionState, subscription_key},
    app::App,
    billing::{Balance, balance_key},
    payments::Matter,
    queue::{Deliveries, Delivery},
    table::Read,
    testing::{TestApp, deliveries, paid, told},
};

/// The payments worker is handed something; what failed is what is left.
pub(crate) async fn hand_over(app: &App, records: Vec<Delivery>) -> Vec<Delivery> {
    let handed = Deliveries { records: records.clone() };
    let failures = payments::handle(app.clone(), handed).await;
    let failed: Vec<_> =
        failures.batch_item_failures.into_iter().map(|it| it.item_identifier).collect();
    records.into_iter().filter(|it| failed.contains(&it.message_id)).collect()
}

/// The payments worker does what is due by now.
pub(crate) async fn do_what_is_due(world: &TestApp) {
    let due: Vec<Value> = told::due(&world.app).await;
    let due = due.into_iter().filter(|it| it["job"]["timer"]["kind"] == "payment");
    let left = hand_over(&world.app, deliveries(due).records).await;
    assert!(left.is_empty(), "{left:?}");
}

/// What is due is charged now.
pub(crate) async fn collect(world: &TestApp, client: Founded) {
    paid::due(&world.app, client, &Matter::Collect {}).await;
    do_what_is_due(world).await;
}

/// The payments worker hears what the bank has to tell.
pub(crate) async fn hear(world: &TestApp, words: Vec<(String, String)>) {
    for (_, word) in words {
        let word: Value = serde_json::from_str(&word).unwrap();
        let object = &word["data"]["object"];
        let (kind, id) = (object["object"].as_str().unwrap(), object["id"].as_str().unwrap());
        let records = deliveries(paid::word(&world.app, kind, id)).records;
        let left = hand_over(&world.app, records).await;
        assert!(left.is_empty(), "{kind} {id}");
    }
}

pub(crate) async fn balance(world: &TestApp, client: Founded) -> Balance {
    let key = balance_key(world.tenant(client));
    let stored: Option<Balance> = world.app.table.get(&key, Read::Strong).await.unwrap();
    stored.unwrap_or_else(|| Balance::none(world.tenant(client)))
}

pub(crate) async fn state(world: &TestApp, client: Founded) -> SubscriptionState {
    let key = subscription_key(world.tenant(client));
    let stored: Option<Subscription> = world.app.table.get(&key, Read::Strong).await.unwrap();
    stored.unwrap().state
}
