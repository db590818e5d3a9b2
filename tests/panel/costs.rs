//! The price tag of every endpoint, page and event: counted by an interceptor, kept in COSTS.md.

mod book;
mod events;
mod protecting;
mod rights;

use book::{Book, Budget};
use reqwest::Method;
use serde_json::{Value, json};
use shared::{
    account::{SpreadPlan, account_key},
    table::{Tenant, Update, Written},
    testing::Tally,
};
use tests::{Client, PASSWORD, World};

const MONTH_BY_DAY: &str = "/v1/usage?from=2026-10-23&to=2026-11-23&granularity=day";

/// `UPDATE=1 cargo nextest run -p tests costs` writes the file anew; its diff is to be reviewed.
#[tokio::test]
async fn nothing_costs_more_than_was_agreed_and_roles_allow_what_was_asked_for() {
    let tally = Tally::new();
    let world = World::over(tally.wire()).await;
    let mut book = Book::new(&world, tally);
    registering(&world, &mut book).await;
    signing_in(&world, &mut book).await;
    let acme = world.client("acme").await;
    with_a_month_of_usage(&world, &acme).await;
    reading(&world, &acme, &mut book).await;
    hot_account(&world, &mut book).await;
    profile(&acme, &mut book).await;
    ingest(&world, &acme, &mut book).await;
    public(&world, &mut book).await;
    refused(&world, &acme, &mut book).await;
    leaving(&world, &acme, &mut book).await;
    protecting::price(&world, &mut book).await;
    book.covers(local::all_routes().table());
    events::price(&mut book).await;
    rights::are_what_is_used(book.used());
    book.compare();
}

async fn registering(world: &World, book: &mut Book<'_>) {
    let body = |name: &str| json!({"email": format!("owner@{name}.test"), "password": PASSWORD, "name": name});
    let post = |path: &str, body: &Value| world.request(Method::POST, path).json(body);
    let register = "/v1/auth/register";
    book.row("POST", register, "new address", 202, post(register, &body("one"))).await;
    let token = world.mailed_token("owner@one.test").await;
    let verify = "/v1/auth/verify-email";
    book.row("POST", verify, "", 204, post(verify, &json!({"token": token}))).await;
    book.row("POST", verify, "used link", 422, post(verify, &json!({"token": token}))).await;
    book.row("POST", register, "known address", 202, post(register, &body("one"))).await;

    book.row("GET", "/register", "", 200, world.request(Method::GET, "/register")).await;
    let fields = [("email", "owner@two.test"), ("password", PASSWORD), ("name", "Two")];
    let request = world.request(Method::POST, "/register").form(&fields);
    book.row("POST", "/register", "", 202, request).await;
    let token = world.mailed_token("owner@two.test").await;
    let request = world.request(Method::GET, &format!("/verify?token={token}"));
    book.row("GET", "/verify", "", 200, request).await;
    let request = world.request(Method::POST, "/verify").form(&[("token", &token)]);
    book.row("POST", "/verify", "", 303, request).await;
}

async fn signing_in(world: &World, book: &mut Book<'_>) {
    let login = "/v1/auth/login";
    let attempt = |email: &str, password: &str| {
        world.request(Method::POST, login).json(&json!({"email": email, "password": password}))
    };
    let budget = Budget { in_sequence: 3, half_read_units: 8 };
    book.within(budget).row("POST", login, "", 200, attempt("owner@one.test", PASSWORD)).await;
    book.row("POST", login, "wrong password", 401, attempt("owner@one.test", "wrong")).await;
    world.advance(3600).await;
    book.row("POST", login, "unknown address", 401, attempt("no@body.test", "wrong")).await;
    book.row("POST", login, "after a failure", 200, attempt("owner@one.test", PASSWORD)).await;
    world.advance(3600).await;
    book.row("GET", "/login", "", 200, world.request(Method::GET, "/login")).await;
    let fields = [("email", "owner@one.test"), ("password", PASSWORD)];
    let request = world.request(Method::POST, "/login").form(&fields);
    book.row("POST", "/login", "", 303, request).await;
    let former = world.sign_in("owner@one.test", PASSWORD).await;
    let cookie = format!("__Host-session={}", former.token);
    let request = world.request(Method::POST, "/login").header("cookie", cookie).form(&fields);
    let request = request.header("sec-fetch-site", "same-origin");
    book.row("POST", "/login", "in place of a former session", 303, request).await;
}

/// Each day of a month, each with four types of work and a key.
async fn with_a_month_of_usage(world: &World, acme: &Client<'_>) {
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

async fn reading(world: &World, acme: &Client<'_>, book: &mut Book<'_>) {
    let get = |path: &str| acme.request(Method::GET, path);
    let dashboard = Budget { in_sequence: 2, half_read_units: 8 };
    let usage = Budget { in_sequence: 2, half_read_units: 40 };
    book.within(dashboard).row("GET", "/v1/dashboard", "", 200, get("/v1/dashboard")).await;
    book.within(dashboard).row("GET", "/", "", 200, get("/")).await;
    world.advance(301).await;
    let first = "first in five minutes";
    book.within(dashboard).row("GET", "/v1/dashboard", first, 200, get("/v1/dashboard")).await;
    book.within(usage).row("GET", "/v1/usage", "a month by day", 200, get(MONTH_BY_DAY)).await;
    let by_key = format!("{MONTH_BY_DAY}&group_by=api_key");
    book.within(usage).row("GET", "/v1/usage", "and by key", 200, get(&by_key)).await;
    let hours = "/v1/usage?from=2026-11-21&to=2026-11-23&granularity=hour";
    book.within(usage).row("GET", "/v1/usage", "two days by hour", 200, get(hours)).await;
    book.within(usage).row("GET", "/usage", "this month by day", 200, get("/usage")).await;
    world.advance(301).await;
    book.row("GET", "/v1/usage", first, 200, get("/v1/usage")).await;
    let log = "/usage/requests";
    let page = "/usage/requests?from=2026-10-23&to=2026-11-23";
    book.row("GET", log, "25 events", 200, get(page)).await;
    let events = "/v1/usage/events";
    book.row(
        "GET",
        events,
        "50 events",
        200,
        get("/v1/usage/events?from=2026-10-23&to=2026-11-23"),
    )
    .await;
    book.row("GET", events, "one day", 200, get("/v1/usage/events?from=2026-11-22")).await;
    book.row("GET", "/v1/sessions", "", 200, get("/v1/sessions")).await;
}

/// An account whose month lies in four shards of a dozen models, and a day in 16 partitions.
async fn hot_account(world: &World, book: &mut Book<'_>) {
    let hot = world.client("hot").await;
    let spread = SpreadPlan::default().widened("2026-11-18".parse().unwrap()).unwrap();
    let key = account_key(Tenant::of_record(hot.account.parse().unwrap()));
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
    let dashboard = Budget { in_sequence: 2, half_read_units: 8 };
    let path = "/v1/dashboard";
    book.within(dashboard).row("GET", path, "hot account", 200, get(path)).await;
    let path = "/v1/usage/events";
    book.row("GET", path, "hot account, 25 events", 200, get(path)).await;
}

async fn profile(acme: &Client<'_>, book: &mut Book<'_>) {
    let read = Budget { in_sequence: 2, half_read_units: 8 };
    let path = "/v1/profile";
    book.within(read).row("GET", path, "", 200, acme.request(Method::GET, path)).await;
    let change = acme.request(Method::PATCH, path).json(&json!({"name": "Ada"}));
    book.row("PATCH", path, "", 200, change).await;
    book.within(read).row("GET", "/profile", "", 200, acme.request(Method::GET, "/profile")).await;
    let fields = [
        ("name", "Ada"),
        ("company", "Acme"),
        ("locale", "en"),
        ("time_zone", "UTC"),
        ("digits", "latin"),
        ("theme", "system"),
        ("billing_address", ""),
        ("tax_id", ""),
    ];
    let request = acme.request(Method::POST, "/profile").form(&fields);
    book.row("POST", "/profile", "", 303, request).await;
    let request = acme.request(Method::POST, "/profile/language").form(&[("locale", "ar")]);
    book.row("POST", "/profile/language", "", 303, request).await;
    let request = acme.request(Method::POST, "/profile/theme").form(&[("theme", "dark")]);
    book.row("POST", "/profile/theme", "", 303, request).await;
}

async fn ingest(world: &World, acme: &Client<'_>, book: &mut Book<'_>) {
    let path = "/v1/usage/events";
    let send = |count: usize| {
        let events: Vec<_> = (0..count).map(|place| acme.event(&format!("x{place}"))).collect();
        let request = world.request(Method::POST, path);
        request.bearer_auth(&world.panel.people.service_key).json(&events)
    };
    book.row("POST", path, "1 event", 202, send(1)).await;
    book.row("POST", path, "960 events", 202, send(960)).await;
    assert_eq!(book.last().count("SendMessageBatch"), 1, "ten full messages are one call");
    book.row("POST", path, "1,000 events", 202, send(1000)).await;
}

async fn public(world: &World, book: &mut Book<'_>) {
    let get = |path: &str| world.request(Method::GET, path);
    for (route, path) in [
        ("/problems/{code}", "/problems/not_found"),
        ("/v1/openapi.json", "/v1/openapi.json"),
        ("/docs", "/docs"),
        ("/assets/icon.svg", "/assets/icon.svg"),
        ("/assets/{file}", "/assets/style.css"),
        ("/health", "/health"),
    ] {
        book.row("GET", route, "", 200, get(path)).await;
        assert!(book.last().charges.is_empty(), "{path} is public and calls nothing");
    }
}

async fn refused(world: &World, acme: &Client<'_>, book: &mut Book<'_>) {
    let path = "/v1/dashboard";
    book.row("GET", path, "signed out", 401, world.request(Method::GET, path)).await;
    assert!(book.last().charges.is_empty());
    let mistyped = world.request(Method::GET, path).bearer_auth(acme.mistyped_token());
    book.row("GET", path, "mistyped token", 401, mistyped).await;
    assert!(book.last().charges.is_empty(), "a malformed token is refused without a read");
}

async fn leaving(world: &World, acme: &Client<'_>, book: &mut Book<'_>) {
    let path = "/v1/auth/logout";
    book.row("POST", path, "", 204, acme.request(Method::POST, path).json(&json!({}))).await;
    let again = world.sign_in(&acme.email, PASSWORD).await;
    let request = again.request(Method::POST, "/logout").form(&[("next", "/")]);
    book.row("POST", "/logout", "", 303, request).await;
}
