//! The main way through the house.

use reqwest::StatusCode;
use serde_json::json;
use shared::{
    auth::{OneTimeToken, Secret, find_one_time},
    random::Random,
};
use tests::{PASSWORD, World, journeys};

#[tokio::test]
async fn the_journeys_lead_through_the_house() {
    journeys::all(&World::start().await.site).await;
}

#[tokio::test]
async fn a_used_link_leaves_nothing_behind_and_its_id_alone_opens_nothing() {
    let world = World::start().await;
    let body = |email: &str| json!({"email": email, "password": PASSWORD, "name": "Ada"});
    world.post("/v1/auth/register", &body("ada@acme.test")).await;
    let token = world.mailed_token("ada@acme.test").await;
    world.post("/v1/auth/verify-email", &json!({"token": token})).await;
    let id = token.parse::<OneTimeToken>().unwrap().id;
    let left = find_one_time(&world.panel.app, id).await.unwrap();
    assert!(left.is_none());

    world.post("/v1/auth/register", &body("eve@acme.test")).await;
    let mut forged: OneTimeToken = world.mailed_token("eve@acme.test").await.parse().unwrap();
    forged.secret = Secret::new(&Random::seeded(1));
    let reply = world.post("/v1/auth/verify-email", &json!({"token": forged.to_string()})).await;
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
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
    assert_eq!(world.mails("new@acme.test").await[0]["subject"], "Confirm your email address");
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
