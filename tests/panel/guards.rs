//! What holds when code of ours panics or hangs.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{body::Body, http::Request, http::StatusCode};
use serde_json::json;
use shared::{
    auth::Access,
    http::Routes,
    mail::MailError,
    queue::each,
    table::{Key, Read, TableError},
    testing::{Fault, Faults, TestApp, deliveries},
};
use tests::World;
use tower::ServiceExt;

#[tokio::test]
async fn a_handler_that_panics_is_a_500_with_a_request_id_and_the_next_is_served() {
    let world = TestApp::start().await;
    let routes = Routes::new().get("/v1/panic", Access::Public, panics).get(
        "/v1/fine",
        Access::Public,
        async || "fine",
    );
    let router = routes.into_router(world.app.clone());
    let ask = |path: &str| {
        let request = Request::get(path).body(Body::empty()).unwrap();
        router.clone().oneshot(request)
    };
    let reply = ask("/v1/panic").await.unwrap();
    assert_eq!(reply.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert!(reply.headers().contains_key("x-request-id"));
    assert_eq!(reply.headers()["content-type"], "application/problem+json");
    assert_eq!(ask("/v1/fine").await.unwrap().status(), StatusCode::OK);
}

async fn panics() -> &'static str {
    panic!("as a defect would")
}

#[tokio::test]
async fn every_reply_says_what_a_browser_may_do_with_it() {
    let world = World::start().await;
    let replies = [
        world.get("/login").await,
        world.get("/nothing-here").await,
        world.get("/v1/dashboard").await,
        world.get("/assets/icon.svg").await,
        world.post("/v1/auth/login", &json!({"odd": 1})).await,
    ];
    for reply in replies {
        let policy = reply.header("content-security-policy");
        let rules: Vec<_> = policy.split("; ").collect();
        assert_eq!(
            rules,
            [
                "default-src 'none'",
                "script-src 'self'",
                "style-src 'self'",
                "img-src 'self'",
                "connect-src 'self'",
                "base-uri 'none'",
                "form-action 'self'",
                "frame-ancestors 'none'",
                "require-trusted-types-for 'script'",
                "trusted-types 'none'",
            ]
        );
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("strict-transport-security", "max-age=63072000; includeSubDomains"),
        ] {
            assert_eq!(reply.header(name), value);
        }
    }
}

#[tokio::test]
async fn a_handler_that_hangs_is_a_503_while_the_gateway_still_listens() {
    let world = TestApp::start().await;
    let routes = Routes::new().get("/v1/hang", Access::Public, hangs);
    let router = routes.into_router(world.app.clone());
    tokio::time::pause();
    let began = tokio::time::Instant::now();
    let request = Request::get("/v1/hang").body(Body::empty()).unwrap();
    let reply = router.oneshot(request).await.unwrap();
    assert_eq!(reply.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(began.elapsed() < Duration::from_secs(29), "API Gateway gives up after 29 s");
}

async fn hangs() -> &'static str {
    std::future::pending().await
}

#[tokio::test]
async fn a_message_that_panics_fails_alone() {
    let handled = Arc::new(std::sync::Mutex::new(Vec::new()));
    let seen = Arc::clone(&handled);
    let failures = each(deliveries([json!(0), json!(1), json!(2)]), move |delivery| {
        let seen = Arc::clone(&seen);
        async move {
            assert_ne!(delivery.body, "1", "as a defect would");
            seen.lock().unwrap().push(delivery.body);
            Ok::<(), MailError>(())
        }
    })
    .await
    .batch_item_failures;
    assert_eq!(failures.len(), 1);
    assert_eq!(failures[0].item_identifier, "m1");
    assert_eq!(*handled.lock().unwrap(), ["0", "2"]);
}

#[tokio::test]
async fn a_service_that_never_answers_is_given_up_in_time() {
    let world = TestApp::start().await;
    let mut wire = Faults::once(Fault::KillBefore, 1).wire();
    wire.one_try = Duration::from_millis(20);
    wire.all_tries = Duration::from_millis(60);
    let app = world.process(&wire);
    let key = shared::account::subscription_key(world.tenant(world.client("acme").await));
    let read = app.table.get::<serde_json::Value>(&key, Read::Strong);
    let read = tokio::time::timeout(Duration::from_secs(10), read).await.expect("given up");
    assert!(matches!(read, Err(TableError::Unavailable(_))));
}

#[tokio::test]
async fn a_transaction_that_is_long_in_progress_is_made_once() {
    /// More than the SDK tries by itself.
    const ANSWERS: usize = 6;
    let world = TestApp::start().await;
    let answers = AtomicUsize::new(0);
    let faults = Faults::new(move |_call| {
        let underway = answers.fetch_add(1, Ordering::SeqCst) < ANSWERS;
        underway.then_some(Fault::InProgress)
    });
    let app = world.process(&faults.wire());
    let key = Key::global("TEST", "once");
    let mut transaction = app.table.transaction();
    transaction.create(&key, &json!({"made": true}), "made before");
    let committed = transaction.commit().await;
    assert!(committed.is_ok(), "{committed:?}");
}
