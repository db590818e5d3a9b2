//! Sessions that are ended while one of their requests is under way.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use shared::testing::Hold;
use tests::{Authenticator, Client, PASSWORD, World, read};

use super::{
    held::Held,
    passwords::{NEXT, login},
    post,
};

/// A client, and somebody else with its password.
async fn two(world: &World) -> (Client, Client) {
    let mut acme = world.client("acme").await;
    let mut thief = world.sign_in(&acme.email, PASSWORD).await;
    acme.elevate().await;
    thief.elevate().await;
    (acme, thief)
}

async fn end_others(client: &Client) {
    let ended = read(client.request(Method::DELETE, "/v1/sessions")).await;
    assert_eq!(ended.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn changing_the_password_revives_no_session_that_was_ended_meanwhile() {
    let world = World::start().await;
    let (acme, thief) = two(&world).await;
    let change: Value = json!({"current_password": PASSWORD, "new_password": NEXT});
    let change = post("/v1/security/password", Some(&thief.token), &change);
    // Its session was checked, and its user is not read yet.
    let change = Held::at(&world, Hold::before("GetItem"), change).await;
    end_others(&acme).await;
    assert_eq!(change.goes_on().await, 401);
    assert_eq!(acme.get("/v1/profile").await.status, StatusCode::OK);
    assert_eq!(thief.get("/v1/profile").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(login(&world, &acme.email, NEXT).await, 401);
}

#[tokio::test]
async fn nobody_turns_a_factor_on_in_a_session_that_was_ended_meanwhile() {
    let world = World::start().await;
    let (acme, thief) = two(&world).await;
    let begun = thief.post("/v1/security/2fa/enable", &json!({})).await.json();
    let secret = begun["secret"].as_str().unwrap().to_owned();
    let program = Authenticator { secret, backup_codes: Vec::new() };
    let code = json!({"code": program.code(&world.site)});
    let on = post("/v1/security/2fa/verify", Some(&thief.token), &code);
    let on = Held::before_it_commits(&world, on).await;
    end_others(&acme).await;
    assert_eq!(on.goes_on().await, 401);
    assert_eq!(acme.get("/v1/security/2fa").await.json()["enabled"], false);
}

#[tokio::test]
async fn pressing_twice_ends_the_others_once_and_keeps_who_pressed() {
    let world = World::start().await;
    let (acme, _) = two(&world).await;
    let mut ending = post("/v1/sessions", Some(&acme.token), &json!({}));
    *ending.method_mut() = Method::DELETE;
    let ending = Held::before_it_commits(&world, ending).await;
    end_others(&acme).await;
    assert_eq!(ending.goes_on().await, 204);
    assert_eq!(acme.get("/v1/profile").await.status, StatusCode::OK);
}

#[tokio::test]
async fn nobody_is_told_that_the_others_ended_where_none_did() {
    let world = World::start().await;
    let (acme, other) = two(&world).await;
    let mut ending = post("/v1/sessions", Some(&acme.token), &json!({}));
    *ending.method_mut() = Method::DELETE;
    let ending = Held::before_it_commits(&world, ending).await;
    // The session gets another token, under the same epoch.
    acme.post("/v1/auth/sudo", &json!({"password": PASSWORD})).await;
    assert_eq!(ending.goes_on().await, 401);
    assert_eq!(other.get("/v1/profile").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_profile_is_not_changed_in_a_session_that_was_ended_meanwhile() {
    let world = World::start().await;
    let (acme, other) = two(&world).await;
    let before = acme.get("/v1/profile").await.json();
    let change = async |change: Value| {
        let mut changing = post("/v1/profile", Some(&acme.token), &change);
        *changing.method_mut() = Method::PATCH;
        Held::before_it_commits(&world, changing).await
    };
    // What lies with the user, with the company, and in the mail to a new address.
    let name = change(json!({"name": "Eve"})).await;
    let company = change(json!({"company": "Evil"})).await;
    let email = change(json!({"email": "eve@evil.test"})).await;
    end_others(&other).await;
    for changing in [name, company, email] {
        assert_eq!(changing.goes_on().await, 401);
    }
    assert_eq!(other.get("/v1/profile").await.json(), before);
    assert!(world.mails("eve@evil.test").await.is_empty());
}
