//! What meets a rescue in the same moment: a process stands still before it commits, and the test
//! decides what comes in between.

use std::sync::atomic::{AtomicUsize, Ordering};

use axum::{
    body::Body,
    http::{Request, header},
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use shared::{
    http::ClientAddress,
    testing::{Fault, Faults, Hold},
};
use tests::{Authenticator, Client, PASSWORD, World, read};
use tower::ServiceExt as _;

use super::{back, key, names, not_me};
use crate::security::{
    guarded,
    held::Held,
    passwords::{NEXT, login, new_address, reset},
    post, process,
};

pub(super) fn rescue(link: &str) -> Request<Body> {
    let form = Request::post("/not-me");
    let form = form.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    form.body(Body::from(format!("token={link}"))).unwrap()
}

/// What a client with one key of its own, and somebody else in its account, meets: a link about a
/// change that was not its own, and requests that are about to give something out.
struct Intruded {
    thief: Client,
    link: String,
    requests: Vec<Request<Body>>,
}

impl Intruded {
    async fn of(world: &World) -> Self {
        let mut thief = world.client("acme").await;
        thief.elevate().await;
        let (old, _) = key(&thief, "old").await;
        let (other, _) = key(&thief, "other").await;
        world.advance(60).await;
        let change = json!({"current_password": PASSWORD, "new_password": "amber-fox-sings-late"});
        thief.post("/v1/security/password", &change).await;
        let link = world.mailed_token(&thief.email).await;
        world.advance(1).await;
        let begun = thief.post("/v1/security/2fa/enable", &json!({})).await.json();
        let secret = begun["secret"].as_str().unwrap().to_owned();
        let program = Authenticator { secret, backup_codes: Vec::new() };
        let sent = |path: &str, body: &Value| post(path, Some(&thief.token), body);
        let mut wider = sent(&other, &json!({"allowed_ips": null}));
        *wider.method_mut() = Method::PATCH;
        let requests = vec![
            sent("/v1/api-keys", &json!({"name": "new", "scopes": ["read"]})),
            sent(&format!("{old}/rotate"), &json!({})),
            wider,
            sent("/v1/security/2fa/verify", &json!({"code": program.code(&world.site)})),
        ];
        Self { thief, link, requests }
    }
}

/// Somebody else in an account, who has just made a key, and the link in the mail about that.
async fn intruder(world: &World) -> (Client, String) {
    let mut thief = world.client("acme").await;
    thief.elevate().await;
    key(&thief, "made").await;
    let link = world.mailed_token(&thief.email).await;
    (thief, link)
}

#[tokio::test]
async fn nothing_that_is_being_given_out_outlives_the_rescue() {
    let world = World::start().await;
    let Intruded { thief, link, requests } = Intruded::of(&world).await;
    let mut held = Vec::new();
    for request in requests {
        held.push(Held::before_it_commits(&world, request).await);
    }
    let acme = back(&world, &thief.email, &link).await;
    let mut replies = Vec::new();
    for request in held {
        replies.push(request.goes_on().await);
    }
    assert_eq!(replies, [401; 4]);
    assert_eq!(names(&acme).await, ["old", "other"]);
    assert_eq!(acme.get("/v1/security/2fa").await.json()["enabled"], false);
}

#[tokio::test]
async fn a_rescue_sees_what_is_given_out_in_the_same_moment() {
    let world = World::start().await;
    let Intruded { thief, link, requests } = Intruded::of(&world).await;
    let rescue = Held::before_it_commits(&world, rescue(&link)).await;
    for request in requests {
        let held = Held::before_it_commits(&world, request).await;
        assert!((200..300).contains(&held.goes_on().await));
    }
    assert_eq!(rescue.goes_on().await, 303);
    let token = world.mailed_link(&thief.email, "reset").await;
    assert_eq!(reset(&world, &token, NEXT).await.0, 204);
    let acme = world.sign_in(&thief.email, NEXT).await;
    assert!(names(&acme).await.is_empty());
}

#[tokio::test]
async fn an_address_that_is_confirmed_in_the_same_moment_is_taken_back() {
    let world = World::start().await;
    let (thief, link) = intruder(&world).await;
    let owner = thief.email.clone();
    new_address(&thief, "thief@evil.test").await;
    let confirmation = world.mailed_token("thief@evil.test").await;
    let rescue = Held::before_it_commits(&world, rescue(&link)).await;
    let confirmed = world.post("/v1/auth/verify-email", &json!({"token": confirmation})).await;
    assert_eq!(confirmed.status, StatusCode::NO_CONTENT);
    assert_eq!(rescue.goes_on().await, 303);
    let token = world.mailed_link(&owner, "reset").await;
    assert_eq!(reset(&world, &token, NEXT).await.0, 204);
    world.sign_in(&owner, NEXT).await;
}

#[tokio::test]
async fn no_address_that_is_being_confirmed_outlives_the_rescue() {
    let world = World::start().await;
    let (thief, link) = intruder(&world).await;
    let owner = thief.email.clone();
    new_address(&thief, "thief@evil.test").await;
    let token = world.mailed_token("thief@evil.test").await;
    let confirmation = post("/v1/auth/verify-email", None, &json!({"token": token}));
    let confirmation = Held::before_it_commits(&world, confirmation).await;
    back(&world, &owner, &link).await;
    assert_eq!(confirmation.goes_on().await, 422);
    world.sign_in(&owner, NEXT).await;
}

#[tokio::test]
async fn whoever_keeps_ending_sessions_does_not_keep_the_owner_out() {
    let world = World::start().await;
    let (thief, link) = intruder(&world).await;
    let rescue = Held::before_it_commits(&world, rescue(&link)).await;
    for _time in 0..5 {
        let ended = read(thief.request(Method::DELETE, "/v1/sessions")).await;
        assert_eq!(ended.status, StatusCode::NO_CONTENT);
    }
    assert_eq!(rescue.goes_on().await, 303);
}

#[tokio::test]
async fn a_rescue_that_was_broken_off_locks_the_account_and_can_be_gone_on_with() {
    let world = World::start().await;
    let (thief, link) = intruder(&world).await;
    let commits = AtomicUsize::new(0);
    let faults = Faults::new(move |call| {
        let commit = call.operation == "TransactWriteItems";
        (commit && commits.fetch_add(1, Ordering::SeqCst) > 0).then_some(Fault::ServerError)
    });
    let mut request = rescue(&link);
    request.extensions_mut().insert(ClientAddress([203, 0, 113, 7].into()));
    let router = local::all_routes().into_router(process(&world, &faults.wire()));
    let Ok(broken) = router.oneshot(request).await;
    assert_eq!(broken.status(), 503);
    assert_eq!(thief.get("/v1/profile").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(login(&world, &thief.email, PASSWORD).await, 401);
    let acme = back(&world, &thief.email, &link).await;
    assert!(names(&acme).await.is_empty());
}

#[tokio::test]
async fn an_address_that_is_being_asked_for_gets_no_link_after_the_rescue() {
    let world = World::start().await;
    let (thief, link) = intruder(&world).await;
    let mut asked = post("/v1/profile", Some(&thief.token), &json!({"email": "thief@evil.test"}));
    *asked.method_mut() = Method::PATCH;
    let asked = Held::at(&world, Hold::before("GetItem"), asked).await;
    back(&world, &thief.email, &link).await;
    assert_eq!(asked.goes_on().await, 401);
    assert!(world.mails("thief@evil.test").await.is_empty());
}

#[tokio::test]
async fn a_form_whose_session_is_ended_meanwhile_leads_to_the_sign_in() {
    let world = World::start().await;
    let (thief, link) = intruder(&world).await;
    let form = thief.get("/security/keys/new").await.text;
    let id = form.split("name=\"id\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let form = Request::post("/security/keys/new")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::AUTHORIZATION, format!("Bearer {}", thief.token))
        .body(Body::from(format!("id={id}&name=x&scopes=read")))
        .unwrap();
    let form = Held::before_it_commits(&world, form).await;
    back(&world, &thief.email, &link).await;
    assert_eq!(form.goes_on().await, 303);
}

/// Somebody else in an account with a second factor of before, who has its code and the link in
/// the mail about a key.
async fn with_factor(world: &World) -> (Client, Authenticator, String) {
    let (mut thief, program) = guarded(world, "acme").await;
    world.advance(60).await;
    let code = json!({"code": program.code(&world.site)});
    let elevated = thief.post("/v1/auth/sudo", &code).await.json();
    elevated["token"].as_str().unwrap().clone_into(&mut thief.token);
    key(&thief, "made").await;
    let link = world.mailed_token(&thief.email).await;
    world.advance(60).await;
    (thief, program, link)
}

#[tokio::test]
async fn no_backup_codes_that_are_being_made_outlive_the_rescue() {
    let world = World::start().await;
    let (thief, _, link) = with_factor(&world).await;
    let made = post("/v1/security/2fa/backup-codes", Some(&thief.token), &json!({}));
    let made = Held::before_it_commits(&world, made).await;
    assert_eq!(not_me(&world, &link).await.0, 303);
    assert_eq!(made.goes_on().await, 401);
}

#[tokio::test]
async fn no_secret_of_a_factor_that_is_being_made_waits_for_the_owner() {
    let world = World::start().await;
    let (thief, link) = intruder(&world).await;
    let begun = post("/v1/security/2fa/enable", Some(&thief.token), &json!({}));
    let begun = Held::before_it_commits(&world, begun).await;
    back(&world, &thief.email, &link).await;
    assert_eq!(begun.goes_on().await, 401);
}

#[tokio::test]
async fn turning_the_factor_off_revives_no_session_that_was_ended_meanwhile() {
    let world = World::start().await;
    let (thief, program, link) = with_factor(&world).await;
    let code = json!({"code": program.code(&world.site)});
    let off = post("/v1/security/2fa/disable", Some(&thief.token), &code);
    // Its session was checked, and its user is not read yet.
    let off = Held::at(&world, Hold::before("BatchGetItem").after(1), off).await;
    assert_eq!(not_me(&world, &link).await.0, 303);
    assert_eq!(off.goes_on().await, 401);
    assert_eq!(thief.get("/v1/profile").await.status, StatusCode::UNAUTHORIZED);
}
