//! The second factor: codes that work once, backup codes, and no way round them.

use std::process::Command;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use shared::{
    auth::{Secret, Token},
    random::Random,
};
use tests::{PASSWORD, World, read};

use super::{events, guarded, held::Held, post};

async fn answer(world: &World, challenge: &str, field: &str, code: &str) -> (u16, Value) {
    let body = json!({"challenge": challenge, field: code});
    let reply = world.post("/v1/auth/login/verify", &body).await;
    (reply.status.as_u16(), reply.json())
}

#[tokio::test]
async fn signing_in_asks_for_a_code_and_each_code_works_once() {
    let world = World::start().await;
    let (acme, program) = guarded(&world, "acme").await;
    let challenge = world.challenge(&acme.email).await;
    // The code that turned the factor on was used by that.
    let used = answer(&world, &challenge, "code", &program.code(&world)).await;
    assert_eq!((used.0, &used.1["code"]), (401, &json!("wrong_code")));
    let next = program.next_code(&world);
    let (status, body) = answer(&world, &challenge, "code", &next).await;
    assert_eq!((status, &body["user"]["email"]), (200, &json!(acme.email)));

    let again = world.challenge(&acme.email).await;
    assert_eq!(answer(&world, &again, "code", &next).await.0, 401, "the same code");
    assert_eq!(answer(&world, &again, "code", &program.code(&world)).await.0, 401, "an older one");
    world.advance(60).await;
    assert_eq!(answer(&world, &again, "code", &program.next_code(&world)).await.0, 200);
    assert_eq!(answer(&world, &again, "code", &program.next_code(&world)).await.0, 401, "over");
}

#[tokio::test]
async fn an_independent_program_makes_the_codes() {
    let world = World::start().await;
    let (acme, program) = guarded(&world, "acme").await;
    world.advance(90).await;
    let now = world.clock.now().to_string();
    let made = Command::new("oathtool")
        .args(["--totp", "--base32", "--now", &now, &program.secret])
        .output()
        .expect("oathtool: `tests/run` installs it");
    let code = String::from_utf8(made.stdout).unwrap();
    let challenge = world.challenge(&acme.email).await;
    assert_eq!(answer(&world, &challenge, "code", code.trim()).await.0, 200, "{code}");
}

#[tokio::test]
async fn a_backup_code_works_once_in_whatever_way_it_is_written() {
    let world = World::start().await;
    let (acme, program) = guarded(&world, "acme").await;
    let code = &program.backup_codes[3];
    let challenge = world.challenge(&acme.email).await;
    let written = code.replace('-', " ").to_uppercase();
    assert_eq!(answer(&world, &challenge, "backup_code", &written).await.0, 200);
    let challenge = world.challenge(&acme.email).await;
    assert_eq!(answer(&world, &challenge, "backup_code", code).await.0, 401);
    let left = acme.get("/v1/security/2fa/backup-codes").await.json();
    assert_eq!((&left["remaining"], &left["used"][0]["slot"]), (&json!(9), &json!(3)));
    assert!(left["used"][0]["used_at"].is_string());
    assert_eq!(acme.get("/v1/security/2fa").await.json()["backup_codes_remaining"], 9);
    let mails = world.mails(&acme.email).await;
    assert_eq!(mails[0]["subject"], "Backup code used");
}

#[tokio::test]
async fn new_backup_codes_void_the_old_ones_and_want_the_factor_itself() {
    let world = World::start().await;
    let (acme, program) = guarded(&world, "acme").await;
    // This session has just given a code: it may.
    let anew = acme.post("/v1/security/2fa/backup-codes", &json!({})).await;
    assert_eq!(anew.status, StatusCode::OK, "{}", anew.text);
    let codes: Vec<String> = serde_json::from_value(anew.json()["backup_codes"].clone()).unwrap();
    let challenge = world.challenge(&acme.email).await;
    let old = answer(&world, &challenge, "backup_code", &program.backup_codes[0]).await;
    assert_eq!(old.0, 401);
    let (status, body) = answer(&world, &challenge, "backup_code", &codes[0]).await;
    assert_eq!(status, 200);

    let token = body["token"].as_str().unwrap();
    let with = |token: &str, path: &str, body: &Value| {
        read(world.request(Method::POST, path).bearer_auth(token).json(body))
    };
    let sudo = with(token, "/v1/auth/sudo", &json!({"password": PASSWORD})).await.json();
    let token = sudo["token"].as_str().unwrap();
    let refused = with(token, "/v1/security/2fa/backup-codes", &json!({})).await;
    assert_eq!(refused.json()["code"], "second_factor_required");
    world.advance(30).await;
    let sudo = with(token, "/v1/auth/sudo", &json!({"code": program.code(&world)})).await.json();
    let token = sudo["token"].as_str().unwrap();
    let made = with(token, "/v1/security/2fa/backup-codes", &json!({})).await;
    assert_eq!(made.status, StatusCode::OK);
}

#[tokio::test]
async fn the_password_alone_neither_removes_nor_replaces_the_factor() {
    let world = World::start().await;
    let (mut acme, program) = guarded(&world, "acme").await;
    acme.elevate().await;
    let enable = acme.post("/v1/security/2fa/enable", &json!({})).await;
    assert_eq!(enable.json()["code"], "second_factor_on");
    for body in [json!({}), json!({"code": "000000"}), json!({"backup_code": "0-0000-0000-0000"})] {
        let off = acme.post("/v1/security/2fa/disable", &body).await;
        assert!(off.status.is_client_error(), "{body}");
    }
    assert_eq!(acme.get("/v1/security/2fa").await.json()["enabled"], true);
    let challenge = world.challenge(&acme.email).await;
    assert_eq!(answer(&world, &challenge, "code", "000000").await.0, 401);

    let off = json!({"backup_code": program.backup_codes[9]});
    let off = acme.post("/v1/security/2fa/disable", &off).await;
    assert_eq!(off.status, StatusCode::NO_CONTENT);
    assert_eq!(acme.get("/v1/security/2fa").await.json()["enabled"], false);
    world.sign_in(&acme.email, PASSWORD).await;
    assert!(events(&acme).await.contains(&"second_factor_off".to_owned()));
}

#[tokio::test]
async fn it_is_not_on_before_a_code_was_verified_and_a_wrong_one_turns_nothing_on() {
    let world = World::start().await;
    let mut acme = world.client("acme").await;
    acme.elevate().await;
    let early = acme.post("/v1/security/2fa/verify", &json!({"code": "123456"})).await;
    assert_eq!(early.json()["code"], "second_factor_off");
    let begun = acme.post("/v1/security/2fa/enable", &json!({})).await.json();
    assert!(begun["otpauth_url"].as_str().unwrap().starts_with("otpauth://totp/"));
    assert!(begun["qr_svg"].as_str().unwrap().starts_with("<svg"));
    let wrong = acme.post("/v1/security/2fa/verify", &json!({"code": "12345x"})).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(wrong.json()["errors"][0]["pointer"], "/code");
    assert_eq!(acme.get("/v1/security/2fa").await.json()["enabled"], false);
    world.sign_in(&acme.email, PASSWORD).await;

    let secret = begun["secret"].as_str().unwrap().to_owned();
    let program = tests::Authenticator { secret, backup_codes: Vec::new() };
    world.advance(30 * 60).await;
    let late = acme.post("/v1/security/2fa/verify", &json!({"code": program.code(&world)})).await;
    assert_eq!(late.json()["code"], "second_factor_off", "begun half an hour ago");
}

#[tokio::test]
async fn guessing_codes_closes_the_codes_and_leaves_the_backup_codes_open() {
    let world = World::start().await;
    let (acme, program) = guarded(&world, "acme").await;
    world.advance(60).await;
    let challenge = world.challenge(&acme.email).await;
    for _guess in 0..10 {
        assert_eq!(answer(&world, &challenge, "code", "000000").await.0, 401);
    }
    let body = json!({"challenge": challenge, "code": program.code(&world)});
    let closed = world.post("/v1/auth/login/verify", &body).await;
    assert_eq!(closed.status, StatusCode::TOO_MANY_REQUESTS, "even the right one");
    assert!(!closed.header("retry-after").is_empty());
    assert_eq!(closed.header("ratelimit-policy"), "\"code\";q=10;w=900");
    // A new challenge opens no new guesses.
    let other = world.challenge(&acme.email).await;
    assert_eq!(answer(&world, &other, "code", &program.code(&world)).await.0, 429);
    let back = answer(&world, &challenge, "backup_code", &program.backup_codes[0]).await;
    assert_eq!(back.0, 200, "the way back");
    world.advance(900).await;
    let later = world.challenge(&acme.email).await;
    assert_eq!(answer(&world, &later, "code", &program.code(&world)).await.0, 200);
}

#[tokio::test]
async fn a_challenge_that_nobody_was_given_counts_as_nobodys_attempt() {
    let world = World::start().await;
    let (acme, program) = guarded(&world, "acme").await;
    let challenge = world.challenge(&acme.email).await;
    let mut made_up: Token = challenge.parse().unwrap();
    made_up.secret = Secret::new(&Random::seeded(1));
    for _guess in 0..12 {
        let (status, body) = answer(&world, &made_up.to_string(), "code", "000000").await;
        assert_eq!((status, &body["code"]), (401, &json!("unauthenticated")));
    }
    world.advance(601).await;
    for _guess in 0..12 {
        assert_eq!(answer(&world, &challenge, "code", "000000").await.0, 401, "over");
    }
    let challenge = world.challenge(&acme.email).await;
    assert_eq!(answer(&world, &challenge, "code", &program.code(&world)).await.0, 200);
}

#[tokio::test]
async fn turning_it_off_ends_the_sessions_that_say_they_gave_it() {
    let world = World::start().await;
    let (mut acme, program) = guarded(&world, "acme").await;
    let challenge = world.challenge(&acme.email).await;
    let (_, phone) = answer(&world, &challenge, "code", &program.next_code(&world)).await;
    acme.elevate().await;
    let off = json!({"backup_code": program.backup_codes[0]});
    let off = acme.post("/v1/security/2fa/disable", &off).await;
    assert_eq!(off.status, StatusCode::NO_CONTENT);
    let phone = phone["token"].as_str().unwrap();
    let seen = world.request(Method::GET, "/v1/profile").bearer_auth(phone);
    assert_eq!(read(seen).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(acme.get("/v1/profile").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_challenge_is_good_for_ten_minutes_and_dies_with_the_password() {
    let world = World::start().await;
    let (mut acme, program) = guarded(&world, "acme").await;
    let early = world.challenge(&acme.email).await;
    world.advance(601).await;
    assert_eq!(answer(&world, &early, "code", &program.code(&world)).await.0, 401);
    let challenge = world.challenge(&acme.email).await;
    let change = json!({"current_password": PASSWORD, "new_password": "otter-glass-runs-south"});
    acme.elevate().await;
    let changed = acme.post("/v1/security/password", &change).await;
    assert_eq!(changed.status, StatusCode::NO_CONTENT, "{}", changed.text);
    assert_eq!(answer(&world, &challenge, "code", &program.code(&world)).await.0, 401);
}

#[tokio::test]
async fn codes_are_read_with_blanks_and_in_arabic_digits() {
    let world = World::start().await;
    let (acme, program) = guarded(&world, "acme").await;
    world.advance(60).await;
    let code = program.code(&world);
    let arabic: String = code
        .chars()
        .map(|digit| char::from_u32(0x0660 + digit.to_digit(10).unwrap()).unwrap())
        .collect();
    let challenge = world.challenge(&acme.email).await;
    let spaced = format!("{} {}", &arabic[..6], &arabic[6..]);
    assert_eq!(answer(&world, &challenge, "code", &spaced).await.0, 200);
}

#[tokio::test]
async fn staff_see_staff_routes_only_with_a_second_factor() {
    let world = World::start().await;
    let mut staff = world.staff().await;
    let keys = "/v1/admin/service-keys";
    assert_eq!(staff.get(keys).await.json()["code"], "second_factor_required");
    staff.turn_factor_on().await;
    assert_eq!(staff.get(keys).await.status, StatusCode::OK);
    world.advance(1).await;
    let made = staff.post(keys, &json!({"name": "gateway eu", "reason": "a new region"})).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    assert_eq!(world.mails(&staff.email).await[0]["subject"], "Service key created");
    let log = staff.get("/v1/security/events").await.json();
    assert_eq!(log["items"][0]["reason"], "a new region");
    let secret = made.json()["secret"].as_str().unwrap().to_owned();
    let asked = json!({"api_key": "mxk_none"});
    let ask = async || {
        let request = world.request(Method::POST, "/v1/gateway/authorize");
        read(request.bearer_auth(&secret).json(&asked)).await
    };
    assert_eq!(ask().await.json()["allowed"], false);
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let listed = staff.get(keys).await;
    assert!(listed.text.contains(&id) && !listed.text.contains(&secret));
    world.advance(1).await;
    // The key is the company's: a colleague of whom made it sees it and withdraws it.
    let kim = operator::create_staff(&world.panel.app, "kim@panel.example", "Kim").await.unwrap();
    let mut colleague = world.sign_in(&kim.email, &kim.password).await;
    colleague.turn_factor_on_with(&kim.password).await;
    let listed = colleague.get(keys).await.json();
    assert_eq!(
        (&listed["items"][0]["id"], &listed["items"][0]["created_by"]),
        (&json!(id), &json!("Sam Staff"))
    );
    let operators = &listed["items"][1];
    assert_eq!((&operators["name"], &operators["created_by"]), (&json!("gateway"), &Value::Null));
    world.advance(1).await;
    let gone = read(colleague.request(Method::DELETE, &format!("{keys}/{id}"))).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    assert_eq!(ask().await.status, StatusCode::UNAUTHORIZED);
    let again = read(staff.request(Method::DELETE, &format!("{keys}/{id}"))).await;
    assert_eq!(again.status, StatusCode::NOT_FOUND);
    let operators = format!("{keys}/{}", operators["id"].as_str().unwrap());
    assert_eq!(
        read(staff.request(Method::DELETE, &operators)).await.status,
        StatusCode::NO_CONTENT
    );
    let report = world.request(Method::POST, "/v1/usage/events").bearer_auth(&world.service_key);
    assert_eq!(read(report.json(&json!([]))).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(events(&staff).await[..2], ["service_key_revoked", "service_key_made"]);
    assert_eq!(events(&colleague).await[0], "service_key_revoked");
}

#[tokio::test]
async fn the_fifth_wrong_code_of_a_window_is_told_and_the_others_are_not() {
    let world = World::start().await;
    let (acme, _) = guarded(&world, "acme").await;
    let told = async || {
        let mails = world.mails(&acme.email).await;
        let is_it = |mail: &&Value| mail["subject"] == "Wrong codes were entered several times";
        mails.iter().filter(is_it).count()
    };
    for number in 1..=10 {
        let challenge = world.challenge(&acme.email).await;
        assert_eq!(answer(&world, &challenge, "code", "000000").await.0, 401);
        assert_eq!(told().await, usize::from(number >= 5), "after {number}");
    }
    // Another quarter of an hour is another window, and word that was held is out by then.
    world.advance(1_800).await;
    for _wrong in 0..5 {
        let challenge = world.challenge(&acme.email).await;
        answer(&world, &challenge, "code", "000000").await;
    }
    assert_eq!(told().await, 2);
}

#[tokio::test]
async fn codes_that_nothing_judged_are_no_wrong_codes() {
    let world = World::start().await;
    let mut acme = world.client("acme").await;
    acme.elevate().await;
    let code = json!({"code": "123456"});
    for _time in 0..11 {
        for path in ["/v1/security/2fa/verify", "/v1/security/2fa/disable", "/v1/auth/sudo"] {
            let reply = acme.post(path, &code).await;
            assert_eq!(reply.json()["code"], "second_factor_off", "{path}");
        }
    }
    acme.turn_factor_on().await;
    for _time in 0..11 {
        let reply = acme.post("/v1/security/2fa/verify", &code).await;
        assert_eq!(reply.json()["code"], "second_factor_on");
    }
}

#[tokio::test]
async fn codes_whose_reply_was_lost_are_given_again_to_who_gives_the_factor() {
    let world = World::start().await;
    let (acme, _) = guarded(&world, "acme").await;
    world.give(&acme.token, true).await;
    let send = async |token: &str, key: &str| {
        let request = world.request(Method::POST, "/v1/security/2fa/backup-codes");
        read(request.bearer_auth(token).header("idempotency-key", key)).await
    };
    let first = send(&acme.token, "one").await;
    assert_eq!(first.json()["backup_codes"].as_array().unwrap().len(), 10);
    assert_eq!(send(&acme.token, "one").await.text, first.text);
    // The password alone opens none of them.
    let thief = world.session(&acme.account).await;
    world.give(&thief, false).await;
    assert_eq!(send(&thief, "one").await.json()["code"], "second_factor_required");
    assert_ne!(send(&acme.token, "two").await.text, first.text);
}

#[tokio::test]
async fn two_of_the_same_request_at_once_make_codes_once() {
    let world = World::start().await;
    let (acme, _) = guarded(&world, "acme").await;
    world.give(&acme.token, true).await;
    let request = || {
        let mut request = post("/v1/security/2fa/backup-codes", Some(&acme.token), &json!({}));
        request.headers_mut().insert("idempotency-key", "one".parse().unwrap());
        request
    };
    let held = Held::before_it_commits(&world, request()).await;
    let other = Held::before_it_commits(&world, request()).await;
    assert_eq!((other.goes_on().await, held.goes_on().await), (200, 200));
    let made = events(&acme).await.into_iter().filter(|kind| kind == "backup_codes_made").count();
    assert_eq!(made, 1);
}
