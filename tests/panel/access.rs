//! Every route × every role × another tenant, from the routers' own tables.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
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
    ("GET", "/v1/usage", Access::Client),
    ("GET", "/v1/usage/events", Access::Client),
    ("POST", "/v1/usage/events", Access::Service),
    ("GET", "/profile", Access::SignedIn),
    ("POST", "/profile", Access::SignedIn),
    ("POST", "/profile/language", Access::SignedIn),
    ("GET", "/v1/profile", Access::SignedIn),
    ("PATCH", "/v1/profile", Access::SignedIn),
    ("GET", "/problems/{code}", Access::Public),
    ("GET", "/v1/openapi.json", Access::Public),
    ("GET", "/assets/icon.svg", Access::Public),
    ("GET", "/assets/{file}", Access::Public),
    ("GET", "/health", Access::Public),
];

fn access(method: &str, path: &str) -> Access {
    let known = ACCESS.iter().find(|(m, p, _)| *m == method && *p == path);
    known.unwrap_or_else(|| panic!("{method} {path} is not in the access table")).2
}

async fn call(world: &World, method: &str, path: &str, token: Option<&str>) -> Reply {
    let path = path.replace("{code}", "not_found").replace("{file}", "x.css");
    let method: Method = method.parse().unwrap();
    let mut request = world.request(method.clone(), &path);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
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

#[tokio::test]
async fn every_route_opens_to_whom_it_is_for_and_to_nobody_else() {
    let world = World::start().await;
    let routes = local::all_routes();
    assert_eq!(routes.table().len(), ACCESS.len(), "a route of the table is gone");
    let service = world.panel.people.service_key.clone();
    let email = world.register("acme").await;
    for route in routes.table() {
        let access = access(&route.method, route.path);
        // A fresh session each: one of the routes ends it.
        let client = world.sign_in(&email, tests::PASSWORD).await;
        let staff = world.staff().await;
        let mut typo = client.token.clone();
        typo.replace_range(40..41, if &typo[40..41] == "A" { "B" } else { "A" });
        let principals: [(&str, Option<&str>); 5] = [
            ("nobody", None),
            ("typo", Some(&typo)),
            ("client", Some(&client.token)),
            ("staff", Some(&staff.token)),
            ("service", Some(&service)),
        ];
        for (who, token) in principals {
            let reply = call(&world, &route.method, route.path, token).await;
            let expected = match (access, who) {
                (Access::Public, _)
                | (Access::SignedIn, "client" | "staff")
                | (Access::Client, "client")
                | (Access::Service, "service") => None,
                // Who is signed out already has what was wanted.
                (_, "nobody" | "typo") if route.path == "/logout" => None,
                (_, "nobody" | "typo") => Some("unauthenticated"),
                _ => Some("forbidden"),
            };
            // A login with an empty form is refused for other reasons.
            let about_the_caller = refused(&reply);
            assert_eq!(
                about_the_caller, expected,
                "{who} {} {}: {}",
                route.method, route.path, reply.status
            );
            assert!(!reply.status.is_server_error());
            assert!(!reply.header("x-request-id").is_empty());
        }
    }
}

#[tokio::test]
async fn a_bad_credential_is_401_whatever_its_kind() {
    let world = World::start().await;
    let acme = world.client("acme").await;
    acme.post("/v1/auth/logout", &json!({})).await;
    let ended = acme.post("/v1/usage/events", &json!([])).await;
    assert_eq!(ended.status, StatusCode::UNAUTHORIZED, "an ended session on the service's route");
    let stranger = shared::auth::Token {
        kind: shared::auth::TokenKind::Service,
        account: acme.account.parse().unwrap(),
        id: [7; 16],
        secret: shared::auth::Secret::new(&shared::random::Random::seeded(1)),
    };
    // The right account and id with another secret: only the secret's owner holds the credential.
    let client = world.sign_in(&acme.email, tests::PASSWORD).await;
    let service = world.panel.people.service_key.clone();
    for (known, method, path) in
        [(client.token.clone(), "GET", "/v1/profile"), (service, "POST", "/v1/usage/events")]
    {
        let mut forged: shared::auth::Token = known.parse().unwrap();
        forged.secret = stranger.secret.clone();
        let reply = call(&world, method, path, Some(&forged.to_string())).await;
        assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "{path} with a forged secret");
    }
    let invented = call(&world, "GET", "/v1/dashboard", Some(&stranger.to_string())).await;
    assert_eq!(invented.status, StatusCode::UNAUTHORIZED, "an invented key on a client's route");
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
