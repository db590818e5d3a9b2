//! The mailer against the embedded mail service.

#![expect(clippy::unwrap_used, reason = "a test fails where its world does")]

use std::sync::atomic::{AtomicBool, Ordering};

use jiff::SignedDuration;
use serde_json::{Value, json};
use shared::{
    app::App,
    auth::{Errand, OneTimeToken, Word, one_time_item, one_time_secret},
    id::TokenId,
    notify::{Channel, DeliveryReason, DeliveryState},
    outbox::{Job, OutboxRecord},
    queue::{Deliveries, Delivery, Known},
    testing::{Fault, Faults, TestApp, deliveries, delivery, registration as waiting, told},
    web::Language,
};

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// A registration that waits, and the record that asks for its mail.
async fn registration(world: &TestApp, email: &str, name: &str) -> (OneTimeToken, Value) {
    let app = &world.app;
    let id = TokenId::new(app.clock.now(), &app.random);
    let errand = waiting(email, name);
    let (key, item) = one_time_item(&app.config, id, app.clock.now(), DAY, errand).unwrap();
    app.table.put(&key, &item).await.unwrap();
    let job = Job::Mail { token: id };
    let record = OutboxRecord::new(job, app.clock.now(), &app.random);
    let token = OneTimeToken { id, secret: one_time_secret(&app.config, id).unwrap() };
    (token, serde_json::to_value(record).unwrap())
}

#[tokio::test]
async fn a_mail_goes_once_however_often_its_record_comes() {
    let world = TestApp::start().await;
    let (token, record) = registration(&world, "ada@acme.test", "Ada").await;
    for _delivery in 0..3 {
        let batch = deliveries([record.clone(), record.clone()]);
        assert!(mailer::handle(world.app.clone(), batch).await.batch_item_failures.is_empty());
    }
    let mails = world.cloud.mails();
    assert_eq!(mails.len(), 1);
    assert_eq!(
        (mails[0].to.as_str(), mails[0].from.as_str()),
        ("ada@acme.test", "panel@example.com")
    );
    let link = format!("https://panel.example/verify?token={token}");
    assert!(mails[0].text.contains(&link) && mails[0].html.contains(&link));
}

/// The record of a mail that only tells, in a language.
async fn word(world: &TestApp, locale: Language) -> Value {
    let app = &world.app;
    let token = TokenId::new(app.clock.now(), &app.random);
    let to = "ada@acme.test".parse().unwrap();
    let errand = Errand::Word(Word { to, name: "Ada".to_owned(), locale });
    let (key, item) = one_time_item(&app.config, token, app.clock.now(), DAY, errand).unwrap();
    app.table.put(&key, &item).await.unwrap();
    json!(OutboxRecord::new(Job::Mail { token }, app.clock.now(), &app.random))
}

#[tokio::test]
async fn a_mail_that_only_tells_has_nothing_to_press() {
    let world = TestApp::start().await;
    for code in ["en", "ar"] {
        let record = word(&world, Language::from_code(code).unwrap()).await;
        let batch = deliveries([record]);
        assert!(mailer::handle(world.app.clone(), batch).await.batch_item_failures.is_empty());
    }
    let mails = world.cloud.mails();
    for mail in &mails {
        assert!(!mail.html.contains("<a ") && !mail.text.contains("token="), "{}", mail.text);
        assert!(!mail.text.contains("\n\n\n"), "{}", mail.text);
    }
    for words in ["please contact us", "تواصل معنا"] {
        assert!(mails.iter().any(|mail| mail.text.contains(words)), "{words}");
    }
}

#[tokio::test]
async fn an_unreadable_record_fails_and_its_siblings_are_sent() {
    let world = TestApp::start().await;
    let (_, record) = registration(&world, "ada@acme.test", "Ada").await;
    let batch = deliveries([json!({"nonsense": true}), record]);
    let failures = mailer::handle(world.app.clone(), batch).await.batch_item_failures;
    assert_eq!(failures.len(), 1);
    assert_eq!(failures[0].item_identifier, "m0");
    assert_eq!(world.cloud.mails().len(), 1);
}

#[tokio::test]
async fn a_registration_whose_time_is_over_gets_no_dead_link() {
    let world = TestApp::start().await;
    let (_, record) = registration(&world, "ada@acme.test", "Ada").await;
    world.app.clock.advance(DAY);
    let batch = deliveries([record]);
    assert!(mailer::handle(world.app.clone(), batch).await.batch_item_failures.is_empty());
    assert!(world.cloud.mails().is_empty());
}

#[tokio::test]
async fn a_name_cannot_add_a_header_or_markup() {
    let world = TestApp::start().await;
    // Registering refuses such a name; an older record may hold it.
    let name = "Ada\r\nBcc: eve@evil.test\r\n\r\n<script>";
    let (_, record) = registration(&world, "ada@acme.test", name).await;
    mailer::handle(world.app.clone(), deliveries([record])).await;
    let mails = world.cloud.mails();
    assert_eq!((mails.len(), mails[0].to.as_str()), (1, "ada@acme.test"));
    assert!(!mails[0].html.contains("<script>"));
}

/// A process whose first call to SES meets a fault.
fn process(world: &TestApp, fault: Fault) -> App {
    let met = AtomicBool::new(false);
    let faults = Faults::new(move |call| {
        let first = call.operation == "SendRawEmail" && !met.swap(true, Ordering::SeqCst);
        first.then_some(fault)
    });
    world.process(&faults.wire())
}

#[tokio::test]
async fn a_throttled_mail_goes_in_the_same_run() {
    let world = TestApp::start().await;
    let (_, record) = registration(&world, "ada@acme.test", "Ada").await;
    let app = process(&world, Fault::Throttle);
    assert!(mailer::handle(app, deliveries([record])).await.batch_item_failures.is_empty());
    assert_eq!(world.cloud.mails().len(), 1);
}

#[tokio::test]
async fn a_letter_that_is_given_up_on_has_failed_and_one_that_is_redriven_is_sent() {
    let world = TestApp::start().await;
    let acme = world.client("acme").await;
    let id = told::mailed(&world.app, acme).await;
    let body = told::record(&world.app, id, Job::Letter {}).to_string();
    let deliver = async |app: App, times| {
        let record =
            Delivery { attributes: Known::delivered(times), ..delivery("letter", body.clone()) };
        mailer::handle(app, Deliveries { records: vec![record] }).await.batch_item_failures.len()
    };
    let stands = async || {
        let delivery =
            told::notifications(&world.app, acme).await[0].deliveries[&Channel::Email].clone();
        (delivery.state, delivery.reason, delivery.attempts)
    };
    let refused = Some(DeliveryReason::Refused);
    for times in 1..=5 {
        assert_eq!(deliver(process(&world, Fault::ServerError), times).await, 1);
        let state = if times < 5 { DeliveryState::Queued } else { DeliveryState::Failed };
        assert_eq!(stands().await, (state, refused, times));
    }
    assert_eq!((deliver(world.app.clone(), 1).await, world.cloud.mails().len()), (0, 1));
    assert_eq!(stands().await.0, DeliveryState::Sent);
}

#[tokio::test]
async fn a_mail_that_was_not_taken_need_not_wait_for_the_lease_to_end() {
    let world = TestApp::start().await;
    let (_, record) = registration(&world, "ada@acme.test", "Ada").await;
    let app = process(&world, Fault::ServerError);
    let failures = mailer::handle(app.clone(), deliveries([record.clone()])).await;
    assert_eq!((failures.batch_item_failures.len(), world.cloud.mails().len()), (1, 0));
    assert!(mailer::handle(app, deliveries([record])).await.batch_item_failures.is_empty());
    assert_eq!(world.cloud.mails().len(), 1);
}
