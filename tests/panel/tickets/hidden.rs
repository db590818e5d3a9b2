//! What staff write to each other is in no byte that a client can get.

use reqwest::Method;
use serde_json::json;
use shared::auth::{Access, Scope};
use tests::{Reply, read};

use super::Desk;

/// Stands in no page, word or id of ours.
const MARK: &str = "Zyxwvut-canary";

/// Whether a client gets anywhere by a route.
fn is_of_clients(access: Access) -> bool {
    !matches!(access, Access::Staff | Access::Service)
}

impl Desk {
    /// A ticket with marked notes by both ways, and a conversation.
    async fn noted(&self) -> String {
        let id = self.acme.open_ticket("With notes").await;
        self.answers(&id, "We look.").await;
        let body = json!({"body": format!("{MARK} by the API"), "internal": true});
        assert_eq!(self.handles(&id, "messages", body).await.status.as_u16(), 201);
        let form = [("note", format!("{MARK} by the page"))];
        let page = self.staff.request(Method::POST, &format!("/admin/tickets/{id}/notes"));
        assert_eq!(read(page.form(&form)).await.status.as_u16(), 303);
        id
    }

    async fn note_ids(&self, id: &str) -> Vec<String> {
        let ticket = self.staff.get(&format!("/v1/admin/tickets/{id}")).await.json();
        let notes = ticket["messages"].as_array().unwrap().iter();
        let notes = notes.filter(|it| it["internal"] == true);
        notes.map(|it| it["id"].as_str().unwrap().to_owned()).collect()
    }
}

#[tokio::test]
async fn a_note_is_in_no_byte_that_a_client_can_get() {
    let mut desk = Desk::open().await;
    desk.acme.elevate().await;
    let id = desk.noted().await;
    let mut secrets = desk.note_ids(&id).await;
    assert_eq!(secrets.len(), 2, "staff see both");
    secrets.push(MARK.to_owned());
    let key = json!({"name": "all", "scopes": ["read", "tickets:write"]});
    let key = desk.acme.post("/v1/api-keys", &key).await.json();
    let key = key["secret"].as_str().unwrap().to_owned();
    let absent = |reply: &Reply, place: &str| {
        for secret in &secrets {
            assert!(!reply.text.contains(secret.as_str()), "{place} shows a note");
            let headers = format!("{:?}", reply.headers);
            assert!(!headers.contains(secret.as_str()), "{place} tells of a note");
        }
    };
    let mut walked = 0;
    for route in local::all_routes().table() {
        if !is_of_clients(route.access) || route.path.contains("logout") {
            continue;
        }
        let note = "att_01kapx0000000000000000000a";
        let filled =
            [("{id}", id.as_str()), ("{attachment}", note), ("{code}", "x"), ("{file}", "x")];
        let path = filled.iter().fold(route.path.to_owned(), |it, (name, by)| it.replace(name, by));
        let method: Method = route.method.parse().unwrap();
        for token in [&desk.acme.token, &key] {
            let mut request = desk.world.request(method.clone(), &path).bearer_auth(token);
            if method != Method::GET {
                request = if path.starts_with("/v1/") {
                    request.json(&json!({"body": "A client's word"}))
                } else {
                    request.form(&[("body", "A client's word")])
                };
            }
            absent(&read(request).await, &format!("{method} {path}"));
            walked += 1;
        }
    }
    assert!(walked > 150, "{walked}");
    desk.world.drain().await;
    for mail in desk.world.mails(&desk.acme.email).await {
        assert!(!mail.to_string().contains(MARK));
    }
    for path in ["/", "/tickets", "/notifications", "/security/log", "/v1/dashboard"] {
        absent(&desk.acme.get(path).await, path);
    }
    assert!(matches!(Access::ClientOr(Scope::Read), access if is_of_clients(access)));
}

#[tokio::test]
async fn a_note_changes_nothing_that_a_client_can_compare() {
    let desk = Desk::open().await;
    let id = desk.acme.open_ticket("Compare").await;
    desk.answers(&id, "We look.").await;
    desk.world.drain().await;
    let seen = async || {
        let mut seen = Vec::new();
        for path in [
            "/v1/tickets".to_owned(),
            format!("/v1/tickets/{id}"),
            format!("/v1/tickets/{id}/messages"),
            "/v1/dashboard".to_owned(),
            "/v1/notifications".to_owned(),
            "/v1/security/events".to_owned(),
        ] {
            let reply = desk.acme.get(&path).await;
            seen.push((reply.text, reply.headers.get("etag").cloned()));
        }
        seen
    };
    let before = seen().await;
    desk.world.advance(60).await;
    let note = json!({"body": MARK, "internal": true});
    desk.handles(&id, "messages", note).await;
    desk.world.drain().await;
    assert_eq!(seen().await, before);
    assert_eq!(desk.world.mails(&desk.acme.email).await.len(), 2, "welcome and the answer");
}
