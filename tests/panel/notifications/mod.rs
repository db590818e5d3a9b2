//! Notifications from outside: what people are told, where, when, and how they say so.

mod bounces;
mod flood;
mod preferences;
mod races;
mod waiting;

use jiff::SignedDuration;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use shared::{
    account::Founded,
    notify::NoticeKind,
    testing::{self, told},
};
use tests::{Client, Reply, World, read};

/// A client whose owner can be told anything.
pub(crate) struct Reader {
    pub(crate) founded: Founded,
    pub(crate) client: Client,
}

impl Reader {
    pub(crate) async fn of(world: &World, name: &str) -> Self {
        let founded = testing::client(&world.panel.app, name).await;
        let email = format!("owner@{name}.test");
        let client = world.sign_in(&email, tests::PASSWORD).await;
        Self { founded, client }
    }

    /// Tells the owner something, and waits until it is dealt with.
    pub(crate) async fn tell(&self, world: &World, kind: NoticeKind) {
        told::notice(&world.panel.app, self.founded, kind).await;
        world.drain().await;
    }

    /// The notifications, newest first.
    pub(crate) async fn list(&self) -> Vec<Value> {
        let list = self.client.get("/v1/notifications?limit=100").await.json();
        list["items"].as_array().unwrap().clone()
    }

    /// How the newest one's mail stands: state and reason.
    pub(crate) async fn mail(&self) -> (String, String) {
        let list = self.list().await;
        let deliveries = list[0]["deliveries"].as_array().unwrap();
        let email = deliveries.iter().find(|it| it["channel"] == "email").unwrap();
        let text = |name: &str| email[name].as_str().unwrap_or_default().to_owned();
        (text("state"), text("reason"))
    }

    pub(crate) async fn unread(&self) -> u64 {
        let dashboard = self.client.get("/v1/dashboard").await.json();
        dashboard["notifications"]["unread"].as_u64().unwrap()
    }

    pub(crate) async fn prefer(&self, preferences: Value) -> Reply {
        let request = self.client.request(Method::PUT, "/v1/notifications/preferences");
        read(request.json(&preferences)).await
    }

    /// How many mails there are to the owner.
    pub(crate) async fn mails(&self, world: &World) -> usize {
        world.mails(&self.client.email).await.len()
    }
}

/// Walks on: only at a desk.
pub(crate) async fn walk(world: &World, duration: SignedDuration) {
    world.advance(duration.as_secs()).await;
}

pub(crate) fn state(state: &str, reason: &str) -> (String, String) {
    (state.to_owned(), reason.to_owned())
}

#[tokio::test]
async fn what_happened_is_told_in_the_portal_and_by_mail_and_can_be_read() {
    let world = World::start().await;
    let acme = world.client("acme").await;
    world.give(&acme.token, false).await;
    let key = json!({"name": "nightly", "scopes": ["read"]});
    assert_eq!(acme.post("/v1/api-keys", &key).await.status, StatusCode::CREATED);
    world.drain().await;
    let list = acme.get("/v1/notifications?unread=true").await.json();
    let one = &list["items"][0];
    assert_eq!((one["kind"].as_str(), &one["read_at"]), (Some("security"), &Value::Null));
    assert_eq!(one["title"], "API key created: \u{2068}nightly\u{2069}");
    assert!(one["body"].as_str().unwrap().contains("127.0.0.1"), "{one}");
    let states: Vec<(&str, &str)> = one["deliveries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["channel"].as_str().unwrap(), it["state"].as_str().unwrap()))
        .collect();
    assert_eq!(states, [("in_app", "delivered"), ("email", "sent")]);
    assert!(world.mails(&acme.email).await[0]["text"].as_str().unwrap().contains("/not-me?token="));
    let unread = async || acme.get("/v1/dashboard").await.json()["notifications"]["unread"].clone();
    assert_eq!(unread().await, 1);
    let path = format!("/v1/notifications/{}/read", one["id"].as_str().unwrap());
    for _again in 0..2 {
        assert_eq!(acme.post(&path, &json!({})).await.status, StatusCode::NO_CONTENT);
        assert_eq!(unread().await, 0);
    }
    let list = acme.get("/v1/notifications?unread=true").await.json();
    assert_eq!((&list["items"], &list["next_cursor"]), (&json!([]), &Value::Null));
    assert!(acme.get("/v1/notifications").await.json()["items"][0]["read_at"].is_string());
}

#[tokio::test]
async fn all_are_read_at_once_however_many_there_are_and_later_ones_count_anew() {
    let world = World::start().await;
    let acme = Reader::of(&world, "acme").await;
    for _one in 0..130 {
        told::failed(&world.panel.app, acme.founded).await;
        world.panel.app.clock.advance(SignedDuration::from_millis(1));
    }
    assert_eq!(acme.unread().await, 130);
    for _again in 0..2 {
        let all = acme.client.post("/v1/notifications/read-all", &json!({})).await;
        assert_eq!((all.status, acme.unread().await), (StatusCode::NO_CONTENT, 0));
    }
    acme.tell(&world, NoticeKind::TicketReply).await;
    assert_eq!(acme.unread().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn side_by_side_each_is_read_once() {
    let world = World::start().await;
    let acme = Reader::of(&world, "acme").await;
    for _one in 0..20 {
        told::failed(&world.panel.app, acme.founded).await;
    }
    let first = acme.list().await[0]["id"].as_str().unwrap().to_owned();
    let (nothing, one) = (json!({}), format!("/v1/notifications/{first}/read"));
    let all = || acme.client.post("/v1/notifications/read-all", &nothing);
    let one = || acme.client.post(&one, &nothing);
    tokio::join!(all(), one(), all(), one(), all(), all());
    acme.tell(&world, NoticeKind::TicketReply).await;
    assert_eq!(acme.unread().await, 1, "the count is neither below nor above what there is");
}

#[tokio::test]
async fn what_is_told_is_worded_in_the_language_of_who_reads_it() {
    let world = World::start().await;
    let acme = Reader::of(&world, "acme").await;
    acme.tell(&world, NoticeKind::TicketReply).await;
    let request = acme.client.request(Method::GET, "/v1/notifications");
    let list = read(request.header("accept-language", "ar")).await.json();
    assert!(list["items"][0]["title"].as_str().unwrap().starts_with("الرسائل إلى"), "{list}");
    let page = acme.client.get("/notifications?lang=ar").await.text;
    assert!(page.contains("dir=\"rtl\"") && page.contains("الرسائل إلى"), "{page}");
    assert!(page.contains("aria-label=\"الإشعارات: إشعار واحد غير مقروء\""), "{page}");
}

#[tokio::test]
async fn of_words_with_markup_nothing_is_markup_on_a_page_or_in_a_mail() {
    let world = World::start().await;
    let acme = world.client("acme").await;
    world.give(&acme.token, false).await;
    let key = json!({"name": "<b>nightly</b>&", "scopes": ["read"]});
    acme.post("/v1/api-keys", &key).await;
    world.drain().await;
    let page = acme.get("/notifications").await.text;
    assert!(!page.contains("<b>nightly"), "{page}");
    let mail = world.mails(&acme.email).await[0].clone();
    assert!(!mail["html"].as_str().unwrap().contains("<b>nightly"), "{mail}");
}
