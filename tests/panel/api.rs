//! The API's description and its errors.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use reqwest::{Method, StatusCode, header};
use scraper::{Html, Selector};
use serde_json::{Value, json};
use tests::{PASSWORD, World, description::merged, read};

/// `UPDATE=1 tests/run` (or this test alone) writes the file anew.
#[test]
#[expect(clippy::disallowed_methods, reason = "a developer's switch, not a setting")]
fn the_embedded_description_is_what_the_functions_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../functions/dashboard/openapi.json");
    let text = serde_json::to_string_pretty(&merged()).unwrap() + "\n";
    if std::env::var("UPDATE").is_ok() {
        std::fs::write(&path, &text).unwrap();
    }
    let stored = std::fs::read_to_string(path).unwrap();
    assert!(stored == text, "stale: UPDATE=1 cargo nextest run -p tests description");
}

#[test]
fn two_functions_never_call_two_schemas_by_one_name() {
    // Merging keeps the first of a name and says nothing.
    let mut known: BTreeMap<String, Value> = BTreeMap::new();
    for function in local::functions() {
        let document = serde_json::to_value(function.description).unwrap();
        for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
            let first = known.entry(name.clone()).or_insert_with(|| schema.clone());
            assert_eq!(first, schema, "{name}");
        }
    }
}

#[test]
fn the_description_and_the_route_tables_name_the_same_operations() {
    let document = merged();
    let mut described = BTreeSet::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for method in operations.as_object().unwrap().keys() {
            described.insert((method.to_uppercase(), path.clone()));
        }
    }
    let routes = local::all_routes();
    let api = routes.table().iter().filter(|route| route.path.starts_with("/v1/"));
    let served: BTreeSet<_> =
        api.map(|route| (route.method.clone(), route.path.to_owned())).collect();
    assert_eq!(described, served);
}

#[tokio::test]
async fn the_docs_show_every_operation_and_every_link_leads_somewhere() {
    let world = World::start().await;
    let page = world.get("/docs").await;
    assert_eq!(page.status, StatusCode::OK);
    let html = Html::parse_document(&page.text);
    let all = |selector: &str, attribute: &str| -> Vec<String> {
        let selector = Selector::parse(selector).unwrap();
        html.select(&selector).map(|it| it.attr(attribute).unwrap().to_owned()).collect()
    };
    let ids = all("[id]", "id");
    let unique: BTreeSet<&String> = ids.iter().collect();
    assert_eq!(unique.len(), ids.len(), "an id stands twice");
    for target in all("a[href^='#']", "href") {
        assert!(unique.contains(&target[1..].to_owned()), "{target} leads nowhere");
    }
    for (path, operations) in merged()["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap();
            assert!(ids.iter().any(|it| it == id), "{method} {path} is not shown");
            assert!(operation["summary"].is_string(), "{method} {path} says nothing of itself");
        }
    }
}

#[tokio::test]
async fn the_served_description_is_openapi_3_1() {
    let world = World::start().await;
    let document = world.get("/v1/openapi.json").await.json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
}

#[tokio::test]
async fn a_problem_says_what_is_wrong_in_the_callers_language() {
    let world = World::start().await;
    let body = json!({"email": "no address", "password": "short", "name": ""});
    let send = |language: &'static str| {
        let request = world.request(Method::POST, "/v1/auth/register");
        read(request.header(header::ACCEPT_LANGUAGE, language).json(&body))
    };
    let english = send("en").await;
    assert_eq!(english.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(english.header("content-type"), "application/problem+json");
    let problem = english.json();
    assert_eq!(problem["type"], "/problems/invalid_input");
    assert_eq!(problem["request_id"], english.header("x-request-id"));
    let pointers: Vec<_> =
        problem["errors"].as_array().unwrap().iter().map(|it| &it["pointer"]).collect();
    assert_eq!(pointers, ["/email", "/name", "/password"]);
    let arabic = send("ar-EG, en;q=0.5").await.json();
    assert_eq!(arabic["title"], "بعض الحقول غير صالحة");
    assert_eq!(arabic["errors"][0]["code"], problem["errors"][0]["code"]);
}

#[tokio::test]
async fn bad_json_is_a_clear_4xx_and_never_a_fault() {
    let world = World::start().await;
    let deep = "[".repeat(20_000);
    let huge = format!("{{\"email\":\"{}\"}}", "x".repeat(200_000));
    let cases: [(&str, &str, u16); 10] = [
        ("application/json", "[\"a@b.cd\",\"x\"]", 400),
        ("application/json", "", 400),
        ("application/json", "{", 400),
        ("application/json", "null", 400),
        ("application/json", "{\"email\":\"a@b.cd\",\"email\":\"a@b.cd\",\"password\":\"x\"}", 400),
        ("application/json", "{\"email\":\"a@b.cd\",\"password\":\"x\",\"role\":\"staff\"}", 400),
        ("application/json", "{\"email\":1,\"password\":\"x\"}", 422),
        ("application/json", &deep, 400),
        ("application/json", &huge, 413),
        ("text/plain", "{\"email\":\"a@b.cd\",\"password\":\"x\"}", 415),
    ];
    for (kind, body, status) in cases {
        let request = world.request(Method::POST, "/v1/auth/login");
        let reply = read(request.header(header::CONTENT_TYPE, kind).body(body.to_owned())).await;
        assert_eq!(reply.status.as_u16(), status, "{kind} {}", &body[..body.len().min(60)]);
        assert_eq!(reply.json()["status"], status);
    }
    let request = world.request(Method::POST, "/v1/auth/login");
    let bytes = b"{\"email\":\"\xff\",\"password\":\"x\"}".to_vec();
    let reply = read(request.header(header::CONTENT_TYPE, "application/json").body(bytes)).await;
    assert_eq!(reply.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn no_reply_names_a_secret() {
    let world = World::start().await;
    let body = json!({"email": "a@b.cd", "password": PASSWORD, "name": "A", "role": PASSWORD});
    let reply = world.post("/v1/auth/register", &body).await;
    assert_eq!(reply.status, StatusCode::BAD_REQUEST);
    assert!(!reply.text.contains(PASSWORD));
    let wrong = world.post("/v1/auth/login", &json!({"email": "a@b.cd", "password": 12_345})).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!wrong.text.contains("12345"), "{}", wrong.text);
}
