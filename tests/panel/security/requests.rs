//! Rules that hold for every request that changes something, from the route table and the API's
//! description: a new route is tested unasked.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use shared::auth::SESSION_COOKIE;
use tests::{World, read};

use super::{held::Held, post};

/// An elevated session of a client, of the staff, and the gateway's key: one of them may.
async fn credentials(world: &World) -> [String; 3] {
    let acme = world.client("acme").await;
    world.give(&acme.token, true).await;
    let staff = world.session(&world.staff().await.account).await;
    world.give(&staff, true).await;
    [acme.token, staff, world.service_key.clone()]
}

fn filled(path: &str) -> String {
    path.replace("{id}", "key_01kapx0000000000000000000a")
}

#[tokio::test]
async fn a_field_that_is_not_known_is_400_wherever_a_body_is_read() {
    let world = World::start().await;
    let credentials = credentials(&world).await;
    let document = tests::description::merged();
    let mut tried = 0;
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let takes_json = !operation["requestBody"]["content"]["application/json"].is_null();
            // A batch of events is judged event by event.
            if !takes_json || path == "/v1/usage/events" {
                continue;
            }
            for field in ["role", "account", "verified", "price"] {
                let method: Method = method.to_uppercase().parse().unwrap();
                let mut seen = Vec::new();
                for token in &credentials {
                    let request = world.request(method.clone(), &filled(path));
                    let request = request.bearer_auth(token).json(&json!({field: "owner"}));
                    seen.push(read(request).await.status.as_u16());
                }
                let known = seen.contains(&400);
                assert!(known, "{method} {path} takes {field}: {seen:?}");
                tried += 1;
            }
        }
    }
    assert!(tried >= 60, "{tried}");
}

#[tokio::test]
async fn no_other_site_does_anything_with_our_cookie() {
    let world = World::start().await;
    let [client, ..] = credentials(&world).await;
    let before = stored(&world, &client).await;
    let routes = local::all_routes();
    let changing = routes.table().iter().filter(|route| route.method != "GET");
    for route in changing {
        let method: Method = route.method.parse().unwrap();
        let ask = || {
            let request = world.request(method.clone(), &filled(route.path));
            request.header("cookie", format!("{SESSION_COOKIE}={client}"))
        };
        let from_elsewhere: [RequestBuilder; 4] = [
            ask().header("sec-fetch-site", "cross-site").json(&json!({})),
            ask().header("origin", "https://evil.test").form(&[("a", "b")]),
            ask().json(&json!({})),
            ask().header("content-type", "text/plain").body("{}"),
        ];
        for request in from_elsewhere {
            let reply = read(request).await;
            assert_eq!(reply.status.as_u16(), 403, "{} {}", route.method, route.path);
            let refused = reply.json()["code"] == "cross_site"
                || reply.header("content-type").starts_with("text/html");
            assert!(refused, "{} {}", route.method, route.path);
        }
    }
    assert_eq!(stored(&world, &client).await, before, "nothing was written");
}

/// What a client has.
async fn stored(world: &World, token: &str) -> Vec<Value> {
    let mut seen = Vec::new();
    for path in ["/v1/profile", "/v1/sessions", "/v1/api-keys", "/v1/security/events"] {
        let request = world.request(Method::GET, path).bearer_auth(token);
        seen.push(read(request).await.json());
    }
    seen
}

#[tokio::test]
async fn where_a_form_goes_on_is_a_page_of_ours_whatever_it_says() {
    let world = World::start().await;
    let acme = world.client("acme").await;
    for next in ["//evil.test", "https://evil.test", "/\\evil.test", "javascript:alert(1)", ""] {
        let form = [("password", tests::PASSWORD), ("next", next)];
        let session = world.session(&acme.account).await;
        let request = world.request(Method::POST, "/sudo").bearer_auth(&session);
        let reply = read(request.form(&form)).await;
        let goes_to = reply.header("location");
        assert!(goes_to == "/" || goes_to == "/security", "{next}: {goes_to}");
        // The page whose form it was is named by the browser, and followed on this host alone.
        let session = world.session(&acme.account).await;
        let request = world.request(Method::POST, "/security/sessions/end-others");
        let request = request.bearer_auth(&session).header("referer", next);
        let reply = read(request.form(&[("a", "b")])).await;
        let goes_to = reply.header("location");
        assert!(goes_to.starts_with("/sudo") && !goes_to.contains("evil"), "{next}: {goes_to}");
    }
}

#[tokio::test]
async fn a_body_is_json_whatever_the_case_of_its_type() {
    let world = World::start().await;
    let [client, ..] = credentials(&world).await;
    for kind in ["Application/Json", "application/JSON; charset=utf-8"] {
        let request = world.request(Method::PATCH, "/v1/profile").bearer_auth(&client);
        let request = request.header("content-type", kind).body("{\"name\": \"Ada\"}");
        assert_eq!(read(request).await.status, 200, "{kind}");
    }
}

#[tokio::test]
async fn a_body_that_is_no_json_further_on_is_400_whatever_is_wrong_before() {
    let world = World::start().await;
    for body in ["{\"email\": \"a@b.example\"} trailing", "{\"email\": 5} {", "{\"email\": 5"] {
        let request = world.request(Method::POST, "/v1/auth/login");
        let request = request.header("content-type", "application/json").body(body);
        assert_eq!(read(request).await.status, 400, "{body}");
    }
}

#[tokio::test]
async fn an_id_that_is_no_text_is_as_absent_as_any_other() {
    let world = World::start().await;
    let credentials = credentials(&world).await;
    let routes = local::all_routes();
    let with_parameter = routes.table().iter().filter(|route| route.path.contains('{'));
    for route in with_parameter {
        let method: Method = route.method.parse().unwrap();
        let (before, rest) = route.path.split_once('{').unwrap();
        let path = format!("{before}%FF{}", rest.split_once('}').unwrap().1);
        let mut seen = Vec::new();
        for token in &credentials {
            let body = json!({"name": "x"});
            let request = world.request(method.clone(), &path).bearer_auth(token).json(&body);
            let reply = read(request).await;
            assert_ne!(reply.header("content-type"), "text/plain; charset=utf-8", "{path}");
            seen.push(reply.status.as_u16());
        }
        let absent = seen.iter().any(|status| [404, 415].contains(status));
        assert!(absent, "{method} {path}: {seen:?}");
    }
}

#[tokio::test]
async fn a_page_of_a_list_has_one_to_a_hundred_items() {
    let world = World::start().await;
    let [client, ..] = credentials(&world).await;
    for limit in ["-1", "0", "101", "ten", "99999999999999999999"] {
        for list in ["/v1/sessions", "/v1/usage/events"] {
            let path = format!("{list}?limit={limit}");
            let reply = read(world.request(Method::GET, &path).bearer_auth(&client)).await;
            assert_eq!(reply.json()["errors"][0]["code"], "limit_invalid", "{path}");
        }
    }
}

#[tokio::test]
async fn a_change_that_names_no_version_is_begun_with_anew_where_another_comes_between() {
    let world = World::start().await;
    let acme = world.client("acme").await;
    let change = |name: &str, version: Option<&str>| {
        let mut request =
            post("/v1/profile", Some(&acme.token), &json!({"name": name, "company": name}));
        *request.method_mut() = Method::PATCH;
        if let Some(version) = version {
            request.headers_mut().insert("if-match", version.parse().unwrap());
        }
        request
    };
    for (names_it, status) in [(false, 200), (true, 412)] {
        let version = acme.get("/v1/profile").await.header("etag").to_owned();
        let version = names_it.then_some(version.as_str());
        let held =
            Held::before_it_commits(&world, change(&format!("Name {status}"), version)).await;
        let theme = if names_it { "dark" } else { "light" };
        acme.patch("/v1/profile", &json!({"theme": theme, "tax_id": theme})).await;
        assert_eq!(held.goes_on().await, status);
    }
    let stored = acme.get("/v1/profile").await.json();
    assert_eq!((&stored["name"], &stored["theme"]), (&json!("Name 200"), &json!("dark")));
}

#[tokio::test]
async fn a_form_has_the_fields_that_its_page_has_in_utf_8() {
    let world = World::start().await;
    let mut acme = world.client("acme").await;
    acme.elevate().await;
    let before = acme.get("/v1/profile").await.json();
    for (path, body) in [
        ("/login", "email=a%40b.example&password=x&role=owner"),
        ("/login/verify", "code=123456&role=owner"),
        ("/sudo", "password=x&role=owner"),
        ("/not-me", "token=mxt_x&role=owner"),
        ("/security/keys/new", "id=x&name=y&role=owner"),
        ("/profile", "name=%ff%fe"),
        ("/profile/theme", "theme=dark&role=owner"),
        ("/profile/language", "locale=ar&role=owner"),
    ] {
        let request = world.request(Method::POST, path).bearer_auth(&acme.token);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        assert_eq!(read(request.body(body)).await.status, 400, "{path}");
    }
    assert_eq!(acme.get("/v1/profile").await.json(), before);
}

#[tokio::test]
async fn a_cookie_carries_a_session_and_no_key() {
    let world = World::start().await;
    let mut acme = world.client("acme").await;
    acme.elevate().await;
    let made = acme.post("/v1/api-keys", &json!({"name": "x", "scopes": ["read"]})).await.json();
    let key = made["secret"].as_str().unwrap();
    for (token, status) in [(key, 401), (acme.token.as_str(), 200)] {
        let request = world.request(Method::GET, "/v1/profile");
        let request = request.header("cookie", format!("{SESSION_COOKIE}={token}"));
        assert_eq!(read(request).await.status, status);
    }
}

#[tokio::test]
async fn what_a_parser_says_in_english_is_in_no_arabic_sentence() {
    let world = World::start().await;
    let acme = world.client("acme").await;
    for (language, is_in_detail) in [("ar", false), ("en", true)] {
        let request = acme.request(Method::GET, "/v1/usage?foo=bar");
        let problem = read(request.header("accept-language", language)).await.json();
        assert!(problem["note"].as_str().unwrap().contains("foo"));
        let detail = problem["detail"].as_str().unwrap();
        assert_eq!(detail.contains("foo"), is_in_detail, "{detail}");
    }
}
