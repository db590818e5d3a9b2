//! Passwords and addresses: changed with a proof, forgotten, set anew, told of.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::{Client, PASSWORD, World, read};

use super::guarded;

pub(super) const NEXT: &str = "otter-glass-runs-south";

pub(super) async fn login(world: &World, email: &str, password: &str) -> u16 {
    let login = json!({"email": email, "password": password});
    world.post("/v1/auth/login", &login).await.status.as_u16()
}

pub(super) async fn forgot(world: &World, email: &str) -> String {
    let reply = world.post("/v1/auth/password/forgot", &json!({"email": email})).await;
    assert_eq!(reply.status, StatusCode::ACCEPTED);
    world.mailed_link(email, "reset").await
}

pub(super) async fn reset(world: &World, token: &str, password: &str) -> (u16, Value) {
    let body = json!({"token": token, "password": password});
    let reply = world.post("/v1/auth/password/reset", &body).await;
    (reply.status.as_u16(), reply.json())
}

#[tokio::test]
async fn changing_the_password_wants_the_present_one_and_ends_the_other_sessions() {
    let world = World::start().await;
    let acme = world.client("acme").await;
    let phone = world.sign_in(&acme.email, PASSWORD).await;
    let change = |current: &str, new: &str| {
        let body = json!({"current_password": current, "new_password": new});
        read(acme.request(Method::POST, "/v1/security/password").json(&body))
    };
    let wrong = change("wrong-wrong-wrong", NEXT).await;
    assert_eq!((wrong.status.as_u16(), &wrong.json()["code"]), (403, &json!("wrong_password")));
    let weak = change(PASSWORD, "password1234").await;
    assert_eq!(weak.json()["errors"][0]["pointer"], "/new_password");
    assert_eq!(login(&world, &acme.email, PASSWORD).await, 200, "nothing was changed");

    assert_eq!(change(PASSWORD, NEXT).await.status, StatusCode::NO_CONTENT);
    assert_eq!(phone.get("/v1/profile").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(acme.get("/v1/profile").await.status, StatusCode::OK);
    assert_eq!(login(&world, &acme.email, PASSWORD).await, 401);
    assert_eq!(login(&world, &acme.email, NEXT).await, 200);
    assert_eq!(world.mails(&acme.email).await[0]["subject"], "Password changed");
}

#[tokio::test]
async fn a_reset_link_works_once_is_superseded_and_runs_out() {
    let world = World::start().await;
    let acme = world.client("acme").await;
    let older = forgot(&world, &acme.email).await;
    let newer = forgot(&world, &acme.email).await;
    assert_ne!(older, newer);
    let looked = world.get(&format!("/reset?token={newer}")).await;
    assert_eq!(looked.status, StatusCode::OK);
    assert_eq!(reset(&world, &older, NEXT).await.1["code"], "invalid_link", "superseded");
    let weak = reset(&world, &newer, "password1234").await;
    assert_eq!(weak.1["errors"][0]["pointer"], "/password", "and the link is still good");
    assert_eq!(reset(&world, &newer, NEXT).await.0, 204);
    assert_eq!(reset(&world, &newer, PASSWORD).await.1["code"], "invalid_link", "used");
    assert_eq!(acme.get("/v1/profile").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(login(&world, &acme.email, NEXT).await, 200);

    let late = forgot(&world, &acme.email).await;
    world.advance(30 * 60).await;
    assert_eq!(reset(&world, &late, PASSWORD).await.1["code"], "invalid_link", "expired");
}

#[tokio::test]
async fn a_link_of_one_kind_is_never_taken_for_another() {
    let world = World::start().await;
    let acme = world.client("acme").await;
    let token = forgot(&world, &acme.email).await;
    let verify = world.post("/v1/auth/verify-email", &json!({"token": token})).await;
    assert_eq!(verify.json()["code"], "invalid_link");
    let body = json!({"email": "eve@acme.test", "password": PASSWORD, "name": "Eve"});
    world.post("/v1/auth/register", &body).await;
    let registration = world.mailed_token("eve@acme.test").await;
    assert_eq!(reset(&world, &registration, NEXT).await.1["code"], "invalid_link");
    let not_me = read(world.request(Method::POST, "/not-me").form(&[("token", &token)])).await;
    assert_eq!(not_me.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(reset(&world, &token, NEXT).await.0, 204, "neither was used up");
}

#[tokio::test]
async fn a_reset_never_passes_the_second_factor() {
    let world = World::start().await;
    let (acme, program) = guarded(&world, "acme").await;
    let token = forgot(&world, &acme.email).await;
    assert_eq!(reset(&world, &token, NEXT).await.0, 204);
    let login = json!({"email": acme.email, "password": NEXT});
    let reply = world.post("/v1/auth/login", &login).await.json();
    assert!(reply["token"].is_null() && reply["challenge"].is_string());
    let answer = json!({"challenge": reply["challenge"], "backup_code": program.backup_codes[0]});
    let reply = world.post("/v1/auth/login/verify", &answer).await;
    assert_eq!(reply.status, StatusCode::OK);
}

#[tokio::test]
async fn links_come_from_configuration_whatever_the_request_says() {
    let world = World::start().await;
    let acme = world.client("acme").await;
    let request = world.request(Method::POST, "/v1/auth/password/forgot");
    let request = request
        .header("host", "evil.test")
        .header("x-forwarded-host", "evil.test")
        .header("forwarded", "host=evil.test");
    read(request.json(&json!({"email": acme.email}))).await;
    let mail = world.mails(&acme.email).await[0].clone();
    let text = mail["text"].as_str().unwrap();
    assert!(text.contains(&format!("{}/reset?token=mxt_", world.url)), "{text}");
    assert!(!mail.to_string().contains("evil.test"));
}

pub(super) async fn new_address(client: &Client, email: &str) -> (u16, Value) {
    let reply = client.patch("/v1/profile", &json!({"email": email})).await;
    (reply.status.as_u16(), reply.json())
}

#[tokio::test]
async fn a_new_address_wants_sudo_and_counts_once_it_is_confirmed() {
    let world = World::start().await;
    let mut acme = world.client("acme").await;
    let old = acme.email.clone();
    let refused = new_address(&acme, "ada@new.test").await;
    assert_eq!((refused.0, &refused.1["code"]), (403, &json!("sudo_required")));
    acme.elevate().await;
    let (status, profile) = new_address(&acme, "ada@new.test").await;
    assert_eq!((status, &profile["email"]), (200, &json!(old)));
    assert_eq!(world.mails(&old).await[0]["subject"], "Email address change requested");
    assert_eq!(login(&world, "ada@new.test", PASSWORD).await, 401);

    let token = world.mailed_token("ada@new.test").await;
    let confirm = json!({"token": token});
    let confirmed = world.post("/v1/auth/verify-email", &confirm).await;
    assert_eq!(confirmed.status, StatusCode::NO_CONTENT, "{}", confirmed.text);
    assert_eq!(acme.get("/v1/profile").await.json()["email"], "ada@new.test");
    assert_eq!(login(&world, "ada@new.test", PASSWORD).await, 200);
    assert_eq!(login(&world, &old, PASSWORD).await, 401);
    let again = world.post("/v1/auth/verify-email", &confirm).await;
    assert_eq!(again.json()["code"], "invalid_link");
    assert_eq!(world.mails(&old).await[0]["subject"], "Email address changed");
    // The old address is free.
    let body = json!({"email": old, "password": PASSWORD, "name": "Bob"});
    world.post("/v1/auth/register", &body).await;
    assert!(!world.mailed_token(&old).await.is_empty());
}

#[tokio::test]
async fn an_address_that_has_an_account_is_told_and_nobody_else_is() {
    let world = World::start().await;
    let mut acme = world.client("acme").await;
    let umbrella = world.client("umbrella").await;
    acme.elevate().await;
    let free = new_address(&acme, "ada@free.test").await;
    let taken = new_address(&acme, &umbrella.email).await;
    assert_eq!(free, taken);
    assert_eq!(world.mails(&umbrella.email).await[0]["subject"], "You already have an account");
}

#[tokio::test]
async fn asking_too_often_for_one_mailbox_sends_nothing_and_says_nothing() {
    let world = World::start().await;
    let email = world.register("acme").await;
    let mut replies = Vec::new();
    for _ask in 0..7 {
        let reply = world.post("/v1/auth/password/forgot", &json!({"email": email})).await;
        replies.push((reply.status, reply.text));
    }
    assert!(replies.iter().all(|reply| *reply == replies[0]));
    let mails = world.mails(&email).await;
    let links = mails.iter().filter(|mail| mail["subject"] == "Set a new password").count();
    assert_eq!(links, 5);
    let token = world.mailed_token(&email).await;
    assert_eq!(reset(&world, &token, NEXT).await.0, 204, "and the last one is good");
}

#[tokio::test]
async fn a_next_password_that_is_too_weak_is_no_wrong_password() {
    let world = World::start().await;
    let acme = world.client("acme").await;
    for _time in 0..11 {
        let weak = json!({"current_password": PASSWORD, "new_password": "abc"});
        let reply = acme.post("/v1/security/password", &weak).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let change = json!({"current_password": PASSWORD, "new_password": NEXT});
    let reply = acme.post("/v1/security/password", &change).await;
    assert_eq!(reply.status, StatusCode::NO_CONTENT);
}

/// As an independent program has them (`zxcvbn` for Python, which `tests/run` installs).
#[test]
fn the_three_thousand_commonest_passwords_are_refused() {
    let list = "from zxcvbn.frequency_lists import FREQUENCY_LISTS\n\
                print('\\n'.join(FREQUENCY_LISTS['passwords']))";
    let listed = std::process::Command::new("python3").args(["-c", list]).output().unwrap();
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    let listed = String::from_utf8(listed.stdout).unwrap();
    let commonest = listed.lines().take(3_000);
    let long_enough = listed.lines().filter(|it| it.chars().count() >= 8).take(3_000);
    let common: Vec<&str> = commonest.chain(long_enough).collect();
    assert_eq!(common.len(), 6_000);
    let taken = common.iter().filter(|it| shared::auth::Password::new(it, &[]).is_ok());
    let taken: Vec<_> = taken.collect();
    assert!(taken.is_empty(), "{taken:?}");
}
