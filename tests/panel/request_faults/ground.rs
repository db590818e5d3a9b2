//! New ground for a request of each route, and what tells that it did what it is for, once.

use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use tests::{Authenticator, Client, PASSWORD, Reply, World, read};

const NEXT: &str = "otter-glass-runs-south";

/// A request on new ground, and what tells its effect from others'.
pub(super) struct Prepared {
    pub(super) request: RequestBuilder,
    name: String,
    token: String,
    key: String,
}

pub(super) async fn prepare(world: &World, number: usize, route: &str) -> Prepared {
    let name = format!("client{number}");
    let (method, path) = route.split_once(' ').unwrap();
    let method: Method = method.parse().unwrap();
    let email = format!("owner@{name}.test");
    let registration = json!({"email": email, "password": PASSWORD, "name": name});
    // The limits on guessing see every request from one address.
    world.advance(3601).await;
    if path.contains("/v1/security/") || path.contains("keys") || OF_ACCOUNT.contains(&route) {
        return protected(world, method, path, &name).await;
    }
    let acme = world.sign_in("owner@acme.test", PASSWORD).await;
    let request = world.request(method.clone(), path);
    let request = match route {
        "POST /v1/auth/register" => request.json(&registration),
        "POST /v1/auth/verify-email" => {
            world.post("/v1/auth/register", &registration).await;
            request.json(&json!({"token": world.mailed_token(&email).await}))
        }
        "POST /v1/auth/login" => {
            request.json(&json!({"email": "owner@acme.test", "password": PASSWORD}))
        }
        "POST /v1/auth/password/forgot" => request.json(&json!({"email": "owner@acme.test"})),
        "POST /v1/usage/events" => {
            let key = &world.panel.people.service_key;
            request.bearer_auth(key).json(&[acme.event(&name)])
        }
        "POST /v1/gateway/authorize" => {
            let key = &world.panel.people.service_key;
            request.bearer_auth(key).json(&json!({"api_key": "mxk_none"}))
        }
        _ if method == Method::GET => request.bearer_auth(&acme.token),
        _ => request.bearer_auth(&acme.token).json(&json!({"name": name})),
    };
    Prepared { request, name, token: acme.token, key: String::new() }
}

/// What wants an account of its own, beside all under `/v1/security` and the keys.
const OF_ACCOUNT: [&str; 6] = [
    "POST /not-me",
    "POST /v1/auth/login/verify",
    "POST /v1/auth/password/reset",
    "POST /v1/auth/sudo",
    "DELETE /v1/sessions",
    "DELETE /v1/sessions/{id}",
];

async fn protected(world: &World, method: Method, path: &str, name: &str) -> Prepared {
    let mut client =
        if path.contains("/admin/") { world.staff().await } else { world.client(name).await };
    world.give(&client.token, true).await;
    let (id, key) = own(world, path, &client).await;
    let body = body(world, path, &mut client).await;
    let request = client.request(method, &path.replace("{id}", &id));
    let request =
        if path.ends_with("keys") { request.header("idempotency-key", name) } else { request };
    let request = match body {
        Some(body) if path == "/not-me" => request.form(&body),
        Some(body) => request.json(&body),
        None => request,
    };
    Prepared { request, name: name.to_owned(), token: client.token, key }
}

/// The id of what the route is about, and its secret.
async fn own(world: &World, path: &str, client: &Client<'_>) -> (String, String) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    if path == "/v1/sessions/{id}" {
        let other = world.session(&client.account).await;
        let list = world.request(Method::GET, "/v1/sessions").bearer_auth(&other);
        let list = read(list).await.json()["items"].as_array().unwrap().clone();
        return (text(&list.iter().find(|it| it["current"] == true).unwrap()["id"]), other);
    }
    if path == "/v1/sessions" {
        return (String::new(), world.session(&client.account).await);
    }
    if !path.contains("{id}") {
        return (String::new(), String::new());
    }
    let path = path.split("/{id}").next().unwrap();
    let made = client.post(path, &json!({"name": "x", "scopes": ["read"]})).await;
    let made = if made.status == StatusCode::BAD_REQUEST {
        client.post(path, &json!({"name": "x"})).await
    } else {
        made
    };
    (text(&made.json()["id"]), text(&made.json()["secret"]))
}

/// What the request says; some of it wants a second factor that is on, or begun.
async fn body(world: &World, path: &str, client: &mut Client<'_>) -> Option<Value> {
    let begun = async |client: &Client<'_>| {
        let begun = client.post("/v1/security/2fa/enable", &json!({})).await.json();
        let secret = begun["secret"].as_str().unwrap().to_owned();
        Authenticator { secret, backup_codes: Vec::new() }
    };
    Some(match path {
        "/not-me" => {
            client.post("/v1/api-keys", &json!({"name": "x", "scopes": ["read"]})).await;
            json!({"token": world.mailed_token(&client.email).await})
        }
        "/v1/auth/login/verify" => {
            let program = client.turn_factor_on().await;
            let challenge = world.challenge(&client.email).await;
            json!({"challenge": challenge, "code": program.next_code(world)})
        }
        "/v1/auth/password/reset" => {
            world.post("/v1/auth/password/forgot", &json!({"email": client.email})).await;
            json!({"token": world.mailed_token(&client.email).await, "password": NEXT})
        }
        "/v1/auth/sudo" => json!({"password": PASSWORD}),
        "/v1/security/password" => json!({"current_password": PASSWORD, "new_password": NEXT}),
        "/v1/security/2fa/verify" => json!({"code": begun(client).await.code(world)}),
        "/v1/security/2fa/disable" => {
            json!({"code": client.turn_factor_on().await.next_code(world)})
        }
        "/v1/security/2fa/backup-codes" => {
            client.turn_factor_on().await;
            json!({})
        }
        "/v1/security/2fa/enable" => json!({}),
        "/v1/api-keys" => json!({"name": "x", "scopes": ["read"]}),
        "/v1/api-keys/{id}" | "/v1/admin/service-keys" => json!({"name": "y"}),
        "/v1/api-keys/{id}/rotate" => json!({"grace_seconds": 0}),
        _ => return None,
    })
}

/// Whether the request did what it is for, and did it once.
pub(super) async fn effect(world: &World, route: &str, prepared: &Prepared, reply: &Reply) -> bool {
    let email = format!("owner@{}.test", prepared.name);
    let get = async |token: &str, path: &str| {
        read(world.request(Method::GET, path).bearer_auth(token)).await
    };
    let own = async |path: &str| get(&prepared.token, path).await.json();
    let count = async |path: &str| own(path).await["items"].as_array().map_or(0, Vec::len);
    let said = |name: &str| reply.json()[name].as_str().unwrap_or_default().to_owned();
    match route {
        "POST /v1/auth/register" => world.mails(&email).await.len() == 1,
        "POST /v1/auth/verify-email" => world.sign_in(&email, PASSWORD).await.email == email,
        "POST /v1/auth/login" | "POST /v1/auth/login/verify" | "POST /v1/auth/sudo" => {
            get(&said("token"), "/v1/profile").await.status == StatusCode::OK
        }
        "POST /v1/auth/logout" | "POST /not-me" => {
            get(&prepared.token, "/v1/profile").await.status == StatusCode::UNAUTHORIZED
        }
        "POST /v1/auth/password/forgot" => reply.text == "{}",
        "POST /v1/auth/password/reset" | "POST /v1/security/password" => {
            world.sign_in(&email, NEXT).await.email == email
        }
        "POST /v1/security/2fa/verify" => own("/v1/security/2fa").await["enabled"] == true,
        "POST /v1/security/2fa/disable" => own("/v1/security/2fa").await["enabled"] == false,
        "POST /v1/security/2fa/backup-codes" => {
            let codes = reply.json()["backup_codes"].as_array().map_or(0, Vec::len);
            codes == 10 && own("/v1/security/2fa").await["backup_codes_remaining"] == 10
        }
        "DELETE /v1/sessions" | "DELETE /v1/sessions/{id}" => {
            get(&prepared.key, "/v1/profile").await.status == StatusCode::UNAUTHORIZED
        }
        "POST /v1/api-keys" => {
            let works = get(&said("secret"), "/v1/dashboard").await.status == StatusCode::OK;
            works && count("/v1/api-keys").await == 1
        }
        "PATCH /v1/api-keys/{id}" => own("/v1/api-keys").await["items"][0]["name"] == "y",
        "POST /v1/api-keys/{id}/rotate" => {
            let old = get(&prepared.key, "/v1/dashboard").await.status;
            let new = get(&said("secret"), "/v1/dashboard").await.status;
            (old, new) == (StatusCode::UNAUTHORIZED, StatusCode::OK)
        }
        "DELETE /v1/api-keys/{id}" => count("/v1/api-keys").await == 0,
        "DELETE /v1/admin/service-keys/{id}" => {
            let ask = world.request(Method::POST, "/v1/gateway/authorize");
            let ask = ask.bearer_auth(&prepared.key).json(&json!({"api_key": ""}));
            read(ask).await.status == StatusCode::UNAUTHORIZED
        }
        "POST /v1/usage/events" => {
            world.drain().await;
            let log = own("/v1/usage/events?limit=100").await;
            let items = log["items"].as_array().cloned().unwrap_or_default();
            items.iter().filter(|item| item["id"] == prepared.name.as_str()).count() == 1
        }
        "PATCH /v1/profile" => own("/v1/profile").await["name"] == prepared.name.as_str(),
        _ => reply.json().is_object(),
    }
}

/// What the same request may answer when a lasting fault hid that it was done.
pub(super) fn after(route: &str, good: u16) -> Vec<u16> {
    match route {
        "POST /v1/auth/verify-email" | "POST /v1/auth/password/reset" | "POST /not-me" => {
            vec![good, 422]
        }
        "POST /v1/auth/logout" | "POST /v1/auth/sudo" | "POST /v1/auth/login/verify" => {
            vec![good, 401]
        }
        "POST /v1/security/password" => vec![good, 403],
        "POST /v1/security/2fa/verify" | "POST /v1/security/2fa/disable" => vec![good, 409],
        "DELETE /v1/sessions/{id}"
        | "DELETE /v1/api-keys/{id}"
        | "DELETE /v1/admin/service-keys/{id}" => vec![good, 404],
        _ => vec![good],
    }
}
