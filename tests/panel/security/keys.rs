//! API keys: what they may do, from where, until when, and that no more are made than the plan has.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::{Client, Reply, World, read};

async fn make(client: &Client, body: &Value) -> Reply {
    client.post("/v1/api-keys", body).await
}

async fn secret(client: &Client, scopes: &[&str]) -> (String, String) {
    let made = make(client, &json!({"name": "a key", "scopes": scopes})).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let text = |name: &str| made.json()[name].as_str().unwrap().to_owned();
    (text("id"), text("secret"))
}

async fn with(world: &World, token: &str, path: &str) -> Reply {
    read(world.request(Method::GET, path).bearer_auth(token)).await
}

#[tokio::test]
async fn a_key_is_shown_once_and_reads_what_its_scopes_allow() {
    let world = World::start().await;
    let mut acme = world.client("acme").await;
    assert_eq!(
        make(&acme, &json!({"name": "x", "scopes": ["read"]})).await.json()["code"],
        "sudo_required"
    );
    acme.elevate().await;
    let made = make(&acme, &json!({"name": "reader", "scopes": ["read"]})).await.json();
    let secret = made["secret"].as_str().unwrap();
    assert!(secret.starts_with("mxk_"));
    assert!(secret.starts_with(made["prefix"].as_str().unwrap()));
    assert!(secret.ends_with(made["last4"].as_str().unwrap()));
    for path in ["/v1/dashboard", "/v1/usage", "/v1/usage/events"] {
        assert_eq!(with(&world, secret, path).await.status, StatusCode::OK, "{path}");
    }
    assert_eq!(
        with(&world, secret, "/v1/profile").await.json(),
        acme.get("/v1/profile").await.json(),
        "it reads in the name of who made it"
    );
    for path in ["/v1/sessions", "/v1/api-keys", "/v1/security/2fa", "/v1/security/events"] {
        assert_eq!(with(&world, secret, path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    let change = world.request(Method::PATCH, "/v1/profile").bearer_auth(secret);
    let change = read(change.json(&json!({"name": "a program"}))).await;
    assert_eq!(change.status, StatusCode::FORBIDDEN);
    let list = acme.get("/v1/api-keys").await;
    assert!(!list.text.contains(secret));
    assert_eq!(list.json()["items"][0]["last_used_at"], world.clock.now().to_string());

    let (_, other) = self::secret(&acme, &["inference"]).await;
    let refused = with(&world, &other, "/v1/dashboard").await;
    assert_eq!(refused.json()["code"], "scope_missing");
}

#[tokio::test]
async fn a_key_never_has_more_than_its_maker() {
    let world = World::start().await;
    let mut acme = world.client("acme").await;
    acme.elevate().await;
    for scopes in [json!(["usage:write"]), json!(["admin"]), json!([]), json!(["read", "root"])] {
        let refused = make(&acme, &json!({"name": "x", "scopes": scopes})).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{scopes}");
        assert_eq!(refused.json()["errors"][0]["pointer"], "/scopes");
    }
    for (field, value) in [("role", "staff"), ("account", "acc_x"), ("user", "usr_x")] {
        let mut body = json!({"name": "x", "scopes": ["read"]});
        body[field] = json!(value);
        assert_eq!(make(&acme, &body).await.status, StatusCode::BAD_REQUEST, "{field}");
    }
    let (_, key) = secret(&acme, &["read", "inference"]).await;
    let event = acme.event("made-up");
    let request = world.request(Method::POST, "/v1/usage/events").bearer_auth(&key);
    assert_eq!(read(request.json(&[event])).await.status, StatusCode::FORBIDDEN);
    let mut staff = world.staff().await;
    staff.turn_factor_on().await;
    assert_eq!(
        make(&staff, &json!({"name": "x", "scopes": ["read"]})).await.status,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn a_key_stops_at_its_time_and_works_from_its_networks_alone() {
    let world = World::start().await;
    let mut acme = world.client("acme").await;
    acme.elevate().await;
    let past = json!({"name": "x", "scopes": ["read"], "expires_at": "2020-01-01T00:00:00Z"});
    assert_eq!(make(&acme, &past).await.json()["errors"][0]["pointer"], "/expires_at");
    let soon = world.clock.now() + jiff::SignedDuration::from_hours(1);
    let soon = json!({"name": "x", "scopes": ["read"], "expires_at": soon.to_string()});
    let key = make(&acme, &soon).await.json()["secret"].as_str().unwrap().to_owned();
    assert_eq!(with(&world, &key, "/v1/dashboard").await.status, StatusCode::OK);
    world.advance(3600).await;
    assert_eq!(with(&world, &key, "/v1/dashboard").await.status, StatusCode::UNAUTHORIZED);

    acme.elevate().await;
    for (networks, status) in [
        (json!(["127.0.0.0/8"]), 200),
        (json!(["127.0.0.1"]), 200),
        (json!(["::ffff:127.0.0.1"]), 200),
        (json!(["192.0.2.7", "2001:db8::/32"]), 403),
    ] {
        let body = json!({"name": "x", "scopes": ["read"], "allowed_ips": networks});
        let made = make(&acme, &body).await.json();
        let key = made["secret"].as_str().unwrap();
        let reply = with(&world, key, "/v1/dashboard").await;
        assert_eq!(reply.status.as_u16(), status, "{networks}");
        let id = made["id"].as_str().unwrap();
        read(acme.request(Method::DELETE, &format!("/v1/api-keys/{id}"))).await;
    }
    let body = json!({"name": "x", "scopes": ["read"], "allowed_ips": ["all"]});
    assert_eq!(make(&acme, &body).await.json()["errors"][0]["pointer"], "/allowed_ips");
}

#[tokio::test]
async fn a_rotated_key_works_on_for_its_grace_and_a_revoked_one_not_at_all() {
    let world = World::start().await;
    let mut acme = world.client("acme").await;
    acme.elevate().await;
    let (id, old) = secret(&acme, &["read"]).await;
    let path = format!("/v1/api-keys/{id}");
    let rotate = async |grace: i64| {
        acme.post(&format!("{path}/rotate"), &json!({"grace_seconds": grace})).await
    };
    let once = || {
        let request = acme.request(Method::POST, &format!("{path}/rotate"));
        read(request.header("idempotency-key", "one").json(&json!({"grace_seconds": 60})))
    };
    let (first, again) = (once().await, once().await);
    assert_eq!((first.status, &first.text), (StatusCode::OK, &again.text), "rotated once");
    assert_eq!(with(&world, &old, "/v1/dashboard").await.status, StatusCode::OK);
    let old = first.json()["secret"].as_str().unwrap().to_owned();
    assert_eq!(rotate(-1).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let new = rotate(60).await.json()["secret"].as_str().unwrap().to_owned();
    for key in [&old, &new] {
        assert_eq!(with(&world, key, "/v1/dashboard").await.status, StatusCode::OK);
    }
    world.advance(60).await;
    assert_eq!(with(&world, &old, "/v1/dashboard").await.status, StatusCode::UNAUTHORIZED);
    let newest = rotate(0).await.json()["secret"].as_str().unwrap().to_owned();
    assert_eq!(with(&world, &new, "/v1/dashboard").await.status, StatusCode::UNAUTHORIZED);

    let gone = read(acme.request(Method::DELETE, &path)).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    assert_eq!(with(&world, &newest, "/v1/dashboard").await.status, StatusCode::UNAUTHORIZED);
    let list = acme.get("/v1/api-keys").await.json();
    assert_eq!(list["items"], json!([]), "revoked keys leave the list");
}

#[tokio::test]
async fn anothers_key_is_not_there() {
    let world = World::start().await;
    let mut acme = world.client("acme").await;
    let mut umbrella = world.client("umbrella").await;
    acme.elevate().await;
    umbrella.elevate().await;
    let (id, key) = secret(&acme, &["read"]).await;
    for id in [id.as_str(), "key_01kapx0000000000000000000a", "x", "key_%23"] {
        let path = format!("/v1/api-keys/{id}");
        let change = umbrella.patch(&path, &json!({"name": "mine"})).await;
        let delete = read(umbrella.request(Method::DELETE, &path)).await;
        let rotate = umbrella.post(&format!("{path}/rotate"), &json!({})).await;
        for reply in [change, delete, rotate] {
            assert_eq!(reply.status, StatusCode::NOT_FOUND, "{id}");
            assert_eq!(reply.json()["code"], "not_found");
        }
    }
    assert_eq!(with(&world, &key, "/v1/dashboard").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_change_keeps_the_secret_and_null_takes_a_limit_away() {
    let world = World::start().await;
    let mut acme = world.client("acme").await;
    acme.elevate().await;
    let body = json!({"name": "x", "scopes": ["inference"],
        "monthly_cost_limit": {"amount": "5.00", "currency": "USD"}});
    let made = make(&acme, &body).await.json();
    assert_eq!(made["monthly_cost_limit"], json!({"amount": "5.00", "currency": "USD"}));
    let (path, key) = (
        format!("/v1/api-keys/{}", made["id"].as_str().unwrap()),
        made["secret"].as_str().unwrap(),
    );
    let wrong = json!({"monthly_cost_limit": {"amount": "-1", "currency": "USD"}});
    assert_eq!(acme.patch(&path, &wrong).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let change = json!({"name": "y", "scopes": ["read"], "monthly_cost_limit": null});
    let changed = acme.patch(&path, &change).await.json();
    assert_eq!((&changed["name"], &changed["monthly_cost_limit"]), (&json!("y"), &Value::Null));
    assert_eq!(with(&world, key, "/v1/dashboard").await.status, StatusCode::OK);
    let mails = world.mails(&acme.email).await;
    assert_eq!(mails[0]["subject"], "API key changed");

    let stale = acme.request(Method::PATCH, &path).header("if-match", "\"1\"");
    let stale = read(stale.json(&json!({"name": "z"}))).await;
    assert_eq!(stale.status, StatusCode::PRECONDITION_FAILED);
    let fresh = acme.request(Method::PATCH, &path).header("if-match", "\"2\"");
    let fresh = read(fresh.json(&json!({"name": "z"}))).await;
    assert_eq!((fresh.status, fresh.header("etag")), (StatusCode::OK, "\"3\""));
    // Ten minutes later a name is a name, and a scope wants the password again.
    world.advance(600).await;
    assert_eq!(acme.patch(&path, &json!({"name": "a"})).await.status, StatusCode::OK);
    for wider in [
        json!({"scopes": ["read", "inference"]}),
        json!({"monthly_cost_limit": null}),
        json!({"allowed_ips": ["0.0.0.0/0"]}),
    ] {
        let narrow = json!({"allowed_ips": ["192.0.2.0/24"],
            "monthly_cost_limit": {"amount": "1.00", "currency": "USD"}});
        assert_eq!(acme.patch(&path, &narrow).await.status, StatusCode::OK);
        assert_eq!(acme.patch(&path, &wider).await.json()["code"], "sudo_required", "{wider}");
    }
}

#[tokio::test]
async fn a_form_that_is_sent_twice_rotates_once() {
    let world = World::start().await;
    let mut acme = world.client("acme").await;
    acme.elevate().await;
    let (id, old) = secret(&acme, &["read"]).await;
    let send = || {
        let request = acme.request(Method::POST, &format!("/security/keys/{id}/rotate"));
        read(request.form(&[("grace_seconds", "60"), ("version", "1")]))
    };
    assert!(send().await.text.contains("mxk_"));
    assert_eq!(send().await.header("location"), "/security/keys?done=made");
    assert_eq!(with(&world, &old, "/v1/dashboard").await.status, StatusCode::OK, "its grace");
}

#[tokio::test]
async fn the_same_request_again_gets_the_first_reply_again_and_makes_no_second_key() {
    let world = World::start().await;
    let mut acme = world.client("acme").await;
    acme.elevate().await;
    let send = |client: &Client, key: &str, name: &str| {
        let request = client.request(Method::POST, "/v1/api-keys").header("idempotency-key", key);
        read(request.json(&json!({"name": name, "scopes": ["read"]})))
    };
    let first = send(&acme, "one", "x").await;
    let again = send(&acme, "one", "x").await;
    assert_eq!((first.status, &first.text), (StatusCode::CREATED, &again.text));
    assert_eq!(again.status, StatusCode::CREATED);
    assert_eq!(send(&acme, "one", "y").await.json()["code"], "idempotency_key_reused");
    let list = acme.get("/v1/api-keys").await.json();
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    let mut umbrella = world.client("umbrella").await;
    umbrella.elevate().await;
    assert_ne!(send(&umbrella, "one", "x").await.text, first.text, "another's key is another key");
    world.advance(24 * 3600).await;
    acme.elevate().await;
    assert_eq!(send(&acme, "one", "y").await.status, StatusCode::CREATED, "after a day");
}

#[tokio::test]
async fn a_keys_version_is_told_from_the_first_reply_on_and_rises_with_changes_alone() {
    let world = World::start().await;
    let mut acme = world.client("acme").await;
    acme.elevate().await;
    let made = make(&acme, &json!({"name": "x", "scopes": ["read"]})).await;
    let path = format!("/v1/api-keys/{}", made.json()["id"].as_str().unwrap());
    assert_eq!((made.header("etag"), &made.json()["etag"]), ("\"1\"", &json!("\"1\"")));
    let same = acme.patch(&path, &json!({"name": "x"})).await;
    assert_eq!((same.status, same.header("etag")), (StatusCode::OK, "\"1\""));
    let rotated = acme.post(&format!("{path}/rotate"), &json!({})).await;
    assert_eq!(rotated.header("etag"), "\"2\"");
    let listed = acme.get("/v1/api-keys").await.json();
    let etag = listed["items"][0]["etag"].as_str().unwrap();
    let renamed = acme.request(Method::PATCH, &path).header("if-match", etag);
    let renamed = read(renamed.json(&json!({"name": "y"}))).await;
    assert_eq!((renamed.status, renamed.header("etag")), (StatusCode::OK, "\"3\""));
}

#[tokio::test]
async fn a_key_whose_time_is_over_gets_no_secret_that_is_dead_at_once() {
    let world = World::start().await;
    let mut acme = world.client("acme").await;
    acme.elevate().await;
    let end = (world.clock.now() + jiff::SignedDuration::from_mins(1)).to_string();
    let made = make(&acme, &json!({"name": "x", "scopes": ["read"], "expires_at": end})).await;
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let form = format!("action=\"/security/keys/{id}/rotate\"");
    let page = async || acme.get(&format!("/security/keys/{id}")).await.text;
    assert!(page().await.contains(&form));
    world.advance(60).await;
    assert!(!page().await.contains(&form));
    let rotated = acme.post(&format!("/v1/api-keys/{id}/rotate"), &json!({})).await;
    assert_eq!(
        (rotated.status, &rotated.json()["code"]),
        (StatusCode::CONFLICT, &json!("key_expired"))
    );
}

#[tokio::test]
async fn what_is_wrong_with_a_key_is_told_as_what_it_is() {
    let world = World::start().await;
    let mut acme = world.client("acme").await;
    acme.elevate().await;
    let many: Vec<String> = (0..51).map(|host| format!("192.0.2.{host}")).collect();
    for (field, value, code) in [
        ("expires_at", json!("2027-01-01"), "time_invalid"),
        ("expires_at", json!("2020-01-01T00:00:00Z"), "time_past"),
        ("allowed_ips", json!(many), "networks_too_many"),
        ("allowed_ips", json!(["home"]), "network_invalid"),
        ("monthly_cost_limit", json!(["7.00", "USD"]), "type_wrong"),
    ] {
        let mut body = json!({"name": "x", "scopes": ["read"]});
        body[field] = value;
        assert_eq!(make(&acme, &body).await.json()["errors"][0]["code"], code);
    }
}

#[tokio::test]
async fn the_last_day_of_the_calendar_is_no_day_to_expire_on() {
    let world = World::start().await;
    let mut acme = world.client("acme").await;
    acme.elevate().await;
    let form = [("id", "key_01jd8z7h2kexmr0v3y5t9w1b4c"), ("name", "x"), ("scopes", "read")];
    for day in ["9999-12-30", "9999-12-31"] {
        let form = form.into_iter().chain([("expires_at", day)]).collect::<Vec<_>>();
        let sent = read(acme.request(Method::POST, "/security/keys/new").form(&form)).await;
        assert_eq!(sent.status, StatusCode::UNPROCESSABLE_ENTITY, "{day}");
    }
}
