//! The clock of who does not pay, on a virtual clock.

use jiff::SignedDuration;
use serde_json::{Value, json};
use shared::{
    account::SubscriptionState,
    billing::{InvoiceState, PaymentState},
    money::Pico,
    payments::{Charged, Reason, TriedBy, charge},
    testing::{TestApp, billed, paid},
};

use super::{balance, collect, do_what_is_due, state};
use crate::billing::Story;

const FAILED: &str = "2026-11-01T12:00:00Z";

/// A client of starter whose first invoice fails on the first of November at noon.
async fn fails(card: Option<&str>) -> Story {
    let mut it = Story::begin("2026-10-05T00:00:00Z", "starter").await;
    if let Some(card) = card {
        it.save_card(card).await;
    }
    it.walk_to(FAILED).await;
    it
}

async fn key(it: &mut Story) -> Value {
    it.acme.elevate().await;
    let key = json!({"name": "nightly", "scopes": ["inference"]});
    it.acme.post("/v1/api-keys", &key).await.json()["secret"].clone()
}

async fn verdict(it: &Story, key: &Value) -> Value {
    let question = json!({"api_key": key});
    let reply = it.world.post_as_service("/v1/gateway/authorize", &question).await.json();
    if reply["allowed"] == true { json!("allowed") } else { reply["code"].clone() }
}

async fn subscription(it: &Story) -> Value {
    it.acme.get("/v1/subscription").await.json()
}

fn tried(invoice: &Value) -> Vec<&str> {
    let attempts = invoice["attempts"].as_array().unwrap();
    attempts.iter().map(|it| it["at"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn tries_come_on_their_days_requests_are_refused_from_the_seventh_and_the_last_one_cancels() {
    for card in [Some(paid::DECLINED), None] {
        let mut it = fails(card).await;
        let secret = key(&mut it).await;
        let now = subscription(&it).await;
        assert_eq!(now["state"], "past_due");
        let invoice = it.invoices().await.remove(0);
        let expected = json!({"state": "failed", "invoice_id": invoice["id"], "next_attempt_at": "2026-11-03T12:00:00Z"});
        assert_eq!(now["payment"], expected);
        assert_eq!(invoice["next_attempt_at"], "2026-11-03T12:00:00Z");
        assert_eq!(invoice["payment_state"], "failed");

        it.walk_to("2026-11-08T11:59:59Z").await;
        assert_eq!(verdict(&it, &secret).await, "allowed");
        it.walk_to("2026-11-08T12:00:00Z").await;
        assert_eq!(verdict(&it, &secret).await, "payment_required");
        it.walk_to("2026-11-22T11:59:59Z").await;
        assert_eq!(subscription(&it).await["state"], "past_due");
        it.walk_to("2026-11-22T12:00:00Z").await;
        let over = subscription(&it).await;
        assert_eq!((&over["state"], &over["period"]), (&json!("canceled"), &Value::Null));
        assert_eq!(over["payment"]["next_attempt_at"], Value::Null);
        assert_eq!(verdict(&it, &secret).await, "subscription_canceled");

        it.walk_to("2027-01-05T00:00:00Z").await;
        let invoice = it.invoices().await.remove(0);
        let days = ["01", "03", "08", "15", "22"].map(|day| format!("2026-11-{day}T12:00:00Z"));
        let tries: Vec<String> =
            tried(&invoice).iter().map(|it| format!("{}Z", &it[..19])).collect();
        assert_eq!(tries, days);
        assert_eq!(invoice["state"], "open", "it stays payable");
        let told = it.acme.get("/v1/notifications?limit=100").await.json();
        let kind = |kind: &str| {
            told["items"].as_array().unwrap().iter().filter(|it| it["kind"] == kind).count()
        };
        assert_eq!((kind("payment_failed"), kind("subscription")), (5, 1));

        // It is paid late, and what is over stays over.
        let good = it.save_card(paid::PAYS).await;
        let path = format!("/v1/invoices/{}/pay", invoice["id"].as_str().unwrap());
        let reply = it.acme.post(&path, &json!({"payment_method_id": good})).await;
        assert_eq!((reply.status.as_u16(), &reply.json()["state"]), (200, &json!("paid")));
        assert_eq!(subscription(&it).await["state"], "canceled");
    }
}

#[tokio::test]
async fn another_default_card_is_tried_at_once_and_own_tries_move_nothing() {
    let mut it = fails(Some(paid::DECLINED)).await;
    let secret = key(&mut it).await;
    let id = it.invoices().await[0]["id"].as_str().unwrap().to_owned();
    it.walk_to("2026-11-02T00:00:00Z").await;
    let reply = it.acme.post(&format!("/v1/invoices/{id}/pay"), &json!({})).await;
    assert_eq!((reply.status.as_u16(), &reply.json()["code"]), (402, &json!("payment_failed")));
    assert_eq!(reply.json()["errors"][0]["code"], "declined");
    let next = subscription(&it).await["payment"]["next_attempt_at"].clone();
    assert_eq!(next, "2026-11-03T12:00:00Z");

    it.walk_to("2026-11-09T00:00:00Z").await;
    assert_eq!(verdict(&it, &secret).await, "payment_required");
    let good = it.save_card(paid::PAYS).await;
    let reply = it.acme.put(&format!("/v1/payment-methods/{good}/default"), &json!({})).await;
    assert_eq!(reply.status, 204);
    it.world.drain().await;
    let now = subscription(&it).await;
    assert_eq!((&now["state"], &now["payment"]["state"]), (&json!("active"), &json!("ok")));
    assert_eq!(verdict(&it, &secret).await, "allowed");
    assert_eq!(it.invoices().await.len(), 1, "the base of November was billed before");
}

#[tokio::test]
async fn a_base_that_was_left_out_is_billed_from_the_day_on_which_all_is_paid() {
    let mut it = Story::begin("2026-10-05T00:00:00Z", "starter").await;
    let good = it.save_card(paid::PAYS).await;
    it.walk_to("2026-11-20T00:00:00Z").await;
    // Something else falls due on the twentieth, and its card fails.
    let bad = it.save_card(paid::DECLINED).await;
    it.acme.put(&format!("/v1/payment-methods/{bad}/default"), &json!({})).await;
    let app = &it.world.panel.app;
    let account: shared::id::AccountId = it.acme.account.parse().unwrap();
    let client =
        shared::account::Founded { account, user: shared::id::UserId::from_bytes([0; 16]) };
    paid::owing(app, client).await;
    paid::due(app, client, &shared::payments::Matter::Collect {}).await;
    it.world.drain().await;
    assert_eq!(subscription(&it).await["state"], "past_due");

    it.walk_to("2026-12-05T00:00:00Z").await;
    assert_eq!(it.invoices().await.len(), 2, "December has no base, and so no invoice");
    let kinds = |invoice: &Value| -> Vec<Value> {
        invoice["lines"].as_array().unwrap().iter().map(|it| it["kind"].clone()).collect()
    };
    it.acme.put(&format!("/v1/payment-methods/{good}/default"), &json!({})).await;
    it.world.drain().await;
    it.world.drain().await;
    assert_eq!(subscription(&it).await["state"], "active");
    let begun = it.invoices().await.pop().unwrap();
    assert_eq!(begun["payment_state"], "paid");
    // Growth, 149.00: 27 of 31 days.
    assert_eq!(crate::billing::lines(&begun), [("base".to_owned(), "129.77".to_owned())]);
    assert_eq!(
        begun["period"],
        json!({"start": "2026-12-05T00:00:00Z", "end": "2027-01-01T00:00:00Z"})
    );
    it.walk_to("2027-01-01T12:00:00Z").await;
    let january = it.invoices().await.pop().unwrap();
    assert_eq!(kinds(&january), [json!("base")], "and no base twice");
}

#[tokio::test]
async fn a_suspension_stops_the_clock_and_an_activation_lets_it_go_on() {
    let world = TestApp::start().await;
    let client = world.client("acme").await;
    paid::card(&world.app, client, paid::DECLINED).await;
    let id = paid::owing(&world.app, client).await;
    collect(&world, client).await;
    let begun = balance(&world, client).await.dunning.unwrap();
    let day = SignedDuration::from_hours(24);
    world.app.clock.advance(day);
    let company = crate::billing::company(&world, client).await;
    billing::operations::suspend(&company).await.unwrap();
    for _ in 0..10 {
        world.app.clock.advance(day);
        do_what_is_due(&world).await;
    }
    let attempts = paid::invoice(&world.app, client, id).await.attempts.len();
    assert_eq!(attempts, 1, "nothing is tried");
    billing::operations::activate(&company).await.unwrap();
    let went_on = balance(&world, client).await.dunning.unwrap();
    assert_eq!(went_on.since, begun.since + day * 10);
    world.app.clock.advance(day);
    do_what_is_due(&world).await;
    let attempts = paid::invoice(&world.app, client, id).await.attempts.len();
    assert_eq!(attempts, 2, "two days of its own after the first");
}

#[tokio::test]
async fn a_try_takes_all_that_is_due_and_the_clock_goes_on_until_all_of_it_is_paid() {
    let world = TestApp::start().await;
    let client = world.client("acme").await;
    paid::card(&world.app, client, paid::DECLINED).await;
    billed::history(&world.app, client).await;
    let unpaid: Vec<_> = balance(&world, client).await.unpaid.into_iter().collect();
    assert_eq!(unpaid.len(), 2);
    collect(&world, client).await;
    for id in &unpaid {
        assert_eq!(paid::invoice(&world.app, client, *id).await.attempts.len(), 1);
    }
    let good = paid::card(&world.app, client, paid::PAYS).await;
    let tenant = world.tenant(client);
    for (place, id) in unpaid.iter().enumerate() {
        let tried = charge(&world.app, tenant, *id, TriedBy::Client, Some(good)).await.unwrap();
        assert!(matches!(tried, Charged::Tried(it) if it.state == InvoiceState::Paid));
        let over = place == 1;
        assert_eq!(balance(&world, client).await.dunning.is_none(), over);
        let expected = if over { SubscriptionState::Active } else { SubscriptionState::PastDue };
        assert_eq!(state(&world, client).await, expected);
    }
    assert_eq!(balance(&world, client).await.due, Pico::ZERO);
}

#[tokio::test]
async fn a_card_that_its_bank_blocks_is_not_charged_again_and_the_clock_runs_all_the_same() {
    let world = TestApp::start().await;
    let client = world.client("acme").await;
    paid::card(&world.app, client, paid::STOLEN).await;
    let id = paid::owing(&world.app, client).await;
    collect(&world, client).await;
    let day = SignedDuration::from_hours(24);
    for _ in 0..22 {
        world.app.clock.advance(day);
        do_what_is_due(&world).await;
    }
    let invoice = paid::invoice(&world.app, client, id).await;
    assert_eq!(invoice.attempts.len(), 1);
    assert_eq!(invoice.attempts[0].reason, Some(Reason::CardBlocked));
    assert_eq!(state(&world, client).await, SubscriptionState::Canceled);
}

#[tokio::test]
async fn a_card_whose_bank_asks_is_a_failure_at_a_renewal_until_its_owner_confirms() {
    let it = fails(Some(paid::ASKS)).await;
    let now = subscription(&it).await;
    assert_eq!(
        (&now["state"], &now["payment"]["state"]),
        (&json!("past_due"), &json!("action_required"))
    );
    let invoice = it.invoices().await.remove(0);
    assert_eq!(invoice["payment_state"], "action_required");
    let told = it.acme.get("/v1/notifications").await.json();
    assert!(told["items"].as_array().unwrap().iter().any(|it| it["kind"] == "payment_action"));
    let url = invoice["payment_url"].as_str().unwrap();
    paid::type_card(url, paid::ASKS).await;
    it.world.drain().await;
    let invoice = it.invoices().await.remove(0);
    assert_eq!((&invoice["state"], &invoice["payment_state"]), (&json!("paid"), &json!("paid")));
    assert_eq!(subscription(&it).await["state"], "active");
}

#[tokio::test]
async fn what_an_account_owes_that_is_over_is_charged_once() {
    let world = TestApp::start().await;
    let client = world.client("acme").await;
    paid::card(&world.app, client, paid::STOLEN).await;
    paid::owing(&world.app, client).await;
    collect(&world, client).await;
    world.app.clock.advance(SignedDuration::from_hours(24 * 22));
    do_what_is_due(&world).await;
    assert_eq!(state(&world, client).await, SubscriptionState::Canceled);
    // What was used of its last month, past what is included.
    let day = jiff::civil::date(2026, 11, 10);
    let used = (shared::plan::AiType::Image, 900_000);
    billed::count(&world.app, world.tenant(client), day, used.0, used.1).await;
    let closing = paid::owing(&world.app, client).await;
    for _ in 0..3 {
        collect(&world, client).await;
    }
    let invoice = paid::invoice(&world.app, client, closing).await;
    assert_eq!((invoice.attempts.len(), invoice.payment_state), (1, PaymentState::Failed));
}

/// A try of the clock's is on its way: it was written down, and nobody knows what became of it.
async fn on_its_way(card: &str) -> (TestApp, shared::account::Founded, shared::id::InvoiceId) {
    let world = TestApp::start().await;
    let client = world.client("acme").await;
    paid::card(&world.app, client, card).await;
    let id = paid::owing(&world.app, client).await;
    paid::begun(&world.app, client, id).await;
    (world, client, id)
}

#[tokio::test]
async fn a_try_that_fails_during_a_suspension_cancels_nothing_and_its_clock_stands() {
    let (world, client, id) = on_its_way(paid::DECLINED).await;
    let company = crate::billing::company(&world, client).await;
    billing::operations::suspend(&company).await.unwrap();
    shared::payments::ask(&world.app, world.tenant(client), id, 1).await.unwrap();
    assert_eq!(state(&world, client).await, SubscriptionState::PastDue);
    let day = SignedDuration::from_hours(24);
    world.app.clock.advance(day * 30);
    do_what_is_due(&world).await;
    billing::operations::activate(&company).await.unwrap();
    do_what_is_due(&world).await;
    assert_eq!(paid::invoice(&world.app, client, id).await.attempts.len(), 1);
    world.app.clock.advance(day * 2);
    do_what_is_due(&world).await;
    assert_eq!(paid::invoice(&world.app, client, id).await.attempts.len(), 2);
    assert_eq!(state(&world, client).await, SubscriptionState::PastDue);
}

#[tokio::test]
async fn what_is_not_due_any_more_when_its_try_fails_begins_no_clock() {
    let (world, client, id) = on_its_way(paid::DECLINED).await;
    let company = crate::billing::company(&world, client).await;
    assert!(billing::operations::give_up(&company, id).await.is_err(), "a payment is on its way");
    let due = paid::invoice(&world.app, client, id).await.amount_due;
    let to = billing::operations::GivenBackTo::Credit;
    billing::operations::credit_invoice(&company, id, due, to).await.unwrap();
    shared::payments::ask(&world.app, world.tenant(client), id, 1).await.unwrap();
    let balance = balance(&world, client).await;
    assert_eq!((balance.due, balance.dunning), (Pico::ZERO, None));
    assert_eq!(world.cloud.bank().charged(&id.to_string()).0, 0, "and nothing is charged for it");
    assert_eq!(state(&world, client).await, SubscriptionState::Active);
}

#[tokio::test]
async fn a_client_who_is_paying_keeps_the_clock_waiting_and_not_for_ever() {
    let (world, client, id) = on_its_way(paid::DECLINED).await;
    let mut invoice = paid::invoice(&world.app, client, id).await;
    invoice.attempts[0].by = TriedBy::Client;
    let key = shared::billing::invoice_key(world.tenant(client), id);
    world.app.table.put(&key, &invoice).await.unwrap();
    collect(&world, client).await;
    shared::payments::ask(&world.app, world.tenant(client), id, 1).await.unwrap();
    assert!(balance(&world, client).await.dunning.is_none(), "own tries do not count");
    world.app.clock.advance(SignedDuration::from_mins(11));
    do_what_is_due(&world).await;
    assert!(balance(&world, client).await.dunning.is_some());
}
