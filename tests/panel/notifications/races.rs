//! What happens in the moment between a look and a write.

use jiff::SignedDuration;
use reqwest::{Method, StatusCode};
use serde_json::json;
use shared::{
    account::Founded,
    app::App,
    notify::{DeliveryState, MOST_HELD, NoticeKind},
    outbox::Job,
    queue::{Deliveries, Delivery},
    testing::{Hold, TestApp, deliveries, told},
};
use tests::{World, read};

use super::Reader;
use crate::{
    crash::letters,
    security::{held::Held, post},
};

async fn tell(app: App, record: Delivery) {
    let records = vec![record];
    let failures = notifier::handle(app, Deliveries { records }).await;
    assert!(failures.batch_item_failures.is_empty());
}

async fn reply(world: &TestApp, acme: Founded) -> Delivery {
    let id = told::notice(&world.app, acme, NoticeKind::TicketReply).await;
    told::delivered(&world.app, id)
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_that_come_in_the_same_moment_one_goes_and_the_other_waits() {
    let world = TestApp::start().await;
    let acme = world.client("acme").await;
    let (first, second) = (reply(&world, acme).await, reply(&world, acme).await);
    let hold = Hold::before("TransactWriteItems");
    let slow = tokio::spawn(tell(world.process(&hold.wire()), first));
    hold.reached().await;
    tell(world.app.clone(), second).await;
    hold.release();
    slow.await.unwrap();
    assert_eq!((letters(&world), told::waiting(&world.app, acme).await.len()), (1, 1));
}

/// It found no room, and before it was counted those that it would be counted with have gone.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_would_be_counted_with_what_has_gone_goes_by_itself() {
    let world = TestApp::start().await;
    let acme = world.client("acme").await;
    for _one in 0..=MOST_HELD {
        let record = reply(&world, acme).await;
        tell(world.app.clone(), record).await;
    }
    let late = reply(&world, acme).await;
    let hold = Hold::before("TransactWriteItems").after(1);
    let slow = tokio::spawn(tell(world.process(&hold.wire()), late));
    hold.reached().await;
    world.app.clock.advance(SignedDuration::from_mins(5));
    let due = told::due(&world.app).await;
    let released = notifier::handle(world.app.clone(), deliveries(due)).await;
    assert!(released.batch_item_failures.is_empty());
    assert_eq!(letters(&world), 2, "the first, and the list");
    hold.release();
    slow.await.unwrap();
    assert_eq!((letters(&world), told::waiting(&world.app, acme).await.len()), (3, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_came_back_before_it_was_noted_is_not_said_to_be_sent() {
    let world = TestApp::start().await;
    let acme = world.client("acme").await;
    let id = told::mailed(&world.app, acme).await;
    let letter = told::record(&world.app, id, Job::Letter {});
    // The lease, the note that it was sent, and then the notification.
    let hold = Hold::before("UpdateItem").after(2);
    let mailing = mailer::handle(world.process(&hold.wire()), deliveries([letter]));
    let mailing = tokio::spawn(mailing);
    hold.reached().await;
    let news = deliveries([told::bounce("owner@acme.test", &id.to_string())]);
    assert!(mail_feedback::handle(world.app.clone(), news).await.batch_item_failures.is_empty());
    hold.release();
    assert!(mailing.await.unwrap().batch_item_failures.is_empty());
    assert_eq!(told::mail_states(&world.app, acme).await, [DeliveryState::Failed]);
}

#[tokio::test(flavor = "multi_thread")]
async fn preferences_that_were_changed_in_the_same_moment_are_not_lost() {
    let world = World::start().await;
    let acme = Reader::of(&world, "acme").await;
    let daily = json!({"digest": "daily"});
    let mut put = post("/v1/notifications/preferences", Some(&acme.client.token), &daily);
    *put.method_mut() = Method::PUT;
    put.headers_mut().insert("if-match", "\"0\"".parse().unwrap());
    let put = Held::before_it_commits(&world, put).await;
    let quiet = json!({"quiet_hours": {"from": "22:00", "to": "07:00"}});
    assert_eq!(acme.prefer(quiet).await.status, StatusCode::OK);
    assert_eq!(put.goes_on().await, 412);
    let preferences = acme.client.get("/v1/notifications/preferences").await.json();
    assert_eq!(
        (&preferences["digest"], preferences["quiet_hours"].is_object()),
        (&json!("off"), true)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_tried_again_twice_in_the_same_moment_is_mailed_once() {
    let world = World::start().await;
    let acme = Reader::of(&world, "acme").await;
    let id = told::failed(&world.panel.app, acme.founded).await;
    let path = format!("/v1/notifications/{id}/retry");
    let slow = post(&path, Some(&acme.client.token), &json!({}));
    let slow = Held::before_it_commits(&world, slow).await;
    assert_eq!(acme.client.post(&path, &json!({})).await.status, StatusCode::NO_CONTENT);
    assert_eq!(slow.goes_on().await, 409);
    assert_eq!(acme.mails(&world).await, 1);
}

#[tokio::test]
async fn a_link_to_an_address_that_is_not_the_users_any_more_confirms_nothing() {
    let world = World::start().await;
    let mut acme = world.client("acme").await;
    let old = acme.email.clone();
    let asked = acme.request(Method::POST, "/notifications/address").form(&[("a", "b")]);
    read(asked).await;
    let link = world.mailed_link(&old, "verify").await;
    acme.elevate().await;
    assert_eq!(acme.patch("/v1/profile", &json!({"email": "ada@new.test"})).await.status, 200);
    let token = world.mailed_link("ada@new.test", "verify").await;
    let verify = async |token: &str| {
        let confirmed = world.post("/v1/auth/verify-email", &json!({"token": token})).await;
        confirmed.status.as_u16()
    };
    assert_eq!(verify(&token).await, 204);
    assert_eq!(verify(&link).await, 422);
}
