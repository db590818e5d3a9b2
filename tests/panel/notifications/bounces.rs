//! Mails that come back.

use reqwest::{Method, StatusCode};
use serde_json::json;
use shared::notify::NoticeKind;
use tests::{World, read};

use super::{Reader, state};

async fn bounce(world: &World, to: &str, kind: &str) -> StatusCode {
    let reply = world.post("/_local/bounce", &json!({"to": to, "kind": kind})).await;
    world.drain().await;
    reply.status
}

#[tokio::test]
async fn a_bounce_or_a_complaint_stops_notices_to_that_address_alone() {
    for (kind, reason) in [("hard", "bounced"), ("complaint", "complaint")] {
        let world = World::start().await;
        let (acme, umbrella) =
            (Reader::of(&world, "acme").await, Reader::of(&world, "umbrella").await);
        acme.tell(&world, NoticeKind::TicketReply).await;
        for _twice in 0..2 {
            assert_eq!(bounce(&world, &acme.client.email, kind).await, StatusCode::OK);
        }
        // What came back says so, and the user is told in the portal, once.
        let list = acme.list().await;
        assert_eq!(list.len(), 2, "{list:?}");
        let mut kinds: Vec<&str> = list.iter().map(|it| it["kind"].as_str().unwrap()).collect();
        kinds.sort_unstable();
        assert_eq!(kinds, ["channel_failing", "ticket_reply"]);
        let first = list.iter().find(|it| it["kind"] == "ticket_reply").unwrap();
        let email = &first["deliveries"][1];
        assert_eq!((&email["state"], &email["reason"]), (&json!("failed"), &json!(reason)));
        // Nothing more is sent there, not even what cannot be switched off; others' goes.
        world.panel.app.clock.advance(jiff::SignedDuration::from_secs(1));
        acme.tell(&world, NoticeKind::InvoiceReady).await;
        assert_eq!((acme.mails(&world).await, acme.mail().await), (1, state("suppressed", reason)));
        umbrella.tell(&world, NoticeKind::InvoiceReady).await;
        assert_eq!(umbrella.mails(&world).await, 1);
        // What failed cannot be tried again while mails come back.
        let path = format!("/v1/notifications/{}/retry", first["id"].as_str().unwrap());
        assert_eq!(acme.client.post(&path, &json!({})).await.json()["code"], "not_allowed_now");
    }
}

#[tokio::test]
async fn a_mail_of_long_ago_that_comes_back_counts_too() {
    let world = World::start().await;
    let acme = Reader::of(&world, "acme").await;
    assert_eq!(bounce(&world, &acme.client.email, "hard").await, StatusCode::OK);
    assert_eq!(bounce(&world, "nobody@nowhere.test", "hard").await, StatusCode::OK);
    assert_eq!(acme.list().await[0]["kind"], "channel_failing");
    acme.tell(&world, NoticeKind::InvoiceReady).await;
    assert_eq!(acme.mails(&world).await, 0);
}

#[tokio::test]
async fn a_link_that_somebody_asked_for_is_sent_all_the_same() {
    let world = World::start().await;
    let acme = Reader::of(&world, "acme").await;
    acme.tell(&world, NoticeKind::TicketReply).await;
    bounce(&world, &acme.client.email, "hard").await;
    world.post("/v1/auth/password/forgot", &json!({"email": acme.client.email})).await;
    assert_eq!(acme.mails(&world).await, 2);
    assert!(!world.mailed_token(&acme.client.email).await.is_empty());
}

#[tokio::test]
async fn a_link_that_comes_back_stops_notices_like_any_mail() {
    let world = World::start().await;
    let acme = Reader::of(&world, "acme").await;
    world.post("/v1/auth/password/forgot", &json!({"email": acme.client.email})).await;
    assert_eq!(acme.mails(&world).await, 1);
    bounce(&world, &acme.client.email, "hard").await;
    assert_eq!(acme.list().await[0]["kind"], "channel_failing");
    acme.tell(&world, NoticeKind::InvoiceReady).await;
    assert_eq!(acme.mails(&world).await, 1);
}

#[tokio::test]
async fn an_address_that_is_confirmed_again_gets_notices_again() {
    let world = World::start().await;
    let acme = Reader::of(&world, "acme").await;
    acme.tell(&world, NoticeKind::TicketReply).await;
    bounce(&world, &acme.client.email, "hard").await;
    let page = acme.client.get("/notifications/preferences").await.text;
    assert!(page.contains("/notifications/address"), "{page}");
    let asked = acme.client.request(Method::POST, "/notifications/address").form(&[("a", "b")]);
    assert_eq!(read(asked).await.status, StatusCode::SEE_OTHER);
    let token = world.mailed_token(&acme.client.email).await;
    let confirmed = world.post("/v1/auth/verify-email", &json!({"token": token})).await;
    assert_eq!(confirmed.status, StatusCode::NO_CONTENT);
    let again = world.post("/v1/auth/verify-email", &json!({"token": token})).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "once");
    let page = acme.client.get("/notifications/preferences").await.text;
    assert!(!page.contains("/notifications/address"), "{page}");
    let before = acme.mails(&world).await;
    acme.tell(&world, NoticeKind::InvoiceReady).await;
    assert_eq!(acme.mails(&world).await, before + 1);
}
