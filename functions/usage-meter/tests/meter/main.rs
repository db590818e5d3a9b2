//! The meter against the embedded table.

#![expect(clippy::unwrap_used, reason = "a test fails where its world does")]

mod exact;
mod hot;
mod kills;

use serde_json::{Value, json};
use shared::{
    account::Founded,
    queue::Failures,
    table::Range,
    testing::{TestApp, deliveries},
    usage::{Counters, Grain, Totals, grain_prefix},
};

const NOON: &str = "2026-11-22T11:30:00Z";

fn packed(events: impl IntoIterator<Item = Value>) -> Value {
    json!({ "events": Vec::from_iter(events) })
}

async fn meter(world: &TestApp, bodies: Vec<Value>) -> Failures {
    usage_meter::handle(world.app.clone(), deliveries(bodies)).await
}

async fn counted(world: &TestApp, client: Founded, grain: Grain) -> Totals {
    let range = Range::prefix(world.tenant(client), grain_prefix(grain));
    let records = world.app.table.records(range).await.unwrap();
    let mut sum = Counters::default();
    for record in &records {
        sum.merge(&Counters::read(record));
    }
    let by_type = sum.by_type.values().fold(Totals::default(), |mut all, one| {
        all.add(one);
        all
    });
    let by_model = sum.by_model.values().fold(Totals::default(), |mut all, one| {
        all.add(one);
        all
    });
    assert_eq!((sum.totals, sum.totals), (by_type, by_model), "the parts add up to the whole");
    sum.totals
}
