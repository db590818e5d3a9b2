//! "This was not me": what the link in a mail about a change undoes, and that whoever was in the
//! account can neither undo the rescue nor keep anything of it.

use axum::{
    body::Body,
    http::{Request, header},
};
use reqwest::{Method, StatusCode};
use serde_json::json;
use shared::{clock::Clock, http::ClientAddress, testing::Hold, wire::Wire};
use tests::{Authenticator, Client, PASSWORD, World, read};
use tokio::task::JoinHandle;
use tower::ServiceExt as _;

use super::{
    events, guarded,
    passwords::{NEXT, login, new_address, reset},
    post, process,
};

/// The address of an account, changed and confirmed.
async fn move_to(world: &World, client: &Client<'_>, email: &str) {
    world.advance(1).await;
    assert_eq!(new_address(client, email).await.0, 200);
    let token = world.mailed_token(email).await;
    let confirmed = world.post("/v1/auth/verify-email", &json!({"token": token})).await;
    assert_eq!(confirmed.status, StatusCode::NO_CONTENT);
}

async fn not_me(world: &World, link: &str) -> (u16, String) {
    let reply = read(world.request(Method::POST, "/not-me").form(&[("token", link)])).await;
    let location = reply.header("location").strip_prefix("/reset?token=").unwrap_or_default();
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
    world.advance(1).await;
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
    let reset_link = closed.header("location").strip_prefix("/reset?token=").unwrap().to_owned();
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

async fn key(client: &Client<'_>, name: &str) -> (String, String) {
    let body = json!({"name": name, "scopes": ["read"], "allowed_ips": ["192.0.2.0/24"]});
    let made = client.post("/v1/api-keys", &body).await.json();
    let text = |field: &str| made[field].as_str().unwrap().to_owned();
    (format!("/v1/api-keys/{}", text("id")), text("secret"))
}

/// What the client's keys are called, in the order of the alphabet.
async fn names(client: &Client<'_>) -> Vec<String> {
    let list = client.get("/v1/api-keys").await.json();
    let items = list["items"].as_array().unwrap().clone();
    let mut names: Vec<_> =
        items.iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

/// After the rescue and with a new password.
async fn back<'a>(world: &'a World, email: &str, link: &str) -> Client<'a> {
    let (status, token) = not_me(world, link).await;
    assert_eq!(status, 303);
    assert_eq!(reset(world, &token, NEXT).await.0, 204);
    world.sign_in(email, NEXT).await
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
    world.advance(1).await;
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

/// A process that is held before it commits what a request asked for.
struct Held {
    hold: Hold,
    reply: JoinHandle<u16>,
}

impl Held {
    async fn before_it_commits(world: &World, mut request: Request<Body>) -> Self {
        let hold = Hold::before("TransactWriteItems");
        let router = local::all_routes().into_router(process(world, &hold.wire()));
        request.extensions_mut().insert(ClientAddress([203, 0, 113, 7].into()));
        let reply = tokio::spawn(async move {
            let Ok(reply) = router.oneshot(request).await;
            reply.status().as_u16()
        });
        hold.reached().await;
        Self { hold, reply }
    }

    async fn goes_on(self) -> u16 {
        self.hold.release();
        self.reply.await.unwrap()
    }
}

fn rescue(link: &str) -> Request<Body> {
    let form = Request::post("/not-me");
    let form = form.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    form.body(Body::from(format!("token={link}"))).unwrap()
}

#[tokio::test]
async fn no_key_that_is_being_given_out_outlives_the_rescue() {
    let world = World::start().await;
    let mut thief = world.client("acme").await;
    thief.elevate().await;
    let email = thief.email.clone();
    let (path, _) = key(&thief, "first").await;
    let link = world.mailed_token(&email).await;
    let new = json!({"name": "x", "scopes": ["read"]});
    let new = post("/v1/api-keys", Some(&thief.token), &new);
    let rotation = post(&format!("{path}/rotate"), Some(&thief.token), &json!({}));
    let new = Held::before_it_commits(&world, new).await;
    let rotation = Held::before_it_commits(&world, rotation).await;
    let acme = back(&world, &email, &link).await;
    assert_eq!(new.goes_on().await, 401);
    assert_ne!(rotation.goes_on().await, 200);
    assert!(names(&acme).await.is_empty());
}

#[tokio::test]
async fn a_rescue_that_has_not_seen_every_key_changes_nothing_and_can_be_had_again() {
    let world = World::start().await;
    let mut thief = world.client("acme").await;
    thief.elevate().await;
    let email = thief.email.clone();
    key(&thief, "first").await;
    let link = world.mailed_token(&email).await;
    let rescue = Held::before_it_commits(&world, rescue(&link)).await;
    key(&thief, "second").await;
    assert_eq!(rescue.goes_on().await, 409);
    assert_eq!(names(&thief).await, ["first", "second"]);
    let acme = back(&world, &email, &link).await;
    assert!(names(&acme).await.is_empty());
}

/// A client with a link of its own, and the request that turns its second factor on.
async fn about_to_turn_it_on(world: &World) -> (Client<'_>, String, Request<Body>) {
    let mut client = world.client("acme").await;
    client.elevate().await;
    key(&client, "first").await;
    let link = world.mailed_token(&client.email).await;
    let begun = client.post("/v1/security/2fa/enable", &json!({})).await.json();
    let secret = begun["secret"].as_str().unwrap().to_owned();
    let program = Authenticator { secret, backup_codes: Vec::new() };
    let code = json!({"code": program.code(&world.site)});
    let request = post("/v1/security/2fa/verify", Some(&client.token), &code);
    (client, link, request)
}

#[tokio::test]
async fn no_factor_that_is_being_turned_on_outlives_the_rescue() {
    let world = World::start().await;
    let (thief, link, on) = about_to_turn_it_on(&world).await;
    let on = Held::before_it_commits(&world, on).await;
    back(&world, &thief.email, &link).await;
    assert_eq!(on.goes_on().await, 401);
    world.advance(60).await;
    let acme = world.sign_in(&thief.email, NEXT).await;
    assert_eq!(acme.get("/v1/security/2fa").await.json()["enabled"], false);
}

#[tokio::test]
async fn a_rescue_sees_a_factor_that_is_turned_on_in_the_same_moment() {
    let world = World::start().await;
    let (thief, link, on) = about_to_turn_it_on(&world).await;
    let rescue = Held::before_it_commits(&world, rescue(&link)).await;
    let on = Held::before_it_commits(&world, on).await;
    assert_eq!(on.goes_on().await, 200);
    assert_eq!(rescue.goes_on().await, 409);
    back(&world, &thief.email, &link).await;
}
