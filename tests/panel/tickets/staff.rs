//! Support's side: the queue, two who answer at once, warnings, and what is written down.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use shared::{
    audit::{STAFF_ENTRIES, StaffEntry},
    id::AccountId,
    table::{Range, Tenant},
};
use tests::{Reply, read};

use super::Desk;

impl Desk {
    async fn queue(&self, query: &str) -> Vec<String> {
        let list = self.staff.get(&format!("/v1/admin/tickets{query}")).await;
        assert_eq!(list.status, StatusCode::OK, "{}", list.text);
        let list = list.json();
        let items = list["items"].as_array().unwrap().iter();
        items.map(|it| it["subject"].as_str().unwrap().to_owned()).collect()
    }

    async fn opens(&self, subject: &str, priority: &str) -> String {
        let body = json!({"subject": subject, "body": "b", "priority": priority});
        self.world.advance(60).await;
        let opened = self.acme.post("/v1/tickets", &body).await.json();
        opened["id"].as_str().unwrap().to_owned()
    }

    async fn form(&self, id: &str, what: &str, fields: &[(&str, &str)]) -> Reply {
        let page = self.staff.request(Method::POST, &format!("/admin/tickets/{id}/{what}"));
        read(page.form(fields)).await
    }

    /// A field that staff's page of a ticket has.
    async fn field(&self, id: &str, name: &str) -> String {
        let page = self.staff.get(&format!("/admin/tickets/{id}")).await.text;
        let value = page.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap();
        value.split('"').next().unwrap().to_owned()
    }

    /// Titles of what staff were told, newest first.
    async fn told(&self) -> Vec<String> {
        self.world.drain().await;
        let list = self.staff.get("/v1/notifications?limit=100").await.json();
        let items = list["items"].as_array().unwrap().iter();
        let tickets = items.filter(|it| it["kind"].as_str().unwrap().starts_with("ticket"));
        tickets.map(|it| it["title"].as_str().unwrap().to_owned()).collect()
    }

    async fn acts_written_down(&self) -> Vec<StaffEntry> {
        let company = Tenant::at_desk(AccountId::from_bytes([0; 16]));
        let range = Range::prefix(company, STAFF_ENTRIES);
        self.world.panel.app.table.all(range).await.unwrap()
    }
}

#[tokio::test]
async fn the_queue_begins_with_the_most_urgent_promise_and_is_narrowed() {
    let desk = Desk::open().await;
    let normal = desk.opens("normal", "normal").await;
    desk.opens("urgent", "urgent").await;
    let low = desk.opens("low", "low").await;
    let high = desk.opens("high", "high").await;
    let solved = desk.opens("solved", "urgent").await;
    let gone = desk.opens("gone", "urgent").await;
    desk.answers(&high, "Over to you").await;
    desk.sets(&solved, "resolved").await;
    desk.sets(&gone, "closed").await;
    let all = ["urgent", "normal", "low", "high", "solved"];
    assert_eq!(desk.queue("").await, all);
    assert_eq!(desk.queue("?waiting_for=us").await, all[..3]);
    assert_eq!(desk.queue("?waiting_for=you").await, ["high"]);
    assert_eq!(desk.queue("?status=resolved").await, ["solved"]);
    assert_eq!(desk.queue("?status=closed").await, ["gone"]);
    assert_eq!(desk.queue("?assignee=none").await, all);
    let me = desk.field(&normal, "assignee_id").await;
    let assigned = desk.handles(&normal, "assign", json!({"assignee_id": me})).await;
    assert!(assigned.json()["assignee"]["name"].is_string(), "{}", assigned.text);
    assert_eq!(desk.queue("?assignee=me").await, ["normal"]);
    assert_eq!(desk.queue(&format!("?assignee={me}")).await, ["normal"]);
    assert_eq!(desk.queue(&format!("?client={}", desk.acme.account)).await, all);
    let nobody = "?client=acc_01kapx0000000000000000000a";
    assert_eq!(desk.queue(nobody).await, Vec::<String>::new());
    // Page by page it is the same.
    let (mut paged, mut next) = (Vec::new(), String::new());
    loop {
        let list = desk.staff.get(&format!("/v1/admin/tickets?limit=2{next}")).await.json();
        let items = list["items"].as_array().unwrap().iter();
        paged.extend(items.map(|it| it["subject"].as_str().unwrap().to_owned()));
        let Some(cursor) = list["next_cursor"].as_str() else { break };
        next = format!("&cursor={cursor}");
    }
    assert_eq!(paged, all);
    desk.handles(&low, "priority", json!({"priority": "urgent", "reason": "Down"})).await;
    assert_eq!(desk.queue("?waiting_for=us").await, ["urgent", "low", "normal"]);
    assert!(desk.ticket(&normal).await["assignee"].get("id").is_none(), "no more than a name");
}

#[tokio::test]
async fn the_second_of_two_who_answer_at_once_is_told_and_loses_nothing() {
    let desk = Desk::open().await;
    let id = desk.acme.open_ticket("Two at once").await;
    let last = desk.field(&id, "last").await;
    let answer = |words: &'static str| {
        let fields = [("body", words), ("last", last.as_str())];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let page = desk.staff.request(Method::POST, &format!("/admin/tickets/{id}/messages"));
        read(page.form(&fields))
    };
    assert_eq!(answer("The first answer").await.status, StatusCode::SEE_OTHER);
    let second = answer("The second answer").await;
    assert_eq!(second.status, StatusCode::PRECONDITION_FAILED);
    let page = scraper::Html::parse_document(&second.text);
    let select = |it: &str| scraper::Selector::parse(it).unwrap();
    let kept = page.select(&select("textarea[name=body]")).next().unwrap();
    assert_eq!(kept.text().collect::<String>().trim(), "The second answer");
    let new: Vec<String> = page
        .select(&select(".said"))
        .filter(|it| it.select(&select(".chip")).next().is_some())
        .map(|it| it.text().collect())
        .collect();
    assert!(new.len() == 1 && new[0].contains("The first answer"), "{new:?}");
    let messages = desk.acme.get(&format!("/v1/tickets/{id}/messages")).await.text;
    assert!(!messages.contains("The second answer"));
    let now = page.select(&select("input[name=last]")).next().unwrap().attr("value").unwrap();
    let fields = [("body", "The second answer"), ("last", now)];
    assert_eq!(desk.form(&id, "messages", &fields).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn staff_are_warned_before_a_promise_is_broken_and_when_it_is_and_of_each_once() {
    let mut desk = Desk::open().await;
    // A Sunday at noon; people are at work until five, in a zone two hours ahead.
    let id = desk.opens("warn", "urgent").await;
    let due = desk.ticket(&id).await["promise"].clone();
    assert_eq!(due["first_reply_due"], "2026-11-22T13:01:00Z");
    assert_eq!(due["solution_due"], "2026-11-23T12:01:00Z");
    desk.world.advance(44 * 60).await;
    assert_eq!(desk.told().await.len(), 0);
    desk.world.advance(60).await;
    assert!(desk.told().await[0].contains("needs its first reply soon"));
    desk.world.advance(15 * 60).await;
    assert!(desk.told().await[0].contains("The first reply in ticket #1 is late"));
    assert_eq!(desk.told().await.len(), 2);
    let late = desk.staff.get("/admin/tickets").await.text;
    assert!(late.contains("chip critical"), "the queue says so");
    desk.answers(&id, "Sorry").await;
    desk.days_pass(3).await;
    assert_eq!(desk.told().await.len(), 2, "the clock stands still");
    desk.writes(&id, "Still broken").await;
    desk.days_pass(1).await;
    let told = desk.told().await;
    assert_eq!(told.len(), 4, "{told:?}");
    assert!(told[0].contains("The solution in ticket #1 is late"));
    assert!(told[1].contains("needs its solution soon"));
    let client = desk.acme.get("/v1/notifications").await.text;
    assert!(!client.contains("late") && !client.contains("soon"), "{client}");
    let mails = desk.world.mails(&desk.world.staff.email).await;
    assert!(mails.iter().any(|it| it["text"].as_str().unwrap().contains("/admin/tickets/")));
}

#[tokio::test]
async fn who_looks_after_a_ticket_is_told_that_the_client_wrote() {
    let desk = Desk::open().await;
    let id = desk.opens("mine", "low").await;
    desk.writes(&id, "Nobody's yet").await;
    assert_eq!(desk.told().await.len(), 0);
    let me = desk.field(&id, "assignee_id").await;
    desk.handles(&id, "assign", json!({"assignee_id": me})).await;
    desk.writes(&id, "Yours now").await;
    assert!(desk.told().await[0].contains("The client wrote in ticket #1"));
    let stranger = json!({"assignee_id": "usr_01kapx0000000000000000000a"});
    let refused = desk.handles(&id, "assign", stranger).await;
    assert_eq!(refused.json()["errors"][0]["pointer"], "/assignee_id");
    let nobody = desk.handles(&id, "assign", json!({"assignee_id": null})).await;
    assert_eq!(nobody.json()["assignee"], Value::Null);
}

#[tokio::test]
async fn every_write_of_staff_is_written_down_with_who_what_whose_and_why() {
    let desk = Desk::open().await;
    let id = desk.opens("audit", "low").await;
    let me = desk.field(&id, "assignee_id").await;
    desk.handles(&id, "assign", json!({"assignee_id": me})).await;
    desk.handles(&id, "priority", json!({"priority": "high", "reason": "Down"})).await;
    desk.answers(&id, "Answer").await;
    desk.handles(&id, "messages", json!({"body": "Secret words", "internal": true})).await;
    desk.handles(&id, "status", json!({"status": "resolved", "reason": "Done"})).await;
    desk.handles(&id, "status", json!({"status": "resolved", "reason": "Refused"})).await;
    let acts = desk.acts_written_down().await;
    let told: Vec<(&str, Option<&str>)> =
        acts.iter().map(|it| (it.act.as_str(), it.reason.as_deref())).collect();
    let mut told = told;
    told.sort_unstable();
    assert_eq!(
        told,
        [
            ("ticket_answered", None),
            ("ticket_assigned", None),
            ("ticket_noted", None),
            ("ticket_priority", Some("Down")),
            ("ticket_status", Some("Done")),
        ]
    );
    for act in &acts {
        assert_eq!((act.client.to_string(), &act.subject), (desk.acme.account.clone(), &id));
        assert!(!act.ip.is_empty() && !format!("{act:?}").contains("Secret words"));
    }
}

#[tokio::test]
async fn an_answer_that_is_written_often_stands_in_the_clients_language() {
    let desk = Desk::open().await;
    desk.acme.patch("/v1/profile", &json!({"locale": "ar"})).await;
    let id = desk.acme.open_ticket("مشكلة").await;
    let page = desk.staff.get(&format!("/admin/tickets/{id}?answer=0")).await.text;
    assert!(page.contains("Ask for a request"), "under a name that staff read");
    let support = &desk.world.panel.app.support;
    let (_, text) = support.answers[0].in_languages("en", "ar");
    assert!(page.matches(&text[..40]).count() >= 2, "in the form, and to choose");
}

#[tokio::test]
async fn bad_input_of_staff_is_told_with_what_was_typed() {
    let desk = Desk::open().await;
    let id = desk.acme.open_ticket("Bad input").await;
    let long = "n".repeat(20_001);
    let refused = desk.form(&id, "notes", &[("note", &long)]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains(&long));
    let refused = desk.form(&id, "status", &[("status", "resolved"), ("reason", "")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    for what in ["assign", "status", "priority", "messages"] {
        let wrong = desk.handles(&id, what, json!({"x": 1})).await.status;
        assert!([400, 422].contains(&wrong.as_u16()), "{what}: {wrong}");
        let never = desk.handles("tkt_01kapx0000000000000000000a", what, json!({"x": 1})).await;
        assert!(never.status.is_client_error());
    }
    let by_client = desk.acme.get(&format!("/v1/admin/tickets/{id}")).await;
    let never = desk.acme.get("/v1/admin/tickets/tkt_01kapx0000000000000000000a").await;
    assert_eq!((by_client.status, by_client.stable()), (StatusCode::FORBIDDEN, never.stable()));
}
