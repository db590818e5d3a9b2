//! Strangers: they learn nothing, and they keep nobody out.

use futures::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use shared::{auth::hashes_made, testing::Tally};
use tests::{PASSWORD, Reply, World, read};

use super::guarded;

/// A reply and what it took: calls to AWS by kind, and hashes of passwords.
async fn weighed(world: &World, tally: &Tally, path: &str, body: &Value) -> (Reply, Vec<String>) {
    let (_before, hashed) = (tally.take(), hashes_made());
    let reply = world.post(path, body).await;
    let charges = tally.take().charges;
    let mut work: Vec<_> = charges.iter().map(|it| format!("{:?}", it.actions)).collect();
    work.sort();
    work.push(format!("{} hashes", hashes_made() - hashed));
    (reply, work)
}

/// A known address, an unknown one, and what is no address where that is taken.
async fn alike(world: &World, tally: &Tally, path: &str, bodies: &[Value]) {
    let mut replies = Vec::new();
    for body in bodies {
        let (reply, work) = weighed(world, tally, path, body).await;
        let headers: Vec<String> = reply.headers.keys().map(ToString::to_string).collect();
        replies.push((reply.status, reply.stable(), headers, work));
        world.drain().await;
    }
    for reply in &replies {
        assert_eq!(reply, &replies[0], "{path}");
    }
}

#[tokio::test]
async fn known_and_unknown_addresses_get_the_same_bytes_for_the_same_work() {
    let tally = Tally::new();
    let world = World::over(tally.wire()).await;
    let known = world.register("acme").await;
    let (guarded, _) = guarded(&world, "guarded").await;
    let unknown = "nobody@acme.test";
    let login = |email: &str| json!({"email": email, "password": "wrong-wrong-wrong"});
    let bodies = [known.as_str(), &guarded.email, unknown, "no address at all"].map(login);
    alike(&world, &tally, "/v1/auth/login", &bodies).await;
    let forgot = [known.as_str(), &guarded.email, unknown].map(|email| json!({"email": email}));
    alike(&world, &tally, "/v1/auth/password/forgot", &forgot).await;
    let register = [known.as_str(), unknown]
        .map(|email| json!({"email": email, "password": PASSWORD, "name": "Ada"}));
    alike(&world, &tally, "/v1/auth/register", &register).await;

    // Closed: after too many failures the two are still alike.
    for email in [known.as_str(), unknown] {
        for _failure in 0..10 {
            world.post("/v1/auth/login", &login(email)).await;
        }
    }
    alike(&world, &tally, "/v1/auth/login", &[login(&known), login(unknown)]).await;
    assert_eq!(world.mails(unknown).await.len(), 1, "a registration's, and none of a reset");
}

fn from(address: &str) -> reqwest::Client {
    reqwest::Client::builder().local_address(Some(address.parse().unwrap())).build().unwrap()
}

#[tokio::test]
async fn a_stranger_closes_a_login_to_itself_and_not_to_its_owner() {
    let world = World::start().await;
    let email = world.register("acme").await;
    let login = |password: &str| json!({"email": email, "password": password});
    let stranger = from("127.0.0.2");
    let url = format!("{}/v1/auth/login", world.url);
    // Most of these are refused without a judgement, and count for nobody else.
    for _guess in 0..110 {
        read(stranger.post(&url).json(&login("wrong-wrong-wrong"))).await;
    }
    let closed = read(stranger.post(&url).json(&login(PASSWORD))).await;
    assert_eq!(closed.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(world.post("/v1/auth/login", &login(PASSWORD)).await.status, StatusCode::OK);

    // Many strangers close it to all, and the owner's mail opens it again.
    for network in 10..22 {
        let stranger = from(&format!("127.0.0.{network}"));
        for _guess in 0..9 {
            read(stranger.post(&url).json(&login("wrong-wrong-wrong"))).await;
        }
    }
    let closed = world.post("/v1/auth/login", &login(PASSWORD)).await;
    assert_eq!(closed.header("ratelimit-policy"), "\"login-anywhere\";q=100;w=900");
    world.post("/v1/auth/password/forgot", &json!({"email": email})).await;
    let token = world.mailed_token(&email).await;
    let body = json!({"token": token, "password": "otter-glass-runs-south"});
    world.post("/v1/auth/password/reset", &body).await;
    let open = world.post("/v1/auth/login", &login("otter-glass-runs-south")).await;
    assert_eq!(open.status, StatusCode::OK, "{}", open.text);
}

#[tokio::test]
async fn every_public_route_that_does_anything_has_its_limit() {
    for (path, body) in [
        ("/v1/auth/register", json!({"email": "a@b.test", "password": PASSWORD, "name": "A"})),
        ("/v1/auth/password/forgot", json!({"email": "a@b.test"})),
        ("/v1/auth/verify-email", json!({"token": "mxt_none"})),
        ("/v1/auth/password/reset", json!({"token": "mxt_none", "password": PASSWORD})),
        ("/v1/auth/login", json!({"email": "a@b.test", "password": "wrong"})),
    ] {
        let world = World::start().await;
        let replies = join_all((0..110).map(|_| world.post(path, &body))).await;
        assert!(
            replies.iter().any(|it| it.status == StatusCode::TOO_MANY_REQUESTS),
            "{path} has no limit"
        );
    }
    let world = World::start().await;
    let form = [("token", "mxt_none")];
    let tries = (0..110).map(|_| read(world.request(Method::POST, "/not-me").form(&form)));
    let replies = join_all(tries).await;
    assert!(replies.iter().any(|it| it.status == StatusCode::TOO_MANY_REQUESTS));
}
