//! Sixty-four requests released together over routers that share nothing but the table.

use reqwest::StatusCode;
use serde_json::json;
use tests::{PASSWORD, World};

use super::{CROWD, Crowd, count, guarded, post};

#[tokio::test(flavor = "multi_thread")]
async fn one_code_opens_one_session() {
    let world = World::start().await;
    let (acme, program) = guarded(&world, "acme").await;
    let code = program.next_code(&world);
    let mut challenges = Vec::new();
    for _sign_in in 0..8 {
        challenges.push(world.challenge(&acme.email).await);
    }
    let crowd = Crowd::new(&world);
    let replies = crowd
        .at_once(|place| {
            let body = json!({"challenge": challenges[place % 8], "code": code});
            post("/v1/auth/login/verify", None, &body)
        })
        .await;
    assert_eq!(count(&replies, 200), 1, "{replies:?}");
    assert_eq!(count(&replies, 200) + count(&replies, 401) + count(&replies, 429), CROWD);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_backup_code_opens_one_session() {
    let world = World::start().await;
    let (acme, program) = guarded(&world, "acme").await;
    let mut challenges = Vec::new();
    for _sign_in in 0..8 {
        challenges.push(world.challenge(&acme.email).await);
    }
    let crowd = Crowd::new(&world);
    let replies = crowd
        .at_once(|place| {
            let body =
                json!({"challenge": challenges[place % 8], "backup_code": program.backup_codes[5]});
            post("/v1/auth/login/verify", None, &body)
        })
        .await;
    assert_eq!(count(&replies, 200), 1, "{replies:?}");
    let left = acme.get("/v1/security/2fa").await.json();
    assert_eq!(left["backup_codes_remaining"], 9);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_challenge_opens_one_session() {
    let world = World::start().await;
    let (acme, program) = guarded(&world, "acme").await;
    let challenge = world.challenge(&acme.email).await;
    let crowd = Crowd::new(&world);
    let replies = crowd
        .at_once(|place| {
            let body =
                json!({"challenge": challenge, "backup_code": program.backup_codes[place % 10]});
            post("/v1/auth/login/verify", None, &body)
        })
        .await;
    assert_eq!(count(&replies, 200), 1, "{replies:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_at_once_are_no_more_than_the_limit() {
    let world = World::start().await;
    let (acme, _) = guarded(&world, "acme").await;
    let challenge = world.challenge(&acme.email).await;
    let crowd = Crowd::new(&world);
    let body = json!({"challenge": challenge, "code": "000000"});
    let replies = crowd.at_once(|_| post("/v1/auth/login/verify", None, &body)).await;
    assert_eq!((count(&replies, 401), count(&replies, 429)), (10, 54), "{replies:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_reset_link_sets_one_password() {
    let world = World::start().await;
    let email = world.register("acme").await;
    world.post("/v1/auth/password/forgot", &json!({"email": email})).await;
    let token = world.mailed_token(&email).await;
    let crowd = Crowd::new(&world);
    let replies = crowd
        .at_once(|place| {
            let body = json!({"token": token, "password": format!("otter-glass-{place:02}-south")});
            post("/v1/auth/password/reset", None, &body)
        })
        .await;
    assert_eq!(count(&replies, 204), 1, "{replies:?}");
    let winner = replies.iter().position(|(status, _)| *status == 204).unwrap();
    world.sign_in(&email, &format!("otter-glass-{winner:02}-south")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_made_at_once_are_no_more_than_the_plan_has() {
    let world = World::start().await;
    let mut acme = world.client("acme").await;
    acme.elevate().await;
    let crowd = Crowd::new(&world);
    let body = json!({"name": "x", "scopes": ["read"]});
    let replies = crowd.at_once(|_| post("/v1/api-keys", Some(&acme.token), &body)).await;
    assert_eq!((count(&replies, 201), count(&replies, 409)), (5, 59), "{replies:?}");
    let list = acme.get("/v1/api-keys").await.json();
    assert_eq!(list["items"].as_array().unwrap().len(), 5);
    // A place that was given back is one place.
    let id = list["items"][0]["id"].as_str().unwrap().to_owned();
    let crowd_revokes = crowd
        .at_once(|_| {
            let mut request = post(&format!("/v1/api-keys/{id}"), Some(&acme.token), &json!({}));
            *request.method_mut() = http::Method::DELETE;
            request
        })
        .await;
    assert_eq!(count(&crowd_revokes, 204), 1);
    let replies = crowd.at_once(|_| post("/v1/api-keys", Some(&acme.token), &body)).await;
    assert_eq!(count(&replies, 201), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_request_with_its_key_is_served_once() {
    let world = World::start().await;
    let mut acme = world.client("acme").await;
    acme.elevate().await;
    let crowd = Crowd::new(&world);
    let body = json!({"name": "x", "scopes": ["read"]});
    let replies = crowd
        .at_once(|_| {
            let mut request = post("/v1/api-keys", Some(&acme.token), &body);
            request.headers_mut().insert("idempotency-key", "once".parse().unwrap());
            request
        })
        .await;
    assert_eq!(count(&replies, 201), CROWD, "{replies:?}");
    assert!(replies.iter().all(|(_, body)| body == &replies[0].1));
    let list = acme.get("/v1/api-keys").await.json();
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_elevated_once() {
    let world = World::start().await;
    let acme = world.client("acme").await;
    let crowd = Crowd::new(&world);
    let body = json!({"password": PASSWORD});
    let replies = crowd.at_once(|_| post("/v1/auth/sudo", Some(&acme.token), &body)).await;
    assert_eq!(count(&replies, 200), 1, "{replies:?}");
    assert!(replies.iter().all(|(status, _)| [200, 401, 429].contains(status)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_under_way_does_not_outlive_a_reset() {
    // Sign-ins with the old password race the reset: whatever they got is over, or began with the
    // new password's epoch, which they cannot.
    let world = World::start().await;
    let email = world.register("acme").await;
    world.post("/v1/auth/password/forgot", &json!({"email": email})).await;
    let token = world.mailed_token(&email).await;
    let crowd = Crowd::new(&world);
    let replies = crowd
        .at_once(|place| {
            if place == 20 {
                let body = json!({"token": token, "password": "otter-glass-runs-south"});
                post("/v1/auth/password/reset", None, &body)
            } else {
                let body = json!({"email": email, "password": PASSWORD});
                post("/v1/auth/login", None, &body)
            }
        })
        .await;
    assert_eq!(replies[20].0, 204);
    let sessions = replies.iter().filter_map(|(_, body)| body["token"].as_str());
    for token in sessions {
        let request = world.request(reqwest::Method::GET, "/v1/profile").bearer_auth(token);
        assert_eq!(tests::read(request).await.status, StatusCode::UNAUTHORIZED);
    }
}
