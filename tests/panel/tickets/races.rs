//! Everybody at once: legal states, numbers that nothing else has, and counts that equal a recount.

use std::collections::BTreeSet;

use futures::future::join_all;
use reqwest::StatusCode;
use serde_json::{Value, json};
use shared::random::Random;

use super::{Desk, stands};

/// What may come of a move that others make at the same time.
const FAIR: [StatusCode; 4] =
    [StatusCode::OK, StatusCode::CREATED, StatusCode::CONFLICT, StatusCode::SERVICE_UNAVAILABLE];

impl Desk {
    /// Counts from the list what the dashboard has counted all along.
    async fn recount(&self) -> [u64; 2] {
        let list = self.acme.get("/v1/tickets?limit=100").await.json();
        let items = list["items"].as_array().unwrap();
        let open = items.iter().filter(|it| it["status"] != "closed").count();
        let waiting = items.iter().filter(|it| it["waiting_for"] == "you").count();
        [open, waiting].map(|count| count as u64)
    }

    /// What staff's queue has of it.
    async fn queued(&self) -> BTreeSet<String> {
        let path = format!("/v1/admin/tickets?limit=100&client={}", self.acme.account);
        let list = self.staff.get(&path).await.json();
        let items = list["items"].as_array().unwrap().iter();
        items.map(|it| it["id"].as_str().unwrap().to_owned()).collect()
    }

    async fn any_move(&self, id: &str, draw: u64) -> StatusCode {
        let status = ["in_progress", "resolved", "closed"][usize::try_from(draw % 3).unwrap()];
        let reply = match draw / 3 % 7 {
            0 => self.writes(id, "Word").await,
            1 => self.answers(id, "Answer").await,
            2 => self.acts(id, "close", json!({})).await,
            3 => self.acts(id, "reopen", json!({})).await,
            4 => self.sets(id, status).await,
            5 => {
                let priority = ["low", "high", "urgent"][usize::try_from(draw % 3).unwrap()];
                let body = json!({"priority": priority, "reason": "Weighed"});
                self.handles(id, "priority", body).await
            }
            _ => self.handles(id, "assign", json!({"assignee_id": null})).await,
        };
        reply.status
    }
}

fn is_legal(ticket: &Value) -> bool {
    let (paused, due) = (&ticket["promise"]["paused"], &ticket["promise"]["solution_due"]);
    let stands_still = *paused == json!(true) && due.is_null();
    match stands(ticket) {
        ["open" | "in_progress", "us"] => *paused == json!(false) && due.is_string(),
        ["in_progress", "you"] | ["resolved" | "closed", "nobody"] => stands_still,
        _ => false,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_moves_at_once_leave_legal_states_and_true_counts() {
    let mut desk = Desk::open().await;
    let mut ids = Vec::new();
    for number in 0..4 {
        ids.push(desk.acme.open_ticket(&format!("Number {number}")).await);
    }
    let random = Random::seeded(25);
    for _round in 0..3 {
        let moves = (0..64).map(|_| {
            let id = &ids[usize::try_from(random.below(4)).unwrap()];
            desk.any_move(id, random.below(63))
        });
        for status in join_all(moves).await {
            assert!(FAIR.contains(&status), "{status}");
        }
        desk.world.drain().await;
        assert_eq!(desk.counts().await, desk.recount().await);
        let mut unclosed = BTreeSet::new();
        for id in &ids {
            let ticket = desk.ticket(id).await;
            assert!(is_legal(&ticket), "{ticket}");
            unclosed.extend((ticket["status"] != "closed").then(|| id.clone()));
        }
        assert_eq!(desk.queued().await, unclosed);
        let page = desk.acme.get("/tickets").await.text;
        for id in &ids {
            assert_eq!(page.contains(id.as_str()), unclosed.contains(id));
        }
        // What the clock does beside them is of the same kind.
        desk.days_pass(8).await;
        assert_eq!(desk.counts().await, desk.recount().await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_tickets_at_once_have_a_number_each() {
    let desk = Desk::open().await;
    let body = json!({"subject": "At once", "body": "b"});
    let opened = join_all((0..64).map(|_| desk.acme.post("/v1/tickets", &body))).await;
    let mut numbers: Vec<u64> =
        opened.iter().filter_map(|it| it.json()["number"].as_u64()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=64).collect::<Vec<u64>>());
    assert_eq!(desk.counts().await, [64, 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_belongs_to_one_message_however_many_name_it() {
    let desk = Desk::open().await;
    let id = desk.acme.open_ticket("One file").await;
    let file = desk.acme.send_file(&id, "a.txt", "content").await;
    let body = json!({"body": "Here", "attachment_ids": [file]});
    let path = format!("/v1/tickets/{id}/messages");
    let replies = join_all((0..16).map(|_| desk.acme.post(&path, &body))).await;
    let taken = replies.iter().filter(|it| it.status == StatusCode::CREATED).count();
    assert_eq!(taken, 1);
    assert_eq!(desk.acme.get(&path).await.json()["items"].as_array().unwrap().len(), 2);
}
