//! Requests whose price is another than their specimen's: what failed, what is large, what is hot.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use shared::{
    account::{SpreadPlan, account_key},
    table::{Tenant, Update, Written},
};
use tests::{Client, PASSWORD, World};

use super::book::{Book, Budget};

const LOGIN: Budget = Budget { in_sequence: 3, half_read_units: 8 };
const SECOND_STEP: Budget = Budget { in_sequence: 2, half_read_units: 8 };
const DASHBOARD: Budget = Budget { in_sequence: 2, half_read_units: 8 };

pub(super) async fn price(world: &World, book: &mut Book<'_>) {
    registering(world, book).await;
    signing_in(world, book).await;
    second_step(world, book).await;
    keys(world, book).await;
    let acme = world.client("acme").await;
    with_a_month_of_usage(world, &acme).await;
    reading(world, &acme, book).await;
    hot_account(world, book).await;
    ingest(world, &acme, book).await;
    refused(world, &acme, book).await;
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

async fn registering(world: &World, book: &mut Book<'_>) {
    let post = |path: &str, body: &Value| world.request(Method::POST, path).json(body);
    let body = json!({"email": "owner@one.test", "password": PASSWORD, "name": "one"});
    let (register, verify) = ("/v1/auth/register", "/v1/auth/verify-email");
    world.post(register, &body).await;
    let token = json!({"token": world.mailed_token("owner@one.test").await});
    world.post(verify, &token).await;
    book.row("POST", verify, "used link", 422, post(verify, &token)).await;
    book.row("POST", register, "known address", 202, post(register, &body)).await;
    let forgot = "/v1/auth/password/forgot";
    let nobody = json!({"email": "no@body.test"});
    book.row("POST", forgot, "unknown address", 202, post(forgot, &nobody)).await;
}

async fn signing_in(world: &World, book: &mut Book<'_>) {
    let login = "/v1/auth/login";
    let attempt = |email: &str, password: &str| {
        world.request(Method::POST, login).json(&json!({"email": email, "password": password}))
    };
    book.row("POST", login, "wrong password", 401, attempt("owner@one.test", "wrong")).await;
    world.advance(3600).await;
    book.row("POST", login, "unknown address", 401, attempt("no@body.test", "wrong")).await;
    let again = attempt("owner@one.test", PASSWORD);
    book.within(LOGIN).row("POST", login, "after a failure", 200, again).await;
    let former = world.sign_in("owner@one.test", PASSWORD).await;
    let fields = [("email", "owner@one.test"), ("password", PASSWORD)];
    let cookie = format!("__Host-session={}", former.token);
    let request = world.request(Method::POST, "/login").header("cookie", cookie).form(&fields);
    let request = request.header("sec-fetch-site", "same-origin");
    book.row("POST", "/login", "in place of a former session", 303, request).await;
    let anew = world.sign_in("owner@one.test", PASSWORD).await;
    let wrong = anew.request(Method::POST, "/v1/auth/sudo").json(&json!({"password": "wrong"}));
    book.row("POST", "/v1/auth/sudo", "wrong password", 401, wrong).await;
}

/// A password login with a second factor: at most three calls in sequence, and two for the factor.
async fn second_step(world: &World, book: &mut Book<'_>) {
    let mut acme = world.client("guarded").await;
    let program = acme.turn_factor_on().await;
    world.advance(60).await;
    let login = "/v1/auth/login";
    let body = json!({"email": acme.email, "password": PASSWORD});
    let verify = "/v1/auth/login/verify";
    let asked = world.request(Method::POST, login).json(&body);
    let asked = book.within(LOGIN).row("POST", login, "second factor on", 200, asked).await;
    let backup_code = json!(program.backup_codes[0]);
    let wrong = json!({"challenge": asked["challenge"], "code": "000000"});
    let wrong = world.request(Method::POST, verify).json(&wrong);
    book.within(SECOND_STEP).row("POST", verify, "wrong code", 401, wrong).await;
    let answer = json!({"challenge": asked["challenge"], "backup_code": backup_code});
    let answer = world.request(Method::POST, verify).json(&answer);
    book.within(SECOND_STEP).row("POST", verify, "backup code", 200, answer).await;
}

async fn keys(world: &World, book: &mut Book<'_>) {
    let mut acme = world.client("programs").await;
    acme.elevate().await;
    let path = "/v1/api-keys";
    let body = json!({"name": "x", "scopes": ["inference", "read"]});
    let make = |client: &Client| client.request(Method::POST, path).json(&body);
    let made = book.row("POST", path, "", 201, make(&acme)).await;
    let secret = text(&made["secret"]);
    let once = |client: &Client| make(client).header("idempotency-key", "one");
    let other = super::read_json(once(&acme)).await;
    book.row("POST", path, "sent again", 201, once(&acme)).await;
    let reads = world.request(Method::GET, "/v1/dashboard").bearer_auth(&secret);
    book.within(DASHBOARD).row("GET", "/v1/dashboard", "API key", 200, reads).await;
    let rotate = format!("{path}/{}/rotate", text(&other["id"]));
    let rotate = acme.request(Method::POST, &rotate).json(&json!({}));
    let rotated = book.row("POST", "/v1/api-keys/{id}/rotate", "", 200, rotate).await;

    let authorize = "/v1/gateway/authorize";
    let ask = |key: &str| -> RequestBuilder {
        let request = world.request(Method::POST, authorize).bearer_auth(&world.service_key);
        request.json(&json!({"api_key": key}))
    };
    let one_read = Budget { in_sequence: 1, half_read_units: 8 };
    let unused = text(&rotated["secret"]);
    super::read_json(ask(&unused)).await;
    let one_more = Budget { in_sequence: 2, ..one_read };
    book.within(one_more).row("POST", authorize, "under a hard limit", 200, ask(&unused)).await;
    let huge = json!({"api_key": unused, "estimate": {"tokens": 60_000_000}});
    let huge = world.request(Method::POST, authorize).bearer_auth(&world.service_key).json(&huge);
    book.within(one_read).row("POST", authorize, "over the limit", 200, huge).await;
    world.set_plan(&acme.account, "growth").await;
    world.drain().await;
    book.within(one_read).row("POST", authorize, "of a soft plan", 200, ask(&unused)).await;
    book.within(one_read).row("POST", authorize, "mistyped key", 200, ask("mxk_none")).await;

    let staff = world.staff_with_factor().await;
    let path = "/v1/admin/service-keys";
    let make = staff.request(Method::POST, path).json(&json!({"name": "gateway"}));
    book.row("POST", path, "", 201, make).await;
    world.advance(301).await;
    let list = staff.request(Method::GET, path);
    book.row("GET", path, "first in five minutes", 200, list).await;
}

/// Each day of a month, each with four types of work and a key.
async fn with_a_month_of_usage(world: &World, acme: &Client) {
    let mut events = Vec::new();
    for day in 0..31 {
        for (place, ai_type) in ["text", "image", "code", "embedding"].into_iter().enumerate() {
            let time = world.panel.app.clock.now() - jiff::SignedDuration::from_hours(24 * day);
            let mut event = acme.event(&format!("{day}-{place}"));
            event["time"] = json!(time.to_string());
            event["data"]["ai_type"] = json!(ai_type);
            event["data"]["api_key_id"] = json!("key_01kapx0000000000000000000a");
            events.push(event);
        }
    }
    assert_eq!(world.report(&events).await.json()["accepted"], 124);
    world.drain().await;
}

/// The last so many days, today included, as a query has them.
fn days(world: &World, count: i64) -> String {
    let today = world.clock.now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let to = today.tomorrow().unwrap();
    let from = to.checked_sub(jiff::Span::new().days(count)).unwrap();
    format!("from={from}&to={to}")
}

async fn reading(world: &World, acme: &Client, book: &mut Book<'_>) {
    let get = |path: &str| acme.request(Method::GET, path);
    let usage = Budget { in_sequence: 2, half_read_units: 40 };
    let (path, month) = ("/v1/dashboard", "a month of usage");
    book.within(DASHBOARD).row("GET", path, month, 200, get(path)).await;
    book.within(DASHBOARD).row("GET", "/", month, 200, get("/")).await;
    world.advance(301).await;
    let first = "first in five minutes";
    book.within(DASHBOARD).row("GET", path, first, 200, get(path)).await;
    let path = "/v1/usage";
    let month = days(world, 31);
    let by_day = format!("/v1/usage?{month}&granularity=day");
    book.within(usage).row("GET", path, "a month by day", 200, get(&by_day)).await;
    let by_key = format!("{by_day}&group_by=api_key");
    book.within(usage).row("GET", path, "and by key", 200, get(&by_key)).await;
    let hours = format!("/v1/usage?{}&granularity=hour", days(world, 2));
    book.within(usage).row("GET", path, "two days by hour", 200, get(&hours)).await;
    let page = format!("/usage?{month}&granularity=day");
    book.within(usage).row("GET", "/usage", "a month by day", 200, get(&page)).await;
    world.advance(301).await;
    book.row("GET", path, first, 200, get(path)).await;
    let page = format!("/usage/requests?{month}");
    book.row("GET", "/usage/requests", "25 events", 200, get(&page)).await;
    let events = format!("/v1/usage/events?{month}");
    book.row("GET", "/v1/usage/events", "50 events", 200, get(&events)).await;
}

/// An account whose month lies in four shards of a dozen models, and a day in 16 partitions.
async fn hot_account(world: &World, book: &mut Book<'_>) {
    let hot = world.client("hot").await;
    let today = world.clock.now().strftime("%Y-%m-%d").to_string();
    let widened_on = today.parse::<jiff::civil::Date>().unwrap() - jiff::Span::new().days(4);
    let spread = SpreadPlan::default().widened(widened_on).unwrap();
    let key = account_key(Tenant::at_desk(hot.account.parse().unwrap()));
    let update = Update::new().set_serialized("spread", &spread).unwrap();
    let _written: Written<Value> = world.panel.app.table.update(&key, update).await.unwrap();
    for place in 0..48 {
        let mut event = hot.event(&format!("h{place}"));
        event["data"]["ai_type"] = json!(["text", "image", "code", "embedding"][place % 4]);
        event["data"]["model"] = json!(format!("atlas-{}", place % 12));
        world.report(&[event]).await;
        world.drain().await;
    }
    let get = |path: &str| hot.request(Method::GET, path);
    let path = "/v1/dashboard";
    book.within(DASHBOARD).row("GET", path, "hot account", 200, get(path)).await;
    let path = "/v1/usage/events";
    book.row("GET", path, "hot account, 25 events", 200, get(path)).await;
}

async fn ingest(world: &World, acme: &Client, book: &mut Book<'_>) {
    let path = "/v1/usage/events";
    let send = |count: usize| {
        let events: Vec<_> = (0..count).map(|place| acme.event(&format!("x{place}"))).collect();
        let request = world.request(Method::POST, path);
        request.bearer_auth(&world.panel.people.service_key).json(&events)
    };
    book.row("POST", path, "950 events", 202, send(950)).await;
    assert_eq!(book.last().count("SendMessageBatch"), 1, "ten full messages are one call");
    book.row("POST", path, "1,000 events", 202, send(1000)).await;
}

async fn refused(world: &World, acme: &Client, book: &mut Book<'_>) {
    let path = "/v1/dashboard";
    book.row("GET", path, "signed out", 401, world.request(Method::GET, path)).await;
    assert!(book.last().charges.is_empty());
    let mistyped = world.request(Method::GET, path).bearer_auth(acme.mistyped_token());
    book.row("GET", path, "mistyped token", 401, mistyped).await;
    assert!(book.last().charges.is_empty(), "a malformed token is refused without a read");
}
