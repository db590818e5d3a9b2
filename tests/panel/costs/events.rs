//! What an event costs on its way: the meter, the relay, the mailer.

use serde_json::{Value, json};
use shared::{
    account::Founded,
    auth::one_time_item,
    id::TokenId,
    outbox::{Job, OutboxRecord},
    testing::{Bill, Tally, TestApp, deliveries, queued_event, registration},
};

use super::book::Book;

const THEN: &str = "2026-11-22T11:30:00Z";

pub(crate) async fn price(book: &mut Book<'_>) {
    metering(book).await;
    let (relayed, mailed) = a_mail().await;
    book.event("outbox-relay", "outbox record relayed", "10 records", relayed, 10);
    book.event("mailer", "mail sent", "", mailed, 1);
    by_hand(book).await;
}

/// What an operator does.
async fn by_hand(book: &mut Book<'_>) {
    let world = TestApp::start().await;
    let tally = Tally::new();
    let app = world.process(&tally.wire());
    let command = |text: Value| serde_json::from_value(text).unwrap();
    let create = json!({"create_staff": {"email": "sam@panel.example", "name": "Sam"}});
    let made = operator::handle(app.clone(), command(create)).await.unwrap();
    assert!(json!(made)["staff"].is_object());
    book.event("operator", "staff login made", "", tally.take(), 1);
    let create = json!({"create_service_key": {"name": "gateway"}});
    let made = operator::handle(app, command(create)).await.unwrap();
    assert!(json!(made)["service_key"].is_string());
    book.event("operator", "service key made", "", tally.take(), 1);
}

async fn metering(book: &mut Book<'_>) {
    let world = TestApp::start().await;
    let tally = Tally::new();
    let app = world.process(&tally.wire());
    let acme = world.client("acme").await;
    let event =
        |place: usize| queued_event(acme, &format!("gateway-eu-1-request-{place:06}"), THEN);
    let full = deliveries((0..10).map(|message| {
        let events = (0..96).map(|place| event(message * 96 + place));
        json!({"events": events.collect::<Vec<_>>()})
    }));
    // The account's first events make its counters.
    let one = |event: Value| deliveries([json!({"events": [event]})]);
    usage_meter::handle(app.clone(), one(event(10_000))).await;
    let _first = tally.take();
    usage_meter::handle(app.clone(), full.clone()).await;
    let bill = tally.take();
    assert!(bill.write_units() * 10 <= 960 * 22, "2.2 units an event: {}", bill.write_units());
    book.event("usage-meter", "usage event metered", "960 in a full batch", bill, 960);
    usage_meter::handle(app.clone(), full).await;
    book.event(
        "usage-meter",
        "usage event metered",
        "960, all delivered before",
        tally.take(),
        960,
    );
    let many_models = deliveries((0..10).map(|message| {
        let events = (0..96).map(|place| {
            let mut event = event(2_000 + message * 96 + place);
            event["data"]["model"] = json!(format!("atlas-{:02}", place % 32));
            event
        });
        json!({"events": events.collect::<Vec<_>>()})
    }));
    usage_meter::handle(app.clone(), many_models.clone()).await;
    book.event(
        "usage-meter",
        "usage event metered",
        "960 of 32 models in a full batch",
        tally.take(),
        960,
    );
    usage_meter::handle(app.clone(), one(event(10_001))).await;
    book.event("usage-meter", "usage event metered", "1 alone", tally.take(), 1);
    let mut stray = event(10_002);
    stray["account"] = json!("acc_01kapx0000000000000000000a");
    usage_meter::handle(app.clone(), one(stray)).await;
    book.event("usage-meter", "usage event refused", "of an unknown account", tally.take(), 1);
    usage_meter::handle(app.clone(), one(mixed(acme))).await;
    book.event(
        "usage-meter",
        "usage event metered",
        "1 alone, of a key and an instance",
        tally.take(),
        1,
    );
}

fn mixed(acme: Founded) -> Value {
    let mut event = queued_event(acme, "of-a-key", THEN);
    event["data"]["api_key_id"] = json!("key_01kapx0000000000000000000a");
    event["data"]["instance_id"] = json!("inst_01kapx0000000000000000000a");
    event
}

async fn a_mail() -> (Bill, Bill) {
    let world = TestApp::start().await;
    let tally = Tally::new();
    let app = world.process(&tally.wire());
    let now = app.clock.now();
    let id = TokenId::new(now, &app.random);
    let errand = registration("ada@acme.test", "Ada");
    let day = jiff::SignedDuration::from_hours(24);
    let (key, item) = one_time_item(&app.config, id, now, day, errand);
    app.table.put(&key, &item).await.unwrap();
    let records: Vec<OutboxRecord> = (0..10)
        .map(|_| OutboxRecord::new(Job::RegistrationMail { token: id }, now, &app.random))
        .collect();
    let _set_up = tally.take();
    let inserts = records.iter().enumerate().map(|(place, record)| {
        json!({"eventName": "INSERT", "dynamodb": {
            "SequenceNumber": place.to_string(),
            "NewImage": serde_dynamo::to_item::<_, serde_dynamo::Item>(record).unwrap(),
        }})
    });
    let event = json!({ "Records": inserts.collect::<Vec<_>>() });
    let event = serde_json::from_value(event).unwrap();
    assert!(outbox_relay::handle(app.clone(), event).await.batch_item_failures.is_empty());
    let relayed = tally.take();
    let one = deliveries([serde_json::to_value(&records[0]).unwrap()]);
    assert!(mailer::handle(app.clone(), one).await.batch_item_failures.is_empty());
    (relayed, tally.take())
}
