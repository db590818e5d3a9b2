//! Every route × every role × another tenant, from the routers' own tables.

mod another;
mod principals;
mod table;

use principals::{People, Role, api_key, everybody};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use shared::{
    account::Founded,
    auth::{Access, Scope},
    id::UserId,
    testing::billed,
};
use tests::{Client, Reply, World, read};

/// What stands for a path's parameter. An id is one that never was; whose objects are whose is tested
/// with objects of each client, below.
const PARAMETERS: [(&str, &str); 5] = [
    ("{code}", "not_found"),
    ("{file}", "x.css"),
    ("{id}", "key_01kapx0000000000000000000a"),
    ("{attachment}", "att_01kapx0000000000000000000a"),
    ("{line}", "line_01kapx0000000000000000000a"),
];

fn filled(path: &str) -> String {
    let filled =
        PARAMETERS.iter().fold(path.to_owned(), |path, (name, value)| path.replace(name, value));
    assert!(!filled.contains('{'), "{path} has a parameter that the matrix does not know");
    filled
}

async fn carry(
    world: &World,
    method: &str,
    path: &str,
    credential: impl Fn(RequestBuilder) -> RequestBuilder,
) -> Reply {
    let method: Method = method.parse().unwrap();
    let mut request = credential(world.request(method.clone(), &filled(path)));
    if method != Method::GET {
        request = if path.starts_with("/v1/") {
            request.json(&json!({}))
        } else {
            // A form that is as its page has it where that decides who may send it.
            let field = if path == "/login/verify" { ("code", "000000") } else { ("a", "b") };
            request.form(&[field])
        };
    }
    read(request).await
}

fn refused(reply: &Reply) -> Option<&'static str> {
    match reply.status {
        StatusCode::UNAUTHORIZED => Some("unauthenticated"),
        StatusCode::SEE_OTHER if reply.header("location").starts_with("/login") => {
            // Signing out leads there as well, for everybody, and takes the cookie back.
            reply.header("set-cookie").is_empty().then_some("unauthenticated")
        }
        StatusCode::SEE_OTHER if reply.header("location").starts_with("/sudo") => {
            Some("sudo_required")
        }
        StatusCode::FORBIDDEN if reply.json()["code"] == "sudo_required" => Some("sudo_required"),
        StatusCode::FORBIDDEN => Some("forbidden"),
        _ => None,
    }
}

fn expected(access: Access, role: Role) -> Option<&'static str> {
    use Role::{Client, ClientSudo, Key, Nobody, Reader, Service, Staff, StaffSudo};
    match (access, role) {
        (Access::Public, _)
        | (Access::SignedIn | Access::SignedInOr(_), Client | ClientSudo | Staff | StaffSudo)
        | (Access::Client | Access::ClientOr(_), Client | ClientSudo)
        | (Access::ClientOr(Scope::Read) | Access::SignedInOr(Scope::Read), Reader)
        | (Access::Staff, StaffSudo)
        | (Access::Sudo, ClientSudo | StaffSudo)
        | (Access::ClientSudo, ClientSudo)
        | (Access::Service, Service) => None,
        (Access::ClientOr(scope) | Access::SignedInOr(scope), Key) if scope != Scope::Read => None,
        (_, Nobody) => Some("unauthenticated"),
        (Access::Sudo, Client | Staff) | (Access::ClientSudo, Client) => Some("sudo_required"),
        _ => Some("forbidden"),
    }
}

#[tokio::test]
async fn every_route_opens_to_whom_it_is_for_and_to_nobody_else() {
    let world = World::start().await;
    let routes = local::all_routes();
    // A name that no page and no example says.
    let mut acme = with_many_sessions_and_events(&world, "quokka").await;
    let people = People::new(&world, &mut acme).await;
    let mut cells = 0;
    for route in routes.table() {
        for principal in everybody(&world, &people).await {
            let who = principal.name;
            let reply = carry(&world, &route.method, route.path, |request| {
                match (&principal.token, principal.by_cookie) {
                    (None, _) => request,
                    (Some(token), false) => request.bearer_auth(token),
                    (Some(token), true) => request
                        .header("cookie", format!("{}={token}", shared::auth::SESSION_COOKIE))
                        .header("sec-fetch-site", "same-origin"),
                }
            })
            .await;
            let expected = match expected(route.access, principal.role) {
                // Who is signed out already has what was wanted.
                Some("unauthenticated") if route.path == "/logout" => None,
                // The page for a code wants the cookie of a challenge, and else begins anew.
                None if route.path == "/login/verify" => Some("unauthenticated"),
                expected => expected,
            };
            let place = format!("{who} {} {}: {}", route.method, route.path, reply.status);
            assert_eq!(refused(&reply), expected, "{place}");
            assert!(!reply.status.is_server_error(), "{place}");
            assert!(!reply.header("x-request-id").is_empty(), "{place}");
            // Staff see whose tickets there are.
            let is_support = route.path.contains("/admin/tickets") && who.starts_with("staff");
            if !who.starts_with("the client") && !who.starts_with("a sign-in") && !is_support {
                let seen = reply.text.contains(&acme.account) || reply.text.contains("quokka");
                assert!(!seen, "{place} shows another's data");
            }
            cells += 1;
        }
    }
    assert_eq!(cells, routes.table().len() * 22);
}

#[tokio::test]
async fn another_method_is_405_with_allow_and_an_unknown_path_404() {
    let world = World::start().await;
    let wrong = read(world.request(Method::DELETE, "/v1/profile")).await;
    assert_eq!(wrong.status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(wrong.header("allow").contains("PATCH"));
    assert_eq!(wrong.json()["code"], "method_not_allowed");
    let unknown = world.get("/v1/nothing").await;
    assert_eq!(
        (unknown.status, &unknown.json()["code"]),
        (StatusCode::NOT_FOUND, &json!("not_found"))
    );
    assert!(world.get("/nothing").await.header("content-type").starts_with("text/html"));
}

/// More than one of everything that is listed.
async fn with_many_sessions_and_events(world: &World, name: &str) -> Client {
    let mut client = world.client(name).await;
    world.sign_in(&client.email, tests::PASSWORD).await;
    client.elevate().await;
    for _key in 0..2 {
        api_key(&client, &["read"]).await;
        client.open_ticket(name).await;
    }
    let events: Vec<Value> =
        (0..5).map(|number| client.event(&format!("{name}-{number}"))).collect();
    world.report(&events).await;
    world.drain().await;
    client
}

/// The lists that page by cursor, from the API's description: a new one is tested unasked.
fn lists() -> Vec<String> {
    let document = tests::description::merged();
    let paths = document["paths"].as_object().unwrap().clone();
    let lists = paths.into_iter().filter(|(_, path)| {
        let parameters = path["get"]["parameters"].as_array().cloned().unwrap_or_default();
        parameters.iter().any(|parameter| parameter["name"] == "cursor")
    });
    lists.map(|(path, _)| path).collect()
}

#[tokio::test]
async fn anothers_cursor_is_refused_like_a_made_up_one() {
    let world = World::start().await;
    let acme = with_many_sessions_and_events(&world, "acme").await;
    let umbrella = with_many_sessions_and_events(&world, "umbrella").await;
    let staff = world.staff_with_factor().await;
    for _key in 0..2 {
        staff.post("/v1/admin/service-keys", &json!({"name": "another"})).await;
    }
    for client in [&acme, &umbrella] {
        let (account, user) = (client.account.parse().unwrap(), UserId::from_bytes([7; 16]));
        billed::history(&world.panel.app, Founded { account, user }).await;
    }
    let mut lists = lists();
    // A line's requests are a list within a day, with a test of their own.
    lists.retain(|path| !path.contains("{line}"));
    assert!(lists.len() >= 7);
    let ticket = acme.open_ticket("With a conversation").await;
    acme.post(&format!("/v1/tickets/{ticket}/messages"), &json!({"body": "More."})).await;
    for path in lists {
        // The staff are one account, and of another's ticket there is no list: these cursors are tried altered
        // alone.
        let (own, other) = match &path {
            path if path.contains("/admin/") => (&staff, &staff),
            path if path.contains("{id}") => (&acme, &acme),
            _ => (&acme, &umbrella),
        };
        let path = path.replace("{id}", &ticket);
        let first = own.get(&format!("{path}?limit=1")).await.json();
        let cursor =
            first["next_cursor"].as_str().unwrap_or_else(|| panic!("{path} pages")).to_owned();
        let page = |cursor: &str| format!("{path}?limit=1&cursor={cursor}");
        assert_eq!(own.get(&page(&cursor)).await.status, StatusCode::OK);

        let mut tampered = cursor.clone();
        let last = if tampered.pop() == Some('A') { 'B' } else { 'A' };
        tampered.push(last);
        let foreign = if own.account == other.account { &tampered } else { &cursor };
        let foreign = other.get(&page(foreign)).await;
        assert_eq!(foreign.status, StatusCode::BAD_REQUEST, "{path}");
        for made_up in [tampered.as_str(), "AAAA", "", "%00", "no-cursor"] {
            let reply = other.get(&page(made_up)).await;
            assert_eq!(
                (reply.status, reply.stable()),
                (foreign.status, foreign.stable()),
                "{made_up}"
            );
        }
    }
}

#[tokio::test]
async fn one_client_never_sees_anothers_usage() {
    let world = World::start().await;
    let acme = with_many_sessions_and_events(&world, "acme").await;
    let umbrella = world.client("umbrella").await;
    for path in ["/v1/usage", "/v1/usage?group_by=model", "/v1/usage/events", "/v1/dashboard"] {
        let seen = umbrella.get(path).await.text;
        assert!(!seen.contains(&acme.account) && !seen.contains("acme-0"), "{path}");
    }
    assert_eq!(umbrella.get("/v1/usage").await.json()["totals"]["requests"], 0);
    assert_eq!(acme.get("/v1/usage").await.json()["totals"]["requests"], 5);
}
