//! Very much to tell at once.

use jiff::SignedDuration;
use outbox_relay::StreamEvent;
use serde_json::{Value, json};
use shared::{
    auth::{Errand, find_one_time},
    notify::{Hold, MOST_HELD, send_link},
    outbox::{PREFIX, Queue},
    queue::Deliveries,
    testing::{TestApp, delivery, registration, told},
};
use tests::World;

use super::walk;

#[tokio::test]
async fn a_hundred_and_fifty_renames_are_two_mails() {
    let world = World::start().await;
    let acme = world.client("acme").await;
    world.give(&acme.token, false).await;
    let key = json!({"name": "nightly", "scopes": ["read"]});
    let key = acme.post("/v1/api-keys", &key).await.json();
    let path = format!("/v1/api-keys/{}", key["id"].as_str().unwrap());
    world.drain().await;
    walk(&world, SignedDuration::from_mins(6)).await;
    let before = world.mails(&acme.email).await.len();
    for number in 0..150 {
        let renamed = acme.patch(&path, &json!({"name": format!("nightly {number}")})).await;
        assert_eq!(renamed.status.as_u16(), 200);
    }
    world.drain().await;
    assert_eq!(world.mails(&acme.email).await.len(), before + 1, "the first at once");
    walk(&world, SignedDuration::from_mins(6)).await;
    let mails = world.mails(&acme.email).await;
    assert_eq!(mails.len(), before + 2, "all others together");
    assert_eq!(mails[0]["subject"], "149 more notifications");
    let text = mails[0]["text"].as_str().unwrap();
    let listed = text.matches("API key changed").count();
    assert_eq!(listed, usize::try_from(MOST_HELD).unwrap());
    assert!(text.contains("And 59 more.") && text.contains("/not-me?token="), "{text}");
    // In the portal is each of them, and what became of it.
    assert_eq!(
        states(&acme).await,
        [("sent counted", 0), ("sent ", 92), ("suppressed counted", 59)]
    );
    // Nothing is told of a third time.
    walk(&world, SignedDuration::from_hours(24)).await;
    assert_eq!(world.mails(&acme.email).await.len(), before + 2);
}

/// How many notifications' mails stand where.
async fn states(acme: &tests::Client) -> [(&'static str, usize); 3] {
    let mut all = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = acme.get(&format!("/v1/notifications?limit=100{cursor}")).await.json();
        all.extend(page["items"].as_array().unwrap().clone());
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    ["sent counted", "sent ", "suppressed counted"].map(|wanted| {
        let stands = |it: &&Value| {
            let mail = &it["deliveries"][1];
            let reason = mail["reason"].as_str().unwrap_or_default();
            format!("{} {reason}", mail["state"].as_str().unwrap()) == wanted
        };
        (wanted, all.iter().filter(stands).count())
    })
}

#[tokio::test]
async fn this_was_not_me_of_many_undoes_from_the_oldest() {
    let world = TestApp::start().await;
    let acme = world.client("acme").await;
    for version in [4, 3, 1, 2] {
        let id = told::change(&world.app, acme, "nightly", version).await;
        hand_over(&world, vec![told::delivered(&world.app, id)]).await;
        world.app.clock.advance(SignedDuration::from_secs(1));
    }
    let waiting = told::waiting(&world.app, acme).await;
    assert_eq!((waiting.len(), waiting[0].hold), (1, Hold::Gathered));
    world.app.clock.advance(SignedDuration::from_mins(5));
    let due = told::due(&world.app).await;
    hand_over(&world, due.iter().map(|it| delivery("due", it.to_string())).collect()).await;
    let letter = told::last_letter(&world).await;
    assert_eq!(letter.notices.len(), 3);
    let undo = find_one_time(&world.app, letter.undo.unwrap()).await.unwrap().unwrap();
    let Errand::NotMe(change) = undo.errand else { panic!("another errand") };
    assert_eq!(change.version, 1);
}

async fn hand_over(world: &TestApp, records: Vec<shared::queue::Delivery>) {
    let failures = notifier::handle(world.app.clone(), Deliveries { records }).await;
    assert!(failures.batch_item_failures.is_empty());
}

#[tokio::test]
async fn another_kind_of_change_waits_for_none_before_it() {
    let world = World::start().await;
    let acme = world.client("acme").await;
    world.give(&acme.token, false).await;
    let key = json!({"name": "nightly", "scopes": ["read"]});
    for _key in 0..2 {
        acme.post("/v1/api-keys", &key).await;
    }
    let body =
        json!({"current_password": tests::PASSWORD, "new_password": "river-lamps-hum-quietly"});
    acme.post("/v1/security/password", &body).await;
    let mails = world.mails(&acme.email).await;
    let subjects: Vec<&str> = mails.iter().map(|it| it["subject"].as_str().unwrap()).collect();
    assert_eq!(&subjects[..2], ["Password changed", "API key created"], "the second key waits");
    assert_eq!(subjects.len(), 3);
}

/// The relay's queues after a stream's records.
async fn relayed(world: &TestApp) -> [usize; 2] {
    let records = world.cloud.stream(None).read(1_000).unwrap();
    let new = |record: &&Value| {
        let key = record["dynamodb"]["Keys"]["SK"]["S"].as_str().unwrap_or_default();
        record["eventName"] == "INSERT" && key.starts_with(PREFIX)
    };
    let records: Vec<&Value> = records.iter().filter(new).collect();
    let event: StreamEvent = serde_json::from_value(json!({"Records": records})).unwrap();
    let failures = outbox_relay::handle(world.app.clone(), event).await;
    assert!(failures.batch_item_failures.is_empty());
    let links = world.take(Queue::Mail.logical()).await.len();
    [links, world.take(Queue::Notices.logical()).await.len()]
}

#[tokio::test]
async fn a_flood_of_one_clients_notices_stands_in_no_links_way() {
    let world = TestApp::start().await;
    let acme = world.client("acme").await;
    for version in 0..150 {
        told::change(&world.app, acme, "nightly", version).await;
    }
    let mut transaction = world.app.table.transaction::<()>();
    let errand = registration("ada@umbrella.test", "Ada");
    send_link(&world.app, world.app.clock.now(), errand, &mut transaction).unwrap();
    transaction.commit().await.unwrap();
    // The link waits behind no notice, and is sent by runs of its own.
    assert_eq!(relayed(&world).await, [1, 150]);
    let consumers = world.cloud.template().consumers();
    for queue in [Queue::Mail, Queue::Letters] {
        let own = |it: &&cloud::Consumer| it.source == queue.logical();
        let feeds: Vec<_> = consumers.iter().filter(own).map(|it| it.binary.as_str()).collect();
        assert_eq!(feeds, ["mailer"], "{queue:?}");
    }
}
