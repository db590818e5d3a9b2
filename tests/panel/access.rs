//! Every route × every role × another tenant, from the routers' own tables.

use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use shared::{
    auth::{Secret, Token, TokenKind},
    random::Random,
};
use tests::{Client, Reply, World, read};

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Access {
    Public,
    SignedIn,
    Client,
    Service,
}

/// What each route is for. A route that is not here fails the test.
const ACCESS: &[(&str, &str, Access)] = &[
    ("POST", "/v1/auth/register", Access::Public),
    ("GET", "/register", Access::Public),
    ("POST", "/register", Access::Public),
    ("POST", "/v1/auth/verify-email", Access::Public),
    ("GET", "/verify", Access::Public),
    ("POST", "/verify", Access::Public),
    ("POST", "/v1/auth/login", Access::Public),
    ("GET", "/login", Access::Public),
    ("POST", "/login", Access::Public),
    ("POST", "/v1/auth/logout", Access::SignedIn),
    ("POST", "/logout", Access::SignedIn),
    ("GET", "/v1/sessions", Access::SignedIn),
    ("GET", "/", Access::Client),
    ("GET", "/v1/dashboard", Access::Client),
    ("GET", "/usage", Access::Client),
    ("GET", "/usage/requests", Access::Client),
    ("GET", "/v1/usage", Access::Client),
    ("GET", "/v1/usage/events", Access::Client),
    ("POST", "/v1/usage/events", Access::Service),
    ("GET", "/profile", Access::SignedIn),
    ("POST", "/profile", Access::SignedIn),
    ("POST", "/profile/language", Access::SignedIn),
    ("POST", "/profile/theme", Access::SignedIn),
    ("GET", "/v1/profile", Access::SignedIn),
    ("PATCH", "/v1/profile", Access::SignedIn),
    ("GET", "/problems/{code}", Access::Public),
    ("GET", "/v1/openapi.json", Access::Public),
    ("GET", "/docs", Access::Public),
    ("GET", "/assets/icon.svg", Access::Public),
    ("GET", "/assets/{file}", Access::Public),
    ("GET", "/health", Access::Public),
];

fn access(method: &str, path: &str) -> Access {
    let known = ACCESS.iter().find(|(m, p, _)| *m == method && *p == path);
    known.unwrap_or_else(|| panic!("{method} {path} is not in the access table")).2
}

/// What stands for a path's parameter. None of these belongs to a tenant; one that does needs an
/// object of each client here, and the other's must be a 404 like one that never was.
const PARAMETERS: [(&str, &str); 2] = [("{code}", "not_found"), ("{file}", "x.css")];

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
            request.form(&[("a", "b")])
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
        StatusCode::FORBIDDEN => Some("forbidden"),
        _ => None,
    }
}

/// Somebody who asks: with which token, carried how, and what the route's access makes of it.
struct Principal {
    name: &'static str,
    token: Option<String>,
    by_cookie: bool,
    role: Role,
}

#[derive(Clone, Copy, PartialEq)]
enum Role {
    Nobody,
    Client,
    Staff,
    Service,
}

/// Everybody, with fresh sessions: one of the routes ends them.
async fn everybody(world: &World, acme: &str, umbrella: &str) -> Vec<Principal> {
    let client = world.sign_in(acme, tests::PASSWORD).await;
    let browser = world.sign_in(acme, tests::PASSWORD).await;
    let ended = world.sign_in(acme, tests::PASSWORD).await;
    ended.post("/v1/auth/logout", &json!({})).await;
    let other = world.sign_in(umbrella, tests::PASSWORD).await;
    let staff = world.staff().await;
    let service = world.panel.people.service_key.clone();
    let forged = |token: &str| {
        let mut token: Token = token.parse().unwrap();
        token.secret = Secret::new(&Random::seeded(1));
        token.to_string()
    };
    let made_up = |kind| Token {
        kind,
        account: client.account.parse().unwrap(),
        id: [7; 16],
        secret: Secret::new(&Random::seeded(2)),
    };
    let nobody = |name, token| Principal { name, token, by_cookie: false, role: Role::Nobody };
    let known = |name, token: &str, role| Principal {
        name,
        token: Some(token.to_owned()),
        by_cookie: false,
        role,
    };
    vec![
        nobody("nobody", None),
        nobody("a mistyped session", Some(client.mistyped_token())),
        nobody("an ended session", Some(ended.token.clone())),
        nobody("a session with another secret", Some(forged(&client.token))),
        nobody("a service key with another secret", Some(forged(&service))),
        nobody("a made-up session", Some(made_up(TokenKind::Session).to_string())),
        nobody("a made-up service key", Some(made_up(TokenKind::Service).to_string())),
        known("the client", &client.token, Role::Client),
        Principal {
            by_cookie: true,
            ..known("the client's browser", &browser.token, Role::Client)
        },
        known("another client", &other.token, Role::Client),
        known("staff", &staff.token, Role::Staff),
        known("the gateway", &service, Role::Service),
    ]
}

fn expected(access: Access, role: Role) -> Option<&'static str> {
    match (access, role) {
        (Access::Public, _)
        | (Access::SignedIn, Role::Client | Role::Staff)
        | (Access::Client, Role::Client)
        | (Access::Service, Role::Service) => None,
        (_, Role::Nobody) => Some("unauthenticated"),
        _ => Some("forbidden"),
    }
}

#[tokio::test]
async fn every_route_opens_to_whom_it_is_for_and_to_nobody_else() {
    let world = World::start().await;
    let routes = local::all_routes();
    assert_eq!(routes.table().len(), ACCESS.len(), "a route of the table is gone");
    // A name that no page and no example says.
    let acme = with_many_sessions_and_events(&world, "quokka").await;
    let umbrella = world.register("umbrella").await;
    let mut cells = 0;
    for route in routes.table() {
        let access = access(&route.method, route.path);
        for principal in everybody(&world, &acme.email, &umbrella).await {
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
            let expected = match expected(access, principal.role) {
                // Who is signed out already has what was wanted.
                Some("unauthenticated") if route.path == "/logout" => None,
                expected => expected,
            };
            let place = format!("{who} {} {}: {}", route.method, route.path, reply.status);
            assert_eq!(refused(&reply), expected, "{place}");
            assert!(!reply.status.is_server_error(), "{place}");
            assert!(!reply.header("x-request-id").is_empty(), "{place}");
            if !who.starts_with("the client") {
                let seen = reply.text.contains(&acme.account) || reply.text.contains("quokka");
                assert!(!seen, "{place} shows another's data");
            }
            cells += 1;
        }
    }
    assert_eq!(cells, ACCESS.len() * 12);
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

async fn with_many_sessions_and_events<'a>(world: &'a World, name: &str) -> Client<'a> {
    let client = world.client(name).await;
    world.sign_in(&client.email, tests::PASSWORD).await;
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
    let lists = lists();
    assert!(lists.len() >= 2);
    for path in lists {
        let first = acme.get(&format!("{path}?limit=1")).await.json();
        let cursor =
            first["next_cursor"].as_str().unwrap_or_else(|| panic!("{path} pages")).to_owned();
        let page = |cursor: &str| format!("{path}?limit=1&cursor={cursor}");
        assert_eq!(acme.get(&page(&cursor)).await.status, StatusCode::OK);

        let mut tampered = cursor.clone();
        let last = if tampered.pop() == Some('A') { 'B' } else { 'A' };
        tampered.push(last);
        let foreign = umbrella.get(&page(&cursor)).await;
        assert_eq!(foreign.status, StatusCode::BAD_REQUEST, "{path}");
        for made_up in [tampered.as_str(), "AAAA", "", "%00", "no-cursor"] {
            let reply = umbrella.get(&page(made_up)).await;
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
