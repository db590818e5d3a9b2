//! The ways of a client's: cards, paying, many at once.

use std::collections::BTreeMap;

use futures::future::join_all;
use reqwest::Method;
use serde_json::json;
use shared::testing::paid::{self, DECLINED, PAYS};
use tests::{Client, World, read};

/// A client with a card, an invoice that is due, and its path.
async fn owing(world: &World, card: &str) -> (Client, String) {
    let mut acme = world.client("acme").await;
    acme.elevate().await;
    acme.save_card(card).await;
    let account: shared::id::AccountId = acme.account.parse().unwrap();
    let client =
        shared::account::Founded { account, user: shared::id::UserId::from_bytes([0; 16]) };
    let id = paid::owing(&world.panel.app, client).await;
    (acme, format!("/v1/invoices/{id}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_who_pay_at_once_are_one_charge() {
    let world = World::start().await;
    let (acme, invoice) = owing(&world, PAYS).await;
    let pay = format!("{invoice}/pay");
    let nothing = json!({});
    let replies = join_all((0..200).map(|_| acme.post(&pay, &nothing))).await;
    let mut statuses: BTreeMap<u16, usize> = BTreeMap::new();
    for reply in &replies {
        *statuses.entry(reply.status.as_u16()).or_default() += 1;
    }
    assert!(statuses.keys().all(|it| [200, 409].contains(it)), "{statuses:?}");
    assert!(statuses.contains_key(&200));
    world.drain().await;
    let told = acme.get(&invoice).await.json();
    assert_eq!((&told["state"], told["attempts"].as_array().unwrap().len()), (&json!("paid"), 1));
    let id = told["id"].as_str().unwrap();
    assert_eq!(world.panel.cloud.bank().charged(id).0, 1);
}

#[tokio::test]
async fn an_invoice_is_paid_declined_confirmed_and_never_charged_again() {
    let world = World::start().await;
    let (acme, invoice) = owing(&world, paid::ASKS).await;
    let pay = format!("{invoice}/pay");
    let refused = acme.post(&pay, &json!({"payment_method_id": "pm_unknown"})).await;
    assert_eq!(refused.status, 422, "{}", refused.text);
    let wanted = acme.post(&pay, &json!({})).await;
    assert_eq!(wanted.status, 200, "{}", wanted.text);
    let wanted = wanted.json();
    assert_eq!(wanted["payment_state"], "action_required");
    // Asked again, it is the same page.
    let again = acme.post(&pay, &json!({})).await.json();
    assert_eq!(again["payment_url"], wanted["payment_url"]);
    let says_no =
        json!({"payment_url": wanted["payment_url"], "card": paid::ASKS, "outcome": "fail"});
    assert_eq!(world.post("/_local/bank/complete", &says_no).await.json()["state"], "declined");
    let told = acme.get(&invoice).await.json();
    assert_eq!((&told["state"], &told["payment_state"]), (&json!("open"), &json!("failed")));
    assert_eq!(told["attempts"][0]["reason"]["code"], "authentication_failed");
    let wanted = acme.post(&pay, &json!({})).await.json();
    let says_yes = json!({"payment_url": wanted["payment_url"], "card": paid::ASKS});
    assert_eq!(world.post("/_local/bank/complete", &says_yes).await.json()["state"], "complete");
    let told = acme.get(&invoice).await.json();
    assert_eq!((&told["state"], &told["payment_state"]), (&json!("paid"), &json!("paid")));
    let once_more = acme.post(&pay, &json!({})).await;
    assert_eq!(
        (once_more.status.as_u16(), &once_more.json()["code"]),
        (409, &json!("nothing_due"))
    );
    let id = told["id"].as_str().unwrap();
    assert_eq!(world.panel.cloud.bank().charged(id).0, 1);
    let listed = acme.get("/v1/transactions").await.json();
    // All of one moment.
    let of = |state: &str| {
        let items = listed["items"].as_array().unwrap().iter();
        items.filter(|it| it["kind"] == "charge" && it["state"] == state).count()
    };
    assert_eq!((of("succeeded"), of("failed"), of("pending")), (1, 1, 0));
}

#[tokio::test]
async fn the_last_card_stays_while_something_is_due() {
    let world = World::start().await;
    let (acme, _) = owing(&world, DECLINED).await;
    let only = acme.get("/v1/payment-methods").await.json()["items"][0].clone();
    assert_eq!((&only["default"], &only["kind"]), (&json!(true), &json!("card")));
    let path = format!("/v1/payment-methods/{}", only["id"].as_str().unwrap());
    let kept = read(acme.request(Method::DELETE, &path)).await;
    assert_eq!(
        (kept.status.as_u16(), &kept.json()["code"]),
        (409, &json!("payment_method_needed"))
    );
    acme.save_card(PAYS).await;
    let gone = read(acme.request(Method::DELETE, &path)).await;
    assert_eq!(gone.status, 204);
    let left = acme.get("/v1/payment-methods").await.json();
    assert_eq!(
        (left["items"].as_array().unwrap().len(), &left["items"][0]["default"]),
        (1, &json!(true))
    );
}

#[tokio::test]
async fn without_a_card_paying_says_so_and_where_one_comes_back_to_is_a_path_of_ours() {
    let world = World::start().await;
    let (acme, invoice) = owing(&world, PAYS).await;
    let only = acme.get("/v1/payment-methods").await.json()["items"][0]["id"].clone();
    for bad in ["https://evil.test", "//evil.test", "/\\evil.test", "", "javascript:x"] {
        let reply = acme.post("/v1/payment-methods", &json!({"return_to": bad})).await;
        assert_eq!(reply.status, 422, "{bad}");
    }
    // Another's card is nobody's.
    let mut other = world.client("other").await;
    other.elevate().await;
    let path = format!("/v1/payment-methods/{}/default", only.as_str().unwrap());
    assert_eq!(other.put(&path, &json!({})).await.status, 404);
    let body = json!({"payment_method_id": only});
    assert_eq!(other.post(&format!("{invoice}/pay"), &body).await.status, 422);
    let plain = world.client("poor").await;
    let account: shared::id::AccountId = plain.account.parse().unwrap();
    let client =
        shared::account::Founded { account, user: shared::id::UserId::from_bytes([0; 16]) };
    let id = paid::owing(&world.panel.app, client).await;
    let reply = plain.post(&format!("/v1/invoices/{id}/pay"), &json!({})).await;
    assert_eq!(
        (reply.status.as_u16(), &reply.json()["code"]),
        (402, &json!("payment_method_required"))
    );
}

#[tokio::test]
async fn word_comes_in_the_month_before_a_cards_last_one_and_it_is_expired_after_it() {
    let world = World::start().await;
    let mut acme = world.client("acme").await;
    acme.elevate().await;
    let opened = acme.post("/v1/payment-methods", &json!({})).await.json();
    let typed = [("number", PAYS), ("expires", "01/27")];
    world.http.post(opened["setup_url"].as_str().unwrap()).form(&typed).send().await.unwrap();
    world.drain().await;
    let card = acme.get("/v1/payment-methods").await.json()["items"][0].clone();
    assert_eq!(
        (&card["state"], &card["expires"]),
        (&json!("ready"), &json!({"month": 1, "year": 2027}))
    );
    let day = 86_400;
    let told = async |acme: &Client| {
        let token = world.session(&acme.account).await;
        let mut acme = acme.clone();
        acme.token = token;
        let list = acme.get("/v1/notifications?limit=100").await.json();
        list["items"].as_array().unwrap().iter().filter(|it| it["kind"] == "card_expiring").count()
    };
    world.advance(8 * day).await;
    assert_eq!(told(&acme).await, 0, "on the thirtieth of November");
    world.advance(2 * day).await;
    world.drain().await;
    assert_eq!(told(&acme).await, 1, "on the second of December");
    world.advance(62 * day).await;
    assert_eq!(told(&acme).await, 1);
    acme.token = world.session(&acme.account).await;
    let card = acme.get("/v1/payment-methods").await.json()["items"][0].clone();
    assert_eq!(card["state"], "expired");
}

#[tokio::test]
async fn paying_under_one_key_is_one_try_and_gets_the_first_reply_again() {
    for (card, status) in [(DECLINED, 402), (PAYS, 200)] {
        let world = World::start().await;
        let (acme, invoice) = owing(&world, card).await;
        let pay = async |key: &str, body: serde_json::Value| {
            let request = acme.request(Method::POST, &format!("{invoice}/pay"));
            read(request.header("idempotency-key", key).json(&body)).await
        };
        let first = pay("one", json!({})).await;
        assert_eq!(first.status, status, "{}", first.text);
        let again = pay("one", json!({})).await;
        let told = |reply: &tests::Reply| {
            let mut told = reply.json();
            told.as_object_mut().unwrap().remove("request_id");
            (reply.status, told, reply.header("content-type").to_owned())
        };
        assert_eq!(told(&again), told(&first));
        let attempts =
            async || acme.get(&invoice).await.json()["attempts"].as_array().unwrap().len();
        assert_eq!(attempts().await, 1);
        let other = pay("one", json!({"payment_method_id": null})).await;
        assert_eq!(
            (other.status.as_u16(), &other.json()["code"]),
            (422, &json!("idempotency_key_reused"))
        );
        let anew = pay("two", json!({})).await;
        assert_eq!(anew.status, if status == 402 { 402 } else { 409 }, "{}", anew.text);
        assert_eq!(attempts().await, if status == 402 { 2 } else { 1 });
    }
}

#[tokio::test]
async fn who_tries_cards_out_is_stopped_and_may_go_on_an_hour_later() {
    let world = World::start().await;
    let (mut acme, invoice) = owing(&world, DECLINED).await;
    let pay = format!("{invoice}/pay");
    for _ in 0..20 {
        assert_eq!(acme.post(&pay, &json!({})).await.status, 402);
    }
    let refused = acme.post(&pay, &json!({})).await;
    assert_eq!((refused.status.as_u16(), refused.header("retry-after")), (429, "3600"));
    let listed = acme.get(&invoice).await.json()["attempts"].as_array().unwrap().len();
    assert_eq!(listed, 20, "and nothing was tried");
    world.advance(3_600).await;
    acme.token = world.session(&acme.account).await;
    assert_eq!(acme.post(&pay, &json!({})).await.status, 402);
}
