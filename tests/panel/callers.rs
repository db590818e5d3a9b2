//! One operation, called by a session, a program, one of the staff and a schedule: each is written down as
//! who it is, and nobody whose access ended goes on.

use axum::{extract::State, http::StatusCode, response::Response};
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use shared::{
    account::{Account, account_key},
    app::App,
    audit::{Event, EventKind, record},
    auth::{Access, Allowed, Caller, Scope, Scoped, Staff, if_still_signed_in},
    error::{Code, Error},
    http::{Json, Once, Repeatable, Routes, json_reply},
    table::{Condition, Read, Tenant, Update},
};
use tests::{Client, Given, Reply, World, read};
use tokio::net::TcpListener;

/// What a program needs to rename.
struct TicketsWrite;

impl Scoped for TicketsWrite {
    const SCOPE: Scope = Scope::TicketsWrite;
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Name {
    name: String,
}

/// The operation: it knows nothing of who may call it.
async fn rename(caller: &Caller, name: &str, once: Option<&Once>) -> Result<String, Error> {
    let app = &caller.app;
    let body = json!({"name": name}).to_string();
    let mut transaction = app.table.transaction::<Code>();
    if_still_signed_in(caller, &mut transaction, Code::Unauthenticated);
    if let Some(once) = once {
        once.keep(app, StatusCode::OK, &body, &mut transaction, Code::Conflict)?;
    }
    let update = Update::new().set("company", name).when(Condition::Exists);
    transaction.update(&account_key(caller.tenant), update, Some(Code::NotFound));
    let renamed = Event::by(caller, EventKind::ApiKeyChanged, Some(name.to_owned()));
    record(app, caller.tenant, renamed, &mut transaction);
    transaction.commit().await?;
    Ok(body)
}

async fn by_client(
    caller: Allowed<TicketsWrite>,
    repeatable: Repeatable<Name>,
) -> Result<Response, Error> {
    let (input, once) = repeatable.once(&caller, "POST /v1/name")?;
    if let Some((status, body)) = once.earlier(&caller.app).await? {
        return Ok(json_reply(status, body));
    }
    Ok(json_reply(StatusCode::OK, rename(&caller, &input.name, Some(&once)).await?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ByStaff {
    account: String,
    reason: String,
    name: String,
}

async fn by_staff(staff: Staff, Json(input): Json<ByStaff>) -> Result<Response, Error> {
    let client = staff.client(&input.account).await?;
    let caller = staff.acting(client, &input.reason)?;
    Ok(json_reply(StatusCode::OK, rename(&caller, &input.name, None).await?))
}

async fn by_schedule(
    State(app): State<App>,
    Json(input): Json<ByStaff>,
) -> Result<Response, Error> {
    let key = account_key(Tenant::at_desk(input.account.parse().map_err(|_| Code::NotFound)?));
    let account: Option<Account> = app.table.get(&key, Read::Strong).await?;
    let caller = Caller::schedule(&app, account.ok_or(Code::NotFound)?, "nightly");
    Ok(json_reply(StatusCode::OK, rename(&caller, &input.name, None).await?))
}

/// The routes of the operation beside a panel, on its table and clock.
async fn beside(world: &World) -> String {
    let routes = Routes::new()
        .post("/v1/name", Access::ClientOr(Scope::TicketsWrite), by_client)
        .post("/v1/staff/name", Access::Staff, by_staff)
        .post("/v1/schedule/name", Access::Public, by_schedule);
    let router = routes.into_router(world.panel.app.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

async fn send(world: &World, url: &str, token: &str, key: Option<&str>, body: &Value) -> Reply {
    let request = world.http.request(Method::POST, url).bearer_auth(token).json(body);
    let request = match key {
        Some(key) => request.header("idempotency-key", key),
        None => request,
    };
    read(request).await
}

/// Who renamed the account, and why, the latest first.
async fn actors(world: &World, acme: &Client) -> Vec<(Value, Value)> {
    // What comes next is later than what is there.
    world.advance(1).await;
    let log = acme.get("/v1/security/events").await.json();
    let entries = log["items"].as_array().unwrap().iter();
    let renamed = entries.filter(|it| it["kind"] == "api_key_changed");
    renamed.map(|it| (it["actor"].clone(), it["reason"].clone())).collect()
}

#[tokio::test]
async fn an_operation_is_written_down_as_of_who_called_it() {
    let world = World::start().await;
    let url = beside(&world).await;
    let mut acme = world.client("acme").await;
    acme.elevate().await;
    let key = json!({"name": "helpdesk", "scopes": ["read", "tickets:write"]});
    let key = acme.post("/v1/api-keys", &key).await.json();
    let program = key["secret"].as_str().unwrap();
    let (name, staff_name) = (format!("{url}/v1/name"), format!("{url}/v1/staff/name"));

    let by_session = send(&world, &name, &acme.token, None, &json!({"name": "one"})).await;
    assert_eq!(by_session.status, StatusCode::OK, "{}", by_session.text);
    assert_eq!(actors(&world, &acme).await[0].0["type"], "user");

    // A program's key is its own: the same word of the session's is another request.
    for who in [program, program, acme.token.as_str()] {
        world.advance(1).await;
        let reply = send(&world, &name, who, Some("once"), &json!({"name": "two"})).await;
        assert_eq!(reply.json(), json!({"name": "two"}));
    }
    let told = actors(&world, &acme).await;
    assert_eq!(told.len(), 3, "sent twice by the program, done once");
    assert_eq!(told[0].0["type"], "user");
    let (by_program, _) = &told[1];
    let expected = ("api_key", "helpdesk", &key["id"]);
    let seen = (by_program["type"].as_str().unwrap(), by_program["name"].as_str().unwrap());
    assert_eq!((seen.0, seen.1, &by_program["id"]), expected);
    let other = send(&world, &name, program, Some("once"), &json!({"name": "three"})).await;
    assert_eq!(other.json()["code"], "idempotency_key_reused");

    let staff = world.staff().await;
    let staff = world.session_with(&staff.account, Given::Factor).await;
    let body = json!({"account": acme.account, "reason": "ticket 7", "name": "four"});
    assert_eq!(send(&world, &staff_name, &staff, None, &body).await.status, StatusCode::OK);
    let (by_staff, why) = actors(&world, &acme).await[0].clone();
    assert_eq!(
        (by_staff, why),
        (json!({"type": "staff"}), json!("ticket 7")),
        "a client sees no name"
    );
    let log = acme.get("/v1/security/events").await.json();
    let seen = (&log["items"][0]["ip"], &log["items"][0]["device"]);
    assert_eq!(seen, (&json!(""), &json!("")), "nor from where");
    let unsaid = json!({"account": acme.account, "reason": " ", "name": "x"});
    let unsaid = send(&world, &staff_name, &staff, None, &unsaid).await;
    assert_eq!(unsaid.json()["errors"][0]["pointer"], "/reason");

    let schedule = format!("{url}/v1/schedule/name");
    assert_eq!(send(&world, &schedule, "", None, &body).await.status, StatusCode::OK);
    let (by_schedule, _) = actors(&world, &acme).await[0].clone();
    assert_eq!(by_schedule, json!({"type": "schedule", "name": "nightly"}));
}

#[tokio::test]
async fn staff_act_in_accounts_of_clients_that_there_are_and_in_no_other() {
    let world = World::start().await;
    let url = format!("{}/v1/staff/name", beside(&world).await);
    let staff = world.staff().await;
    let token = world.session_with(&staff.account, Given::Factor).await;
    for account in ["acc_01kapx0000000000000000000a", "acc_x", "", &staff.account] {
        let body = json!({"account": account, "reason": "none", "name": "x"});
        let reply = send(&world, &url, &token, None, &body).await;
        assert_eq!(reply.status, StatusCode::NOT_FOUND, "{account}");
    }
}

/// Whoever's access ended between the check and the write does nothing.
#[tokio::test]
async fn a_caller_whose_access_ended_meanwhile_writes_nothing() {
    let world = World::start().await;
    let app = &world.panel.app;
    let mut acme = world.client("acme").await;
    acme.elevate().await;
    let key = json!({"name": "helpdesk", "scopes": ["tickets:write"]});
    let key = acme.post("/v1/api-keys", &key).await.json();
    let by_key = caller(app, key["secret"].as_str().unwrap()).await;
    let by_session = caller(app, &acme.token).await;
    let path = format!("/v1/api-keys/{}", key["id"].as_str().unwrap());
    read(acme.request(Method::DELETE, &path)).await;
    let refused = rename(&by_key, "late", None).await.unwrap_err();
    assert_eq!(refused.code, Code::Unauthenticated);
    rename(&by_session, "in time", None).await.unwrap();
    acme.post(
        "/v1/security/password",
        &json!({"current_password": tests::PASSWORD, "new_password": "otter-glass-runs-south"}),
    )
    .await;
    let refused = rename(&by_session, "late", None).await.unwrap_err();
    assert_eq!(refused.code, Code::Unauthenticated);
}

/// The caller that a token makes.
async fn caller(app: &App, token: &str) -> Allowed<TicketsWrite> {
    use axum::extract::FromRequestParts as _;
    let request =
        http::Request::post("/v1/name").header("authorization", format!("Bearer {token}"));
    let (mut parts, ()) = request.body(()).unwrap().into_parts();
    let Ok(caller) = Allowed::from_request_parts(&mut parts, app).await else {
        panic!("the token is good")
    };
    caller
}
