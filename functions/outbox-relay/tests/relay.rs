//! The relay against the embedded queues.

#![expect(clippy::unwrap_used, reason = "a test fails where its world does")]

use serde_json::{Value, json};
use shared::{
    id::TokenId,
    outbox::{Job, OutboxRecord},
    testing::TestApp,
};

/// A stream record as Lambda hands it over.
fn inserted(world: &TestApp, sequence: &str) -> Value {
    let (app, now) = (&world.app, world.app.clock.now());
    let token = TokenId::new(now, &app.random);
    let record = OutboxRecord::new(Job::Mail { token }, now, &app.random);
    json!({"eventName": "INSERT", "dynamodb": {"SequenceNumber": sequence, "NewImage": {
        "PK": {"S": "OUTBOX#x"}, "SK": {"S": "OUTBOX#x"},
        "id": {"S": record.id},
        "job": {"M": {"kind": {"S": "registration_mail"}, "token": {"S": token}}},
        "expires_at": {"N": record.expires_at.to_string()},
    }}})
}

async fn relay(world: &TestApp, records: Vec<Value>) -> Vec<String> {
    let event = serde_json::from_value(json!({ "Records": records })).unwrap();
    let failures = outbox_relay::handle(world.app.clone(), event).await.batch_item_failures;
    failures.into_iter().map(|failure| failure.item_identifier).collect()
}

#[tokio::test]
async fn every_record_reaches_its_queue_in_order() {
    let world = TestApp::start().await;
    let records: Vec<_> = (0..25).map(|number| inserted(&world, &number.to_string())).collect();
    assert!(relay(&world, records.clone()).await.is_empty());
    let sent: Vec<_> =
        world.take("MailQueue").await.iter().map(|body| body["id"].clone()).collect();
    let wanted: Vec<_> =
        records.iter().map(|record| record["dynamodb"]["NewImage"]["id"]["S"].clone()).collect();
    assert_eq!(sent, wanted);
}

#[tokio::test]
async fn a_record_that_cannot_be_read_is_reported_and_keeps_nobody_waiting() {
    let world = TestApp::start().await;
    let broken = json!({"dynamodb": {"SequenceNumber": "2", "NewImage": {"PK": {"S": "OUTBOX#"}}}});
    let records = vec![inserted(&world, "1"), broken, inserted(&world, "3")];
    assert_eq!(relay(&world, records).await, ["2"]);
    assert_eq!(world.take("MailQueue").await.len(), 2);
}
