//! Sessions and sudo: new tokens, what is over at once, what is whose.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use reqwest::{Method, StatusCode};
use serde_json::json;
use shared::{
    auth::{Secret, Token},
    random::Random,
    testing::Faults,
};
use tests::{Client, PASSWORD, Reply, World, read};

use super::events;

async fn delete(client: &Client, path: &str) -> Reply {
    read(client.request(Method::DELETE, path)).await
}

#[tokio::test]
async fn sudo_gives_another_token_and_ends_the_one_that_asked() {
    let world = World::start().await;
    let mut acme = world.client("acme").await;
    let before = acme.token.clone();
    assert_eq!(delete(&acme, "/v1/sessions").await.json()["code"], "sudo_required");
    let reply = acme.post("/v1/auth/sudo", &json!({"password": PASSWORD})).await.json();
    assert!(reply["expires_at"].is_string() && reply["sudo_until"].is_string());
    acme.token = reply["token"].as_str().unwrap().to_owned();
    assert_ne!(acme.token, before);
    let old = world.request(Method::GET, "/v1/sessions").bearer_auth(&before);
    assert_eq!(read(old).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(delete(&acme, "/v1/sessions").await.status, StatusCode::NO_CONTENT);
    world.advance(600).await;
    assert_eq!(delete(&acme, "/v1/sessions").await.json()["code"], "sudo_required");
}

#[tokio::test]
async fn sudo_wants_one_proof_and_the_right_one() {
    let world = World::start().await;
    let acme = world.client("acme").await;
    let sudo = async |body| acme.post("/v1/auth/sudo", &body).await;
    let wrong = sudo(json!({"password": "wrong-wrong-wrong"})).await;
    assert_eq!((wrong.status.as_u16(), &wrong.json()["code"]), (401, &json!("wrong_credentials")));
    assert_eq!(sudo(json!({})).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let both = sudo(json!({"password": PASSWORD, "code": "123456"})).await;
    assert_eq!(both.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(sudo(json!({"code": "123456"})).await.json()["code"], "second_factor_off");
    for _guess in 0..9 {
        sudo(json!({"password": "wrong-wrong-wrong"})).await;
    }
    let closed = sudo(json!({"password": PASSWORD})).await;
    assert_eq!(closed.status, StatusCode::TOO_MANY_REQUESTS);
    // A stolen session's guesses keep nobody from signing in.
    world.sign_in(&acme.email, PASSWORD).await;
}

/// Submits a form as a browser that holds a session.
async fn submit(world: &World, cookies: &str, path: &str, form: &[(&str, &str)]) -> Reply {
    let request = world.request(Method::POST, path).header("cookie", cookies);
    read(request.header("sec-fetch-site", "same-origin").form(form)).await
}

/// The session that a reply gives its browser.
fn given(reply: &Reply) -> String {
    let cookie = reply.header("set-cookie").split(';').next().unwrap();
    cookie.strip_prefix("__Host-session=").unwrap().to_owned()
}

#[tokio::test]
async fn signing_in_does_not_elevate_and_begins_a_session_of_its_own() {
    let world = World::start().await;
    let mut acme = world.client("acme").await;
    acme.elevate().await;
    let cookie = format!("__Host-session={}", acme.token);
    let form = [("email", acme.email.as_str()), ("password", PASSWORD)];
    let again = submit(&world, &cookie, "/login", &form).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER);
    let former = std::mem::replace(&mut acme.token, given(&again));
    assert_ne!(acme.token, former);
    assert_eq!(delete(&acme, "/v1/sessions").await.json()["code"], "sudo_required");
}

#[tokio::test]
async fn a_browser_that_signs_in_anew_leaves_no_session_behind() {
    let world = World::start().await;
    let (mut acme, umbrella) = (world.client("acme").await, world.client("umbrella").await);
    let is_over = async |token: &str| {
        let request = world.request(Method::GET, "/v1/profile").bearer_auth(token);
        read(request).await.status == StatusCode::UNAUTHORIZED
    };
    let cookie = format!("__Host-session={}", acme.token);
    let wrong = [("email", umbrella.email.as_str()), ("password", "wrong-wrong-wrong")];
    submit(&world, &cookie, "/login", &wrong).await;
    assert!(!is_over(&acme.token).await);
    let login = json!({"email": umbrella.email, "password": PASSWORD});
    let program = world.request(Method::POST, "/v1/auth/login").header("cookie", &cookie);
    let signed_in = read(program.header("sec-fetch-site", "same-origin").json(&login)).await;
    assert_eq!(signed_in.status, StatusCode::OK);
    assert!(!is_over(&acme.token).await, "a program's sign-in takes no cookie's place");
    let right = [("email", umbrella.email.as_str()), ("password", PASSWORD)];
    let another = given(&submit(&world, &cookie, "/login", &right).await);
    assert!(is_over(&acme.token).await && !is_over(&another).await);
    // A session that is over, of a browser that held on to it.
    let stale = given(&submit(&world, &cookie, "/login", &right).await);
    assert!(!is_over(&stale).await && !is_over(&another).await);

    acme = world.sign_in(&acme.email, PASSWORD).await;
    let program = acme.turn_factor_on().await;
    let cookie = format!("__Host-session={another}");
    let form = [("email", acme.email.as_str()), ("password", PASSWORD)];
    let asked = submit(&world, &cookie, "/login", &form).await;
    let challenge = asked.header("set-cookie").split(';').next().unwrap();
    assert!(!is_over(&another).await, "the password alone is half a sign-in");
    let form = [("code", program.next_code(&world)), ("next", String::new())];
    let form = form.each_ref().map(|(name, value)| (*name, value.as_str()));
    let cookies = format!("{cookie}; {challenge}");
    let last = given(&submit(&world, &cookies, "/login/verify", &form).await);
    assert!(is_over(&another).await && !is_over(&last).await && !is_over(&stale).await);
}

#[tokio::test]
async fn a_made_up_cookie_ends_nobodys_session() {
    let world = World::start().await;
    let (acme, mallory) = (world.client("acme").await, world.client("mallory").await);
    let mut made_up: Token = acme.token.parse().unwrap();
    made_up.secret = Secret::new(&Random::seeded(1));
    let form = [("email", mallory.email.as_str()), ("password", PASSWORD)];
    let reply = submit(&world, &format!("__Host-session={made_up}"), "/login", &form).await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER);
    assert_eq!(acme.get("/v1/profile").await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_form_of_a_new_password_gives_another_token_and_ends_the_one_that_asked() {
    let world = World::start().await;
    let mut acme = world.client("acme").await;
    let cookie = format!("__Host-session={}", acme.token);
    let form = [("current_password", PASSWORD), ("new_password", "otter-glass-runs-south")];
    let changed = submit(&world, &cookie, "/security/password", &form).await;
    assert_eq!(changed.header("location"), "/security?done=password");
    assert_eq!(acme.get("/v1/profile").await.status, StatusCode::UNAUTHORIZED);
    acme.token = given(&changed);
    assert_eq!(acme.get("/v1/profile").await.status, StatusCode::OK);
    let left = acme.get("/v1/sessions").await.json();
    assert_eq!(left["items"].as_array().unwrap().len(), 1, "the same session, renewed");
}

#[tokio::test]
async fn one_session_ends_with_its_very_next_request_and_anothers_is_not_there() {
    let world = World::start().await;
    let mut acme = world.client("acme").await;
    let phone = world.sign_in(&acme.email, PASSWORD).await;
    let umbrella = world.client("umbrella").await;
    acme.elevate().await;
    let list = phone.get("/v1/sessions").await.json();
    let current = list["items"].as_array().unwrap().iter().find(|it| it["current"] == true);
    let id = current.unwrap()["id"].as_str().unwrap().to_owned();
    let foreign = umbrella.get("/v1/sessions").await.json()["items"][0]["id"].clone();
    let foreign = delete(&acme, &format!("/v1/sessions/{}", foreign.as_str().unwrap())).await;
    let absent = delete(&acme, "/v1/sessions/ses_01kapx0000000000000000000a").await;
    let malformed = delete(&acme, "/v1/sessions/x%23y").await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND);
    assert_eq!(foreign.stable(), absent.stable());
    assert_eq!(foreign.stable(), malformed.stable());

    world.advance(1).await;
    assert_eq!(delete(&acme, &format!("/v1/sessions/{id}")).await.status, StatusCode::NO_CONTENT);
    assert_eq!(phone.get("/v1/profile").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(delete(&acme, &format!("/v1/sessions/{id}")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(umbrella.get("/v1/profile").await.status, StatusCode::OK);
    assert_eq!(events(&acme).await[0], "session_ended");
}

#[tokio::test]
async fn all_others_end_at_once_however_many_there_are() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = calls.clone();
    let counting = Faults::new(move |_call| {
        counted.fetch_add(1, Ordering::Relaxed);
        None
    });
    let world = World::over(counting.wire()).await;
    let mut acme = world.client("acme").await;
    let mut others = Vec::new();
    for _sign_in in 0..30 {
        others.push(world.sign_in(&acme.email, PASSWORD).await);
    }
    acme.elevate().await;
    assert_eq!(delete(&acme, "/v1/sessions").await.status, StatusCode::NO_CONTENT);
    for other in &others {
        assert_eq!(other.get("/v1/profile").await.status, StatusCode::UNAUTHORIZED);
    }
    calls.store(0, Ordering::Relaxed);
    let left = acme.get("/v1/sessions?limit=1").await.json();
    assert_eq!(calls.load(Ordering::Relaxed), 3, "who asks, the first two, all that are over");
    assert_eq!(left["items"].as_array().unwrap().len(), 1);
    assert_eq!(left["items"][0]["current"], true);
    world.sign_in(&acme.email, PASSWORD).await;
}

#[tokio::test]
async fn the_log_tells_when_from_where_with_what_and_by_whom() {
    let world = World::start().await;
    let acme = world.client("acme").await;
    let log = acme.get("/v1/security/events").await.json();
    let entry = &log["items"][0];
    assert_eq!(entry["kind"], "signed_in");
    assert_eq!(entry["created_at"], world.clock.now().to_string());
    assert_eq!((&entry["ip"], &entry["actor"]["name"]), (&json!("127.0.0.1"), &json!("acme")));
    assert!(entry["device"].is_string());
    let first = acme.get("/v1/security/events?limit=1").await.json();
    assert!(first["next_cursor"].is_null(), "one entry so far");
}
