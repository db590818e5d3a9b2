//! Signing in: no guessing, no telling who is known, sessions that end when they should.

use std::collections::BTreeMap;

use futures::future::join_all;
use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};
use shared::{
    account::account_key,
    table::{Tenant, Update, Written},
};
use tests::{PASSWORD, World, read};

fn credentials(email: &str, password: &str) -> Value {
    json!({"email": email, "password": password})
}

#[tokio::test]
async fn sixty_four_guesses_at_once_get_ten_answers() {
    let world = World::start().await;
    let email = world.register("acme").await;
    let guess = credentials(&email, "wrong-wrong-wrong");
    let replies = join_all((0..64).map(|_| world.post("/v1/auth/login", &guess))).await;
    let mut counts = BTreeMap::new();
    for reply in &replies {
        *counts.entry(reply.status.as_u16()).or_insert(0) += 1;
    }
    assert_eq!(counts, BTreeMap::from([(401, 10), (429, 54)]));
    let refused =
        replies.iter().find(|reply| reply.status == StatusCode::TOO_MANY_REQUESTS).unwrap();
    let wait: i64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=900).contains(&wait));
    assert_eq!(refused.header("ratelimit-policy"), "\"login\";q=10;w=900");

    world.advance(900).await;
    world.sign_in(&email, PASSWORD).await;
}

#[tokio::test]
async fn the_form_says_when_to_come_back_too() {
    let world = World::start().await;
    let form = [("email", "nobody@acme.test"), ("password", "wrong-wrong-wrong")];
    let mut last = read(world.request(Method::POST, "/login").form(&form)).await;
    assert_eq!(last.status, StatusCode::UNAUTHORIZED);
    for _guess in 0..10 {
        last = read(world.request(Method::POST, "/login").form(&form)).await;
    }
    assert_eq!(last.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(!last.header("retry-after").is_empty() && last.text.contains("nobody@acme.test"));
}

#[tokio::test]
async fn a_success_gives_its_attempt_back() {
    let world = World::start().await;
    let email = world.register("acme").await;
    for _round in 0..3 {
        for _failure in 0..3 {
            world.post("/v1/auth/login", &credentials(&email, "wrong-wrong-wrong")).await;
        }
        world.sign_in(&email, PASSWORD).await;
    }
    let last = world.post("/v1/auth/login", &credentials(&email, "wrong-wrong-wrong")).await;
    assert_eq!(last.status, StatusCode::UNAUTHORIZED, "nine failures, three successes");
    let over = world.post("/v1/auth/login", &credentials(&email, PASSWORD)).await;
    assert_eq!(over.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn known_unknown_and_impossible_addresses_get_the_same_bytes() {
    let world = World::start().await;
    let email = world.register("acme").await;
    let mut replies = Vec::new();
    for address in [email.as_str(), "nobody@acme.test", "no address at all"] {
        let reply = world.post("/v1/auth/login", &credentials(address, "wrong-wrong-wrong")).await;
        replies.push((reply.status, reply.stable()));
    }
    assert_eq!(replies[0].0, StatusCode::UNAUTHORIZED);
    assert!(replies.iter().all(|reply| *reply == replies[0]));
}

#[tokio::test]
async fn registrations_from_one_address_are_limited() {
    let world = World::start().await;
    let body = |number: usize| json!({"email": format!("u{number}@acme.test"), "password": PASSWORD, "name": "U"});
    let bodies: Vec<_> = (0..31).map(body).collect();
    let mut last = StatusCode::OK;
    for body in &bodies {
        last = world.post("/v1/auth/register", body).await.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn a_session_ends_with_the_very_next_request() {
    let world = World::start().await;
    let acme = world.client("acme").await;
    assert_eq!(acme.get("/v1/sessions").await.json()["items"][0]["current"], true);
    assert_eq!(acme.post("/v1/auth/logout", &json!({})).await.status, StatusCode::NO_CONTENT);
    assert_eq!(acme.get("/v1/sessions").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_session_ends_idle_after_two_weeks_and_always_after_thirty_days() {
    const DAY: i64 = 24 * 3600;
    let world = World::start().await;
    let idle = world.client("idle").await;
    world.advance(14 * DAY + 1).await;
    assert_eq!(idle.get("/v1/sessions").await.status, StatusCode::UNAUTHORIZED);

    let busy = world.client("busy").await;
    for _third_of_the_time in 0..3 {
        world.advance(10 * DAY - 60).await;
        assert_eq!(busy.get("/v1/sessions").await.status, StatusCode::OK);
    }
    world.advance(200).await;
    assert_eq!(busy.get("/v1/sessions").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_suspended_account_is_refused_by_the_very_next_request() {
    let world = World::start().await;
    let acme = world.client("acme").await;
    let tenant = Tenant::at_desk(acme.account.parse().unwrap());
    let update = Update::new().set("status", "suspended");
    let table = &world.panel.app.table;
    let _written: Written<Value> = table.update(&account_key(tenant), update).await.unwrap();
    assert_eq!(acme.get("/v1/dashboard").await.json()["code"], "suspended");
    let right = world.post("/v1/auth/login", &credentials(&acme.email, PASSWORD)).await;
    assert_eq!(right.json()["code"], "suspended");
    let wrong = world.post("/v1/auth/login", &credentials(&acme.email, "wrong-wrong-wrong")).await;
    assert_eq!(wrong.json()["code"], "wrong_credentials", "told only to who knows the password");
}

#[tokio::test]
async fn last_seen_moves_every_five_minutes_and_not_more_often() {
    let world = World::start().await;
    let acme = world.client("acme").await;
    let seen = async || acme.get("/v1/sessions").await.json()["items"][0]["last_seen_at"].clone();
    let first = seen().await;
    world.advance(240).await;
    assert_eq!((seen().await, seen().await), (first.clone(), first.clone()));
    world.advance(61).await;
    acme.get("/v1/profile").await;
    assert_ne!(seen().await, first);
}

#[tokio::test]
async fn the_login_form_sets_only_the_cookie_and_follows_no_strangers_link() {
    let world = World::start().await;
    let email = world.register("acme").await;
    for (next, goes_to) in [("/usage", "/usage"), ("//evil.test", "/"), ("/\\evil.test", "/")] {
        let form = [("email", email.as_str()), ("password", PASSWORD), ("next", next)];
        let reply = read(world.request(Method::POST, "/login").form(&form)).await;
        assert_eq!((reply.status, reply.header("location")), (StatusCode::SEE_OTHER, goes_to));
        let cookie = reply.header("set-cookie");
        assert!(cookie.starts_with("__Host-session=mxs_"));
        for attribute in ["Path=/", "Secure", "HttpOnly", "SameSite=Lax", "Max-Age=2592000"] {
            assert!(cookie.contains(attribute), "{attribute}");
        }
        assert!(reply.text.is_empty());
    }
}

#[tokio::test]
async fn another_site_cannot_act_with_our_cookie() {
    let world = World::start().await;
    let acme = world.client("acme").await;
    let cookie = format!("__Host-session={}", acme.token);
    let patch = |site: Option<&'static str>, origin: Option<&'static str>| {
        let mut request = world
            .request(Method::PATCH, "/v1/profile")
            .header(header::COOKIE, &cookie)
            .json(&json!({"company": "Changed"}));
        if let Some(site) = site {
            request = request.header("sec-fetch-site", site);
        }
        if let Some(origin) = origin {
            request = request.header(header::ORIGIN, origin);
        }
        read(request)
    };
    for (site, origin) in [
        (Some("cross-site"), None),
        (Some("same-site"), None),
        (None, Some("https://evil.test")),
        (None, Some("null")),
        (None, None),
        (Some("cross-site"), Some("https://evil.test")),
    ] {
        let reply = patch(site, origin).await;
        assert_eq!(reply.json()["code"], "cross_site", "{site:?} {origin:?}");
    }
    assert_eq!(acme.get("/v1/profile").await.json()["company"], "acme");
    assert_eq!(patch(Some("same-origin"), None).await.status, StatusCode::OK);
    let form = read(
        world
            .request(Method::POST, "/login")
            .header("sec-fetch-site", "cross-site")
            .form(&[("email", acme.email.as_str()), ("password", PASSWORD)]),
    )
    .await;
    assert_eq!(form.status, StatusCode::FORBIDDEN, "nobody is signed in from elsewhere");
}
