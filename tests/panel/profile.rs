//! The profile.

use reqwest::{Method, StatusCode, header};
use serde_json::json;
use tests::{PASSWORD, World, read};

#[tokio::test]
async fn a_change_shows_in_every_session_at_once() {
    let world = World::start().await;
    let here = world.client("acme").await;
    let there = world.sign_in(&here.email, PASSWORD).await;
    let change = json!({"locale": "ar", "digits": "arabic", "theme": "dark", "name": "آدا"});
    assert_eq!(here.patch("/v1/profile", &change).await.status, StatusCode::OK);
    for session in [&here, &there] {
        let page = session.get("/").await.text;
        assert!(page.contains("lang=\"ar\" dir=\"rtl\" data-theme=\"dark\""));
        assert!(page.contains("آدا") && page.contains("٥٠٬٠٠٠"));
    }
}

#[tokio::test]
async fn with_more_sessions_than_a_transaction_holds_all_of_them_change() {
    let world = World::start().await;
    let first = world.client("acme").await;
    let session = json!({"account": first.account});
    let mut last = String::new();
    for _session in 0..110 {
        last = world.post("/_local/session", &session).await.json()["token"]
            .as_str()
            .unwrap()
            .to_owned();
    }
    assert_eq!(first.patch("/v1/profile", &json!({"locale": "ar"})).await.status, StatusCode::OK);
    let page = read(world.request(Method::GET, "/").bearer_auth(last)).await;
    assert!(page.text.contains("lang=\"ar\""));
}

#[tokio::test]
async fn only_the_version_that_was_read_is_changed() {
    let world = World::start().await;
    let acme = world.client("acme").await;
    let etag = acme.get("/v1/profile").await.header("etag").to_owned();
    let patch = |company: &'static str| {
        let request = acme.request(Method::PATCH, "/v1/profile");
        read(request.header(header::IF_MATCH, &etag).json(&json!({"company": company})))
    };
    assert_eq!(patch("First").await.status, StatusCode::OK);
    assert_eq!(patch("Second").await.status, StatusCode::PRECONDITION_FAILED);
    assert_eq!(acme.get("/v1/profile").await.json()["company"], "First");
}

#[tokio::test]
async fn what_is_not_valid_or_not_known_changes_nothing() {
    let world = World::start().await;
    let acme = world.client("acme").await;
    let before = acme.get("/v1/profile").await.json();
    for (change, status) in [
        (json!({"company": "New", "time_zone": "Mars/Olympus"}), 422),
        (json!({"company": "New", "locale": "tlh"}), 422),
        (json!({"company": "x".repeat(101)}), 422),
        (json!({"name": "  "}), 422),
        (json!({"name": "Ada\nYour account is locked"}), 422),
        (json!({"company": "a\u{202e}b"}), 422),
        (json!({"name": "\u{200b}"}), 422),
        (json!({"company": "New", "email": "other@acme.test"}), 403),
        (json!({"company": "New", "role": "staff"}), 400),
        (json!({"company": "New", "version": 9}), 400),
        (json!({"company": 1}), 422),
    ] {
        assert_eq!(acme.patch("/v1/profile", &change).await.status.as_u16(), status, "{change}");
    }
    assert_eq!(acme.get("/v1/profile").await.json(), before);
}
