//! "This was not me": what the link in a mail about a change undoes, and that whoever was in the
//! account can neither undo the rescue nor keep anything of it.

mod first;
mod races;

use reqwest::{Method, StatusCode};
use serde_json::json;
use shared::{clock::Clock, wire::Wire};
use tests::{Client, PASSWORD, World, read};

use super::{
    events, guarded,
    passwords::{NEXT, login, new_address, reset},
};

/// The address of an account, changed and confirmed.
async fn move_to(world: &World, client: &Client, email: &str) {
    world.advance(1).await;
    assert_eq!(new_address(client, email).await.0, 200);
    let token = world.mailed_token(email).await;
    let confirmed = world.post("/v1/auth/verify-email", &json!({"token": token})).await;
    assert_eq!(confirmed.status, StatusCode::NO_CONTENT);
}

async fn not_me(world: &World, link: &str) -> (u16, String) {
    let reply = read(world.request(Method::POST, "/not-me").form(&[("token", link)])).await;
    let location =
        reply.header("location").strip_prefix("/reset?secured=1&token=").unwrap_or_default();
    (reply.status.as_u16(), location.to_owned())
}

#[tokio::test]
async fn whoever_was_in_the_account_cannot_undo_its_rescue() {
    let world = World::start().await;
    let mut thief = world.client("acme").await;
    let owner = thief.email.clone();
    thief.elevate().await;
    move_to(&world, &thief, "one@evil.test").await;
    let owners = world.mailed_token(&owner).await;
    move_to(&world, &thief, "two@evil.test").await;
    let thiefs = world.mailed_token("one@evil.test").await;
    // One more change waits for its link.
    new_address(&thief, "three@evil.test").await;
    let waiting = world.mailed_token("three@evil.test").await;

    world.advance(1).await;
    let (status, token) = not_me(&world, &owners).await;
    assert_eq!(status, 303);
    assert_eq!(not_me(&world, &thiefs).await.0, 422, "a link of the time that was disowned");
    let late = world.post("/v1/auth/verify-email", &json!({"token": waiting})).await;
    assert_eq!(late.json()["code"], "invalid_link");
    assert_eq!(world.mailed_token(&owner).await, token, "the way on is in a mail as well");
    assert_eq!(reset(&world, &token, NEXT).await.0, 204);
    world.sign_in(&owner, NEXT).await;
}

#[tokio::test]
async fn the_owner_wins_even_if_the_thief_says_first_that_it_was_not_it() {
    let world = World::start().await;
    let mut thief = world.client("acme").await;
    let owner = thief.email.clone();
    thief.elevate().await;
    move_to(&world, &thief, "one@evil.test").await;
    let owners = world.mailed_token(&owner).await;
    move_to(&world, &thief, "two@evil.test").await;
    let thiefs = world.mailed_token("one@evil.test").await;
    world.advance(1).await;
    assert_eq!(not_me(&world, &thiefs).await.0, 303);
    let (status, token) = not_me(&world, &owners).await;
    assert_eq!(status, 303);
    assert_eq!(reset(&world, &token, NEXT).await.0, 204);
    world.sign_in(&owner, NEXT).await;
}

#[tokio::test]
async fn a_factor_that_was_turned_on_by_somebody_else_goes_and_ones_own_stays() {
    let world = World::start().await;
    let (thief, _) = guarded(&world, "acme").await;
    let link = world.mailed_token(&thief.email).await;
    world.advance(1).await;
    let (_, token) = not_me(&world, &link).await;
    assert_eq!(reset(&world, &token, NEXT).await.0, 204);
    world.sign_in(&thief.email, NEXT).await;

    let (own, _) = guarded(&world, "umbrella").await;
    world.advance(6).await;
    let change = json!({"current_password": PASSWORD, "new_password": NEXT});
    own.post("/v1/security/password", &change).await;
    let link = world.mailed_token(&own.email).await;
    world.advance(1).await;
    let (_, token) = not_me(&world, &link).await;
    assert_eq!(reset(&world, &token, PASSWORD).await.0, 204);
    assert!(!world.challenge(&own.email).await.is_empty(), "it is still asked for");
}

#[tokio::test]
async fn not_me_ends_everything_locks_the_password_and_takes_the_address_back() {
    let world = World::start().await;
    let mut thief = world.client("acme").await;
    let owner = thief.email.clone();
    thief.elevate().await;
    new_address(&thief, "thief@evil.test").await;
    let token = world.mailed_token("thief@evil.test").await;
    world.post("/v1/auth/verify-email", &json!({"token": token})).await;
    assert_eq!(login(&world, "thief@evil.test", PASSWORD).await, 200);

    world.advance(1).await;
    let link = world.mailed_token(&owner).await;
    assert_eq!(world.get(&format!("/not-me?token={link}")).await.status, StatusCode::OK);
    assert_eq!(thief.get("/v1/profile").await.status, StatusCode::OK, "looking does nothing");
    let closed = read(world.request(Method::POST, "/not-me").form(&[("token", &link)])).await;
    assert_eq!(closed.status, StatusCode::SEE_OTHER);
    let reset_link =
        closed.header("location").strip_prefix("/reset?secured=1&token=").unwrap().to_owned();
    assert_eq!(thief.get("/v1/profile").await.status, StatusCode::UNAUTHORIZED);
    for email in [owner.as_str(), "thief@evil.test"] {
        assert_eq!(login(&world, email, PASSWORD).await, 401);
    }
    let again = read(world.request(Method::POST, "/not-me").form(&[("token", &link)])).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    world.advance(1).await;
    assert_eq!(reset(&world, &reset_link, NEXT).await.0, 204);
    world.advance(1).await;
    let acme = world.sign_in(&owner, NEXT).await;
    assert_eq!(acme.get("/v1/profile").await.json()["email"], owner);
    let log = events(&acme).await;
    assert_eq!(log[..3], ["signed_in", "password_reset", "not_me"]);
}

async fn key(client: &Client, name: &str) -> (String, String) {
    let body = json!({"name": name, "scopes": ["read"], "allowed_ips": ["192.0.2.0/24"]});
    let made = client.post("/v1/api-keys", &body).await.json();
    let text = |field: &str| made[field].as_str().unwrap().to_owned();
    (format!("/v1/api-keys/{}", text("id")), text("secret"))
}

/// What the client's keys are called, in the order of the alphabet.
async fn names(client: &Client) -> Vec<String> {
    let list = client.get("/v1/api-keys").await.json();
    let items = list["items"].as_array().unwrap().clone();
    let mut names: Vec<_> =
        items.iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

/// After the rescue and with a new password.
async fn back(world: &World, email: &str, link: &str) -> Client {
    let (status, token) = not_me(world, link).await;
    assert_eq!(status, 303);
    assert_eq!(reset(world, &token, NEXT).await.0, 204);
    world.sign_in(email, NEXT).await
}

#[tokio::test]
async fn a_key_that_a_slow_clock_dates_before_the_change_is_revoked_too() {
    let world = World::start().await;
    let mut acme = world.client("acme").await;
    acme.elevate().await;
    key(&acme, "kept").await;
    world.advance(6).await;
    key(&acme, "dated back").await;
    world.advance(3).await;
    let change = json!({"current_password": PASSWORD, "new_password": "amber-fox-sings-late"});
    assert_eq!(acme.post("/v1/security/password", &change).await.status, StatusCode::NO_CONTENT);
    let link = world.mailed_token(&acme.email).await;
    let acme = back(&world, &acme.email.clone(), &link).await;
    assert_eq!(names(&acme).await, ["kept"]);
}

#[tokio::test]
async fn keys_that_were_given_out_since_the_disowned_change_are_revoked_and_no_others() {
    let world = World::start().await;
    let mut acme = world.client("acme").await;
    acme.elevate().await;
    key(&acme, "kept").await;
    let (renamed, _) = key(&acme, "renamed").await;
    let (rotated, _) = key(&acme, "rotated").await;
    let (widened, _) = key(&acme, "widened").await;
    world.advance(6).await;
    // The thief comes.
    let change = json!({"current_password": PASSWORD, "new_password": "amber-fox-sings-late"});
    assert_eq!(acme.post("/v1/security/password", &change).await.status, StatusCode::NO_CONTENT);
    let link = world.mailed_token(&acme.email).await;
    key(&acme, "made").await;
    let narrower = json!({"name": "still mine", "allowed_ips": ["192.0.2.7"]});
    assert_eq!(acme.patch(&renamed, &narrower).await.status, StatusCode::OK);
    let grace = json!({"grace_seconds": 3600});
    assert_eq!(acme.post(&format!("{rotated}/rotate"), &grace).await.status, StatusCode::OK);
    let wider = json!({"allowed_ips": null});
    assert_eq!(acme.patch(&widened, &wider).await.status, StatusCode::OK);
    assert_eq!(names(&acme).await.len(), 5);

    let mut acme = back(&world, &acme.email.clone(), &link).await;
    assert_eq!(names(&acme).await, ["kept", "still mine"]);
    let log = acme.get("/v1/security/events").await.json();
    let revoked = log["items"].as_array().unwrap().iter();
    let mut revoked: Vec<_> = revoked
        .filter(|item| item["kind"] == "api_key_revoked")
        .map(|item| item["subject"].as_str().unwrap().to_owned())
        .collect();
    revoked.sort();
    assert_eq!(revoked, ["made", "rotated", "widened"]);
    // Their places in the plan are free: it has five.
    acme.elevate_with(NEXT).await;
    for name in ["one", "two", "three"] {
        key(&acme, name).await;
    }
    assert_eq!(names(&acme).await.len(), 5);
}

#[tokio::test]
async fn the_mail_about_a_key_revokes_this_key() {
    // The change is written some milliseconds after it was begun, and the mail names its moment.
    let world = World::at(Clock::system(), Wire::default()).await;
    let mut acme = world.client("acme").await;
    acme.elevate().await;
    key(&acme, "made").await;
    let link = world.mailed_token(&acme.email).await;
    let acme = back(&world, &acme.email.clone(), &link).await;
    assert!(names(&acme).await.is_empty());
}

#[tokio::test]
async fn a_factor_that_was_turned_on_after_the_disowned_change_goes_too() {
    let world = World::start().await;
    let mut thief = world.client("acme").await;
    let email = thief.email.clone();
    let change = json!({"current_password": PASSWORD, "new_password": "amber-fox-sings-late"});
    assert_eq!(thief.post("/v1/security/password", &change).await.status, StatusCode::NO_CONTENT);
    let link = world.mailed_token(&email).await;
    world.advance(60).await;
    thief.turn_factor_on_with("amber-fox-sings-late").await;
    world.advance(60).await;
    // Signing in asks for no code.
    let acme = back(&world, &email, &link).await;
    assert_eq!(acme.get("/v1/security/2fa").await.json()["enabled"], false);
}

#[tokio::test]
async fn backup_codes_that_were_made_since_open_nothing_and_the_factor_stays() {
    let world = World::start().await;
    let (mut thief, program) = guarded(&world, "acme").await;
    world.advance(60).await;
    let code = json!({"code": program.code(&world.site)});
    let elevated = thief.post("/v1/auth/sudo", &code).await.json();
    elevated["token"].as_str().unwrap().clone_into(&mut thief.token);
    let made = thief.post("/v1/security/2fa/backup-codes", &json!({})).await.json();
    let made = made["backup_codes"][0].as_str().unwrap().to_owned();
    let link = world.mailed_token(&thief.email).await;
    world.advance(60).await;
    let (status, token) = not_me(&world, &link).await;
    assert_eq!((status, reset(&world, &token, NEXT).await.0), (303, 204));
    let login = json!({"email": thief.email, "password": NEXT});
    let challenge = world.post("/v1/auth/login", &login).await.json();
    let verify = async |field: &str, code: &str| {
        let answer = json!({"challenge": challenge["challenge"], field: code});
        world.post("/v1/auth/login/verify", &answer).await
    };
    assert_eq!(verify("backup_code", &made).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(verify("code", &program.code(&world.site)).await.status, StatusCode::OK);
}
