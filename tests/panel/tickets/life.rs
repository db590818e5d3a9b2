//! A ticket's life, as the API tells it.

use reqwest::StatusCode;
use serde_json::{Value, json};
use shared::web::{Language, Preferences, Text};
use tests::World;

use super::{Desk, stands};

#[tokio::test]
async fn a_ticket_lives_from_a_request_of_the_log_to_the_day_it_can_be_opened_no_more() {
    let mut desk = Desk::open().await;
    desk.world.report(&[desk.acme.event("request-1")]).await;
    desk.world.drain().await;
    let event = desk.acme.get("/v1/usage/events").await.json()["items"][0].clone();
    let about = json!({"type": "usage_event", "id": event["ref"]});
    let body = json!({"subject": "Slow", "body": "Why?", "priority": "high", "about": about});
    let opened = desk.acme.post("/v1/tickets", &body).await;
    assert_eq!(opened.status, StatusCode::CREATED, "{}", opened.text);
    let ticket = opened.json();
    let id = ticket["id"].as_str().unwrap().to_owned();
    assert_eq!((&ticket["number"], stands(&ticket)), (&json!(1), ["open", "us"]));
    let snapshot = &ticket["about"]["snapshot"];
    assert_eq!((&snapshot["event_id"], &snapshot["model"]), (&event["id"], &event["model"]));
    assert_eq!(snapshot["cost"], event["cost"]);
    assert!(ticket["promise"]["first_reply_due"].is_string());
    assert_eq!(ticket["promise"]["paused"], false);
    assert_eq!(desk.counts().await, [1, 0]);

    desk.answers(&id, "We look into it.").await;
    let ticket = desk.ticket(&id).await;
    assert_eq!(stands(&ticket), ["in_progress", "you"]);
    assert_eq!(ticket["unread"], true);
    let promise = &ticket["promise"];
    assert_eq!((&promise["paused"], &promise["solution_due"]), (&json!(true), &Value::Null));
    assert!(promise["first_reply_at"].is_string() && promise["first_reply_due"].is_null());
    assert_eq!(desk.counts().await, [1, 1]);

    desk.writes(&id, "Thank you.").await;
    assert_eq!(stands(&desk.ticket(&id).await), ["in_progress", "us"]);
    assert_eq!(desk.counts().await, [1, 0]);
    desk.answers(&id, "It was the network.").await;
    assert_eq!(desk.sets(&id, "resolved").await.status, StatusCode::OK);
    assert_eq!(stands(&desk.ticket(&id).await), ["resolved", "nobody"]);
    desk.acts(&id, "reopen", json!({})).await;
    assert_eq!(stands(&desk.ticket(&id).await), ["in_progress", "us"], "staff had answered");

    // Without words: who wrote last is still staff, and the clock closes it.
    desk.sets(&id, "resolved").await;
    desk.days_pass(6).await;
    assert_eq!(stands(&desk.ticket(&id).await), ["resolved", "nobody"]);
    desk.days_pass(1).await;
    let ticket = desk.ticket(&id).await;
    assert_eq!(stands(&ticket), ["closed", "nobody"]);
    assert!(ticket["closed_at"].is_string());
    assert_eq!(desk.counts().await, [0, 0]);

    desk.days_pass(13).await;
    assert_eq!(desk.writes(&id, "It is back.").await.status, StatusCode::CREATED);
    assert_eq!(stands(&desk.ticket(&id).await), ["in_progress", "us"]);
    assert_eq!(desk.acts(&id, "close", json!({})).await.status, StatusCode::OK);
    desk.days_pass(15).await;
    for (what, body) in [("reopen", json!({})), ("messages", json!({"body": "Again."}))] {
        let late = desk.acts(&id, what, body).await;
        let refused = (late.status, late.json()["code"].clone());
        assert_eq!(refused, (StatusCode::CONFLICT, json!("ticket_closed")), "{what}");
    }
    assert_eq!(stands(&desk.ticket(&id).await), ["closed", "nobody"]);
    let page = desk.acme.get(&format!("/tickets/{id}")).await.text;
    assert!(page.contains(&format!("/tickets/new?follows={id}")), "a new one is offered");
    let body = json!({"subject": "Slow again", "body": "See before.", "follows": id});
    let next = desk.acme.post("/v1/tickets", &body).await.json();
    assert_eq!((&next["number"], &next["follows"]["number"]), (&json!(2), &json!(1)));
}

#[tokio::test]
async fn what_is_resolved_without_an_answer_waits_for_one() {
    let mut desk = Desk::open().await;
    let id = desk.acme.open_ticket("Nobody answers").await;
    desk.sets(&id, "resolved").await;
    desk.days_pass(30).await;
    assert_eq!(stands(&desk.ticket(&id).await), ["resolved", "nobody"], "the client wrote last");
    desk.answers(&id, "Sorry: it is done.").await;
    assert_eq!(stands(&desk.ticket(&id).await), ["resolved", "nobody"]);
    desk.days_pass(7).await;
    assert_eq!(stands(&desk.ticket(&id).await), ["closed", "nobody"]);
}

#[tokio::test]
async fn a_ticket_that_nobody_answered_is_open_again_as_it_was() {
    let desk = Desk::open().await;
    let id = desk.acme.open_ticket("Never mind").await;
    desk.acts(&id, "close", json!({})).await;
    desk.writes(&id, "It is there again.").await;
    assert_eq!(stands(&desk.ticket(&id).await), ["open", "us"]);
}

#[tokio::test]
async fn moves_that_there_are_not_are_refused_and_change_nothing() {
    let desk = Desk::open().await;
    let id = desk.acme.open_ticket("Stubborn").await;
    assert_eq!(desk.acts(&id, "reopen", json!({})).await.status, StatusCode::CONFLICT);
    for status in ["open", "solved", ""] {
        let refused = desk.sets(&id, status).await.status;
        assert!([StatusCode::CONFLICT, StatusCode::UNPROCESSABLE_ENTITY].contains(&refused));
    }
    let before = desk.ticket(&id).await;
    desk.handles(&id, "status", json!({"status": "resolved", "reason": " "})).await;
    desk.handles(&id, "priority", json!({"priority": "normal", "reason": "As it is"})).await;
    assert_eq!(desk.ticket(&id).await, before);
    desk.acts(&id, "close", json!({})).await;
    assert_eq!(desk.acts(&id, "close", json!({})).await.status, StatusCode::CONFLICT);
    assert_eq!(desk.answers(&id, "Too late").await.json()["code"], "ticket_closed");
    assert_eq!(desk.sets(&id, "resolved").await.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn an_event_of_the_last_days_is_found_by_its_id_alone_and_anothers_is_like_none() {
    let desk = Desk::open().await;
    let umbrella = desk.world.client("umbrella").await;
    desk.world.report(&[desk.acme.event("mine"), umbrella.event("theirs")]).await;
    desk.world.drain().await;
    let theirs = umbrella.get("/v1/usage/events").await.json()["items"][0]["ref"].clone();
    let mut elevated = desk.world.client("elevated").await;
    elevated.elevate().await;
    let key = json!({"name": "k", "scopes": ["read"]});
    let key = elevated.post("/v1/api-keys", &key).await.json()["id"].clone();
    let open = async |kind: &str, id: &Value| {
        let about = json!({"type": kind, "id": id});
        let body = json!({"subject": "s", "body": "b", "about": about});
        let reply = desk.acme.post("/v1/tickets", &body).await;
        (reply.status, reply.stable())
    };
    let (status, ticket) = open("usage_event", &json!("mine")).await;
    assert_eq!((status, &ticket["about"]["id"]), (StatusCode::CREATED, &json!("mine")));
    let absent = open("usage_event", &json!("never")).await;
    assert_eq!(absent.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(absent.1["errors"][0]["pointer"], "/about/id");
    for id in [&json!("theirs"), &theirs] {
        assert_eq!(open("usage_event", id).await, absent);
    }
    let absent = open("api_key", &json!("key_01kapx0000000000000000000a")).await;
    assert_eq!(absent.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(open("api_key", &key).await, absent);
    assert_eq!(desk.counts().await, [1, 0], "what is refused opens nothing");
}

#[tokio::test]
async fn a_snapshot_is_kept_as_the_key_was() {
    let mut desk = Desk::open().await;
    desk.acme.elevate().await;
    let key = json!({"name": "before", "scopes": ["read", "tickets:write"]});
    let made = desk.acme.post("/v1/api-keys", &key).await.json();
    let id = made["id"].as_str().unwrap();
    let about = json!({"type": "api_key", "id": id});
    let body = json!({"subject": "s", "body": "b", "about": about});
    let by_key = desk.world.request(reqwest::Method::POST, "/v1/tickets");
    let by_key = by_key.bearer_auth(made["secret"].as_str().unwrap());
    let opened = tests::read(by_key.json(&body)).await;
    assert_eq!(opened.status, StatusCode::CREATED, "a program may open one: {}", opened.text);
    desk.acme.patch(&format!("/v1/api-keys/{id}"), &json!({"name": "after"})).await;
    let ticket = desk.ticket(opened.json()["id"].as_str().unwrap()).await;
    assert_eq!(ticket["about"]["snapshot"]["name"], "before");
    let secret = made["secret"].as_str().unwrap();
    assert!(!ticket.to_string().contains(&secret[..20]));
}

#[tokio::test]
async fn the_client_is_told_of_answers_in_one_conversation_of_mails_with_a_link() {
    let mut desk = Desk::open().await;
    let id = desk.acme.open_ticket("Mail me").await;
    desk.answers(&id, "First answer").await;
    desk.days_pass(1).await;
    desk.answers(&id, "Second answer").await;
    desk.world.advance(60).await;
    desk.sets(&id, "resolved").await;
    let mails = desk.world.mails(&desk.acme.email).await;
    let of_ticket: Vec<&Value> =
        mails.iter().filter(|it| it["subject"] == "[#1] Mail me").collect();
    assert_eq!(of_ticket.len(), 3, "{mails:?}");
    let header = |mail: &Value, name: &str| {
        let headers = mail["headers"].as_array().unwrap();
        let header = headers.iter().find(|it| it[0] == name);
        header.map_or_else(String::new, |it| it[1].as_str().unwrap().to_owned())
    };
    let thread = header(of_ticket[0], "References");
    assert!(thread.starts_with('<') && thread.contains('@'), "{thread}");
    let mut ids: Vec<String> = of_ticket.iter().map(|it| header(it, "Message-ID")).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 3, "each has an id of its own");
    for mail in &of_ticket {
        assert_eq!(header(mail, "References"), thread);
        assert_eq!(header(mail, "In-Reply-To"), thread);
        assert_eq!(header(mail, "Auto-Submitted"), "auto-generated");
        assert!(mail["text"].as_str().unwrap().contains(&format!("/tickets/{id}")));
    }
    assert!(of_ticket[2]["text"].as_str().unwrap().contains("First answer"));
    let notices = desk.acme.get("/v1/notifications").await.json();
    let kinds: Vec<&str> = notices["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["ticket_status", "ticket_reply", "ticket_reply"]);
    desk.world.advance(600).await;
    let other = desk.acme.open_ticket("Another").await;
    desk.answers(&other, "Elsewhere").await;
    let newest = desk.world.mails(&desk.acme.email).await[0].clone();
    assert_ne!(header(&newest, "References"), thread, "another ticket is another conversation");
}

#[tokio::test]
async fn lists_are_narrowed_and_the_page_says_who_must_act() {
    let desk = Desk::open().await;
    let [first, second, third] = ["First", "Second", "Third"];
    let mut ids = Vec::new();
    for subject in [first, second, third] {
        ids.push(desk.acme.open_ticket(subject).await);
        desk.world.advance(60).await;
    }
    desk.answers(&ids[1], "Over to you").await;
    desk.acts(&ids[2], "close", json!({})).await;
    let listed = async |query: &str| {
        let list = desk.acme.get(&format!("/v1/tickets{query}")).await.json();
        let items = list["items"].as_array().unwrap().iter();
        items.map(|it| it["subject"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(listed("").await, ["Third", "Second", "First"]);
    assert_eq!(listed("?status=open").await, ["First"]);
    assert_eq!(listed("?waiting_for=you").await, ["Second"]);
    assert_eq!(listed("?status=closed&waiting_for=us").await, Vec::<String>::new());
    let wrong = desk.acme.get("/v1/tickets?status=lost").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page = desk.acme.get("/tickets").await.text;
    let place = |text: &str| page.find(text).unwrap_or_else(|| panic!("{text} in {page}"));
    assert!(place("Second") < place("First"), "what waits for the client comes first");
    assert!(!page.contains("Third"));
    assert!(desk.acme.get("/tickets?show=closed").await.text.contains("Third"));
}

#[tokio::test]
async fn who_looks_has_seen_it() {
    let desk = Desk::open().await;
    let id = desk.acme.open_ticket("Look").await;
    assert_eq!(desk.ticket(&id).await["unread"], false);
    desk.answers(&id, "Here").await;
    assert!(desk.acme.get("/tickets").await.text.contains("class=\"unread\""));
    desk.acme.get(&format!("/tickets/{id}")).await;
    let seen = desk.ticket(&id).await;
    assert_eq!(seen["unread"], false);
    assert!(!desk.acme.get("/tickets").await.text.contains("class=\"unread\""));
    desk.sets(&id, "resolved").await;
    assert_eq!(desk.ticket(&id).await["unread"], true);
}

#[tokio::test]
async fn what_changed_is_told_in_the_language_of_who_reads() {
    let desk = Desk::open().await;
    let id = desk.acme.open_ticket("Words").await;
    desk.handles(&id, "priority", json!({"priority": "urgent", "reason": "Down"})).await;
    for language in Language::all() {
        let text = Text::new(Preferences { language, ..Preferences::default() });
        let path = format!("/v1/tickets/{id}/messages");
        let request = desk.acme.request(reqwest::Method::GET, &path);
        let list = tests::read(request.header("accept-language", language.code())).await.json();
        let told = list["items"][1]["body"].as_str().unwrap();
        assert!(told.contains(&text.get("ticket-priority-now-urgent")), "{told}");
        assert!(told.contains("Down"), "the client reads why: {told}");
        assert_eq!(list["items"][1]["author"]["kind"], "system");
    }
}

#[tokio::test]
async fn a_request_that_is_sent_again_opens_and_writes_once() {
    let desk = Desk::open().await;
    let again = async |path: &str, body: &Value| {
        let request = desk.acme.request(reqwest::Method::POST, path).json(body);
        tests::read(request.header("idempotency-key", "k")).await
    };
    let body = json!({"subject": "Once", "body": "b"});
    let (first, second) = (again("/v1/tickets", &body).await, again("/v1/tickets", &body).await);
    assert_eq!((first.status, &first.text), (StatusCode::CREATED, &second.text));
    let id = first.json()["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/tickets/{id}/messages");
    for _time in 0..2 {
        again(&path, &json!({"body": "m"})).await;
    }
    assert_eq!(desk.acme.get(&path).await.json()["items"].as_array().unwrap().len(), 2);
    assert_eq!(desk.counts().await, [1, 0]);
}

#[tokio::test]
async fn a_hundred_tickets_are_enough_and_an_hour_has_so_many_words() {
    let desk = Desk::open().await;
    let mut last = String::new();
    for number in 0..100 {
        last = desk.acme.open_ticket(&format!("Number {number}")).await;
    }
    let body = json!({"subject": "One more", "body": "b"});
    let refused = desk.acme.post("/v1/tickets", &body).await;
    let refused = (refused.status, refused.json()["code"].clone());
    assert_eq!(refused, (StatusCode::CONFLICT, json!("ticket_limit_reached")));
    desk.acts(&last, "close", json!({})).await;
    assert_eq!(desk.acme.post("/v1/tickets", &body).await.status, StatusCode::CREATED);
    assert_eq!(desk.writes(&last, "And this one").await.json()["code"], "ticket_limit_reached");
    let world: &World = &desk.world;
    let umbrella = world.client("umbrella").await;
    let id = umbrella.open_ticket("Talk").await;
    let path = format!("/v1/tickets/{id}/messages");
    let mut written = 0;
    loop {
        let reply = umbrella.post(&path, &json!({"body": "word"})).await;
        if reply.status == StatusCode::TOO_MANY_REQUESTS {
            assert!(!reply.header("retry-after").is_empty());
            break;
        }
        written += 1;
    }
    assert_eq!(written, 300);
    desk.world.advance(3601).await;
    assert_eq!(umbrella.post(&path, &json!({"body": "word"})).await.status, StatusCode::CREATED);
}
