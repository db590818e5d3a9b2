//! Files: sent and fetched straight, by whom they are for alone, for a short while.

use jiff::SignedDuration;
use reqwest::StatusCode;
use serde_json::{Value, json};
use tests::{Reply, read};

use super::Desk;

impl Desk {
    async fn announce(&self, id: &str, file: Value) -> Reply {
        self.acts(id, "attachments", file).await
    }

    /// A ticket with a file in a message: the ticket's id and the file's.
    async fn with_file(&self, name: &str, content: &str) -> (String, String) {
        let id = self.acme.open_ticket("With a file").await;
        let file = self.acme.send_file(&id, name, content).await;
        let sent = self.acts(&id, "messages", json!({"body": "b", "attachment_ids": [file]})).await;
        assert_eq!(sent.status, StatusCode::CREATED, "{}", sent.text);
        let attachment = &sent.json()["attachments"][0];
        assert_eq!(
            (&attachment["name"], &attachment["bytes"]),
            (&json!(name), &json!(content.len()))
        );
        (id, file)
    }

    /// The address that a file can be fetched at.
    async fn address(&self, id: &str, file: &str) -> String {
        let reply = self.acme.get(&format!("/v1/tickets/{id}/attachments/{file}")).await;
        assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.text);
        reply.header("location").to_owned()
    }

    async fn fetched(&self, address: &str) -> Reply {
        read(self.world.http.get(address)).await
    }
}

#[tokio::test]
async fn a_file_goes_straight_there_and_back_and_is_never_shown() {
    let desk = Desk::open().await;
    let name = "سجل \"odd\"; <b>.html";
    let (id, file) = desk.with_file(name, "<script>alert(1)</script>").await;
    let got = desk.fetched(&desk.address(&id, &file).await).await;
    assert_eq!((got.status, got.text.as_str()), (StatusCode::OK, "<script>alert(1)</script>"));
    assert_eq!(got.header("content-type"), "application/octet-stream");
    let disposition = got.header("content-disposition");
    assert!(disposition.starts_with("attachment; filename*=UTF-8''%D8%B3"), "{disposition}");
    assert!(!disposition.contains('"') && !disposition.contains('<'), "{disposition}");
    let by_staff = desk.staff.get(&format!("/v1/admin/tickets/{id}/attachments/{file}")).await;
    let got = desk.fetched(by_staff.header("location")).await;
    assert_eq!(got.status, StatusCode::OK);
}

#[tokio::test]
async fn an_address_is_dead_after_its_time_and_opens_no_other_file() {
    let desk = Desk::open().await;
    let (id, file) = desk.with_file("a.txt", "mine").await;
    let (_, other) = desk.with_file("b.txt", "another").await;
    let address = desk.address(&id, &file).await;
    let moved = address.replace(&file, &other);
    assert_eq!(desk.fetched(&moved).await.status, StatusCode::FORBIDDEN);
    for altered in ["X-Amz-Expires=60", "response-content-type=application%2Foctet-stream"] {
        let longer = address.replace(altered, "X-Amz-Expires=6000");
        assert_ne!(longer, address);
        assert_eq!(desk.fetched(&longer).await.status, StatusCode::FORBIDDEN, "{altered}");
    }
    let plain = address.split('?').next().unwrap();
    assert_ne!(desk.fetched(plain).await.status, StatusCode::OK);
    desk.world.clock.advance(SignedDuration::from_secs(59));
    assert_eq!(desk.fetched(&address).await.status, StatusCode::OK);
    desk.world.clock.advance(SignedDuration::from_secs(3));
    assert_eq!(desk.fetched(&address).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn anothers_ticket_message_and_file_are_like_none() {
    let desk = Desk::open().await;
    let (id, file) = desk.with_file("a.txt", "mine").await;
    let umbrella = desk.world.client("umbrella").await;
    let own = umbrella.open_ticket("Own").await;
    let never = "tkt_01kapx0000000000000000000a";
    for (theirs, absent) in [
        (format!("/v1/tickets/{id}"), format!("/v1/tickets/{never}")),
        (format!("/v1/tickets/{id}/messages"), format!("/v1/tickets/{never}/messages")),
        (
            format!("/v1/tickets/{id}/attachments/{file}"),
            format!("/v1/tickets/{never}/attachments/{file}"),
        ),
        (
            // Its own ticket does not open another's file either.
            format!("/v1/tickets/{own}/attachments/{file}"),
            format!("/v1/tickets/{own}/attachments/att_01kapx0000000000000000000a"),
        ),
    ] {
        let (refused, absent) = (umbrella.get(&theirs).await, umbrella.get(&absent).await);
        assert_eq!(refused.status, StatusCode::NOT_FOUND, "{theirs}");
        assert_eq!(refused.stable(), absent.stable(), "{theirs}");
    }
    let unsent = desk.acme.send_file(&id, "b.txt", "unsaid").await;
    for (client, ticket, file) in
        [(&umbrella, &own, &file), (&umbrella, &own, &unsent), (&desk.acme, &id, &file)]
    {
        let body = json!({"body": "b", "attachment_ids": [file]});
        let refused = client.post(&format!("/v1/tickets/{ticket}/messages"), &body).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(refused.json()["errors"][0]["pointer"], "/attachment_ids");
    }
    let early = desk.acme.get(&format!("/v1/tickets/{id}/attachments/{unsent}")).await;
    assert_eq!(early.status, StatusCode::NOT_FOUND, "it belongs to no message yet");
}

#[tokio::test]
async fn a_form_takes_the_file_that_was_announced_and_no_other_and_only_for_a_while() {
    let desk = Desk::open().await;
    let id = desk.acme.open_ticket("Sizes").await;
    let form = desk.announce(&id, json!({"name": "a.txt", "bytes": 4, "type": "text/plain"})).await;
    let upload = form.json()["upload"].clone();
    let sent =
        async |upload: &Value, content: &str| desk.world.upload(upload, content).await.status;
    assert_eq!(sent(&upload, "12345").await, StatusCode::BAD_REQUEST, "longer");
    assert_eq!(sent(&upload, "123").await, StatusCode::BAD_REQUEST, "shorter");
    for (field, value) in [
        ("key", "tickets/elsewhere"),
        ("Content-Type", "text/html"),
        ("success_action_status", "200"),
        ("x-amz-signature", "00"),
        ("acl", "public-read"),
    ] {
        let mut forged = upload.clone();
        forged["fields"][field] = json!(value);
        assert_eq!(sent(&forged, "1234").await, StatusCode::FORBIDDEN, "{field}");
    }
    let file = form.json()["id"].clone();
    let body = json!({"body": "b", "attachment_ids": [file]});
    let early = desk.acts(&id, "messages", body.clone()).await;
    assert_eq!(early.status, StatusCode::UNPROCESSABLE_ENTITY, "it was not sent");
    assert_eq!(sent(&upload, "1234").await, StatusCode::CREATED);
    desk.world.clock.advance(SignedDuration::from_mins(16));
    assert_eq!(sent(&upload, "1234").await, StatusCode::FORBIDDEN, "its time is over");
    assert_eq!(desk.acts(&id, "messages", body).await.status, StatusCode::CREATED);
    let old = desk.acme.send_file(&id, "old.txt", "old").await;
    desk.world.clock.advance(SignedDuration::from_hours(25));
    let body = json!({"body": "b", "attachment_ids": [old]});
    let late = desk.acts(&id, "messages", body).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY, "what nobody named is forgotten");
}

#[tokio::test]
async fn what_is_no_file_is_refused_and_five_are_enough() {
    let desk = Desk::open().await;
    let id = desk.acme.open_ticket("Limits").await;
    for (file, field) in [
        (json!({"name": "", "bytes": 1, "type": "a/b"}), "/name"),
        (json!({"name": "../..", "bytes": 1, "type": "a/b"}), "/name"),
        (json!({"name": "a", "bytes": 0, "type": "a/b"}), "/bytes"),
        (json!({"name": "a", "bytes": 10 * 1024 * 1024 + 1, "type": "a/b"}), "/bytes"),
        (json!({"name": "a", "bytes": 1, "type": "text"}), "/type"),
    ] {
        let refused = desk.announce(&id, file).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
        assert_eq!(refused.json()["errors"][0]["pointer"], field);
    }
    let mut files = Vec::new();
    for number in 0..6 {
        files.push(desk.acme.send_file(&id, &format!("{number}.txt"), "x").await);
    }
    let sent = async |files: &[String]| {
        desk.acts(&id, "messages", json!({"body": "b", "attachment_ids": files})).await.status
    };
    assert_eq!(sent(&files).await, StatusCode::UNPROCESSABLE_ENTITY);
    let twice = [files[0].clone(), files[0].clone()];
    assert_eq!(sent(&twice).await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(sent(&files[..5]).await, StatusCode::CREATED);
    desk.acts(&id, "close", json!({})).await;
    let closed = desk.announce(&id, json!({"name": "a", "bytes": 1})).await;
    assert_eq!(closed.json()["code"], "ticket_closed");
}

#[tokio::test]
async fn only_pages_that_send_files_may_send_them_to_the_bucket() {
    let desk = Desk::open().await;
    let id = desk.acme.open_ticket("Policy").await;
    let bucket = desk.world.panel.cloud.aws_endpoint();
    let policy = async |path: &str| {
        let reply = desk.acme.get(path).await;
        reply.header("content-security-policy").to_owned()
    };
    let page = policy(&format!("/tickets/{id}")).await;
    for place in ["connect-src 'self' ", "form-action 'self' "] {
        assert!(page.contains(&format!("{place}{bucket};")), "{page}");
    }
    for path in ["/tickets", "/tickets/new", "/"] {
        assert!(!policy(path).await.contains(&bucket), "{path}");
    }
}
