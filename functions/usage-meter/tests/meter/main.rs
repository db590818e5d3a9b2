//! The meter against the embedded table.

#![expect(clippy::unwrap_used, reason = "a test fails where its world does")]

mod exact;
mod hot;
mod kills;

use serde_json::{Value, json};
use shared::{
    queue::Failures,
    testing::{TestApp, deliveries},
};

const THEN: &str = "2026-11-22T11:30:00Z";

fn packed(events: impl IntoIterator<Item = Value>) -> Value {
    json!({ "events": Vec::from_iter(events) })
}

async fn meter(world: &TestApp, bodies: Vec<Value>) -> Failures {
    usage_meter::handle(world.app.clone(), deliveries(bodies)).await
}
