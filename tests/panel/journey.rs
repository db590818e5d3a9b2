//! The main way through the house.

use reqwest::StatusCode;
use serde_json::{Value, json};
use shared::{
    auth::{OneTimeToken, Secret, find_one_time},
    random::Random,
};
use tests::{PASSWORD, World};

#[tokio::test]
async fn a_client_registers_uses_and_sees_it_exact() {
    let world = World::start().await;
    let acme = world.client("acme").await;
    let empty = acme.get("/v1/dashboard").await.json();
    assert_eq!(empty["usage"]["requests"], 0);
    assert_eq!(empty["subscription"]["state"], "active");

    let events: Vec<_> = (0..250).map(|number| acme.event(&format!("e{number}"))).collect();
    let reply = world.report(&events).await;
    assert_eq!((reply.status, &reply.json()["accepted"]), (StatusCode::ACCEPTED, &json!(250)));
    world.report(&events).await;
    world.drain().await;

    let usage = acme.get("/v1/dashboard").await.json()["usage"].clone();
    assert_eq!(usage["requests"], 250);
    assert_eq!(usage["tokens"], 250 * 418);
    assert_eq!(usage["cost"], json!({"amount": "0.08825", "currency": "USD"}));
    assert!(usage["updated_at"].is_string());
}

#[tokio::test]
async fn the_link_in_the_mail_works_once_and_only_by_the_button() {
    let world = World::start().await;
    let body =
        json!({"email": "ada@acme.test", "password": PASSWORD, "name": "Ada", "locale": "ar"});
    world.post("/v1/auth/register", &body).await;
    let mails = world.mails("ada@acme.test").await;
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0]["subject"], "أكّد بريدك الإلكتروني");
    assert!(mails[0]["html"].as_str().unwrap().contains("dir=\"rtl\""));

    let token = world.mailed_token("ada@acme.test").await;
    for _look in 0..2 {
        assert_eq!(world.get(&format!("/verify?token={token}")).await.status, StatusCode::OK);
    }
    let confirm = json!({"token": token});
    let first = world.post("/v1/auth/verify-email", &confirm).await;
    assert_eq!(first.status, StatusCode::NO_CONTENT);
    let second = world.post("/v1/auth/verify-email", &confirm).await;
    assert_eq!(second.json()["code"], "invalid_link");
    // What was registered does not lie about once it is an account.
    let id = token.parse::<OneTimeToken>().unwrap().id;
    let left = find_one_time::<Value>(&world.panel.app, id).await.unwrap();
    assert!(left.is_none());

    world
        .post(
            "/v1/auth/register",
            &json!({"email": "eve@acme.test", "password": PASSWORD, "name": "Eve"}),
        )
        .await;
    let mut forged: OneTimeToken = world.mailed_token("eve@acme.test").await.parse().unwrap();
    forged.secret = Secret::new(&Random::seeded(1));
    let reply = world.post("/v1/auth/verify-email", &json!({"token": forged.to_string()})).await;
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "the id alone opens nothing");
}

#[tokio::test]
async fn a_link_is_good_for_a_day() {
    let world = World::start().await;
    let body = json!({"email": "ada@acme.test", "password": PASSWORD, "name": "Ada"});
    world.post("/v1/auth/register", &body).await;
    let token = world.mailed_token("ada@acme.test").await;
    world.advance(24 * 3600).await;
    let late = world.post("/v1/auth/verify-email", &json!({"token": token})).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_known_address_learns_by_mail_alone_that_it_is_known() {
    let world = World::start().await;
    let email = world.register("acme").await;
    let body = |email: &str| json!({"email": email, "password": PASSWORD, "name": "X"});
    let known = world.post("/v1/auth/register", &body(&email)).await;
    let unknown = world.post("/v1/auth/register", &body("new@acme.test")).await;
    assert_eq!((known.status, &known.text), (unknown.status, &unknown.text));
    assert_eq!(world.mails(&email).await[0]["subject"], "You already have an account");
    assert_eq!(world.mails("new@acme.test").await[0]["subject"], "Confirm your e-mail address");
}

#[tokio::test]
async fn of_two_links_for_one_address_one_founds_the_account() {
    let world = World::start().await;
    let body = json!({"email": "ada@acme.test", "password": PASSWORD, "name": "Ada"});
    let mut tokens = Vec::new();
    for _registration in 0..2 {
        world.post("/v1/auth/register", &body).await;
        tokens.push(world.mailed_token("ada@acme.test").await);
    }
    let mut statuses = Vec::new();
    for token in &tokens {
        let reply = world.post("/v1/auth/verify-email", &json!({"token": token})).await;
        statuses.push(reply.status.as_u16());
    }
    assert_eq!(statuses, [204, 422]);
}
