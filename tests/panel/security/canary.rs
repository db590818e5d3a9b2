//! A run of all flows in which every secret is marked: none of the marks is found where it must not
//! be - in the table in the clear, in logs, in addresses, in errors.

use std::{
    io::Write,
    sync::{Arc, Mutex, PoisonError},
};

use reqwest::{Method, StatusCode};
use serde_json::json;
use tests::{World, read};
use tracing_subscriber::{fmt::MakeWriter, layer::SubscriberExt as _};

/// Everything that was logged.
#[derive(Clone, Default)]
struct Logs(Arc<Mutex<Vec<u8>>>);

impl Write for Logs {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Logs {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

const FIRST: &str = "canary-otter-runs-north";
const SECOND: &str = "canary-glass-runs-south";
const THIRD: &str = "canary-quartz-runs-west";
const WRONG: &str = "canary-wrong-runs-east";

#[tokio::test]
async fn no_secret_is_found_where_it_must_not_be() {
    let logs = Logs::default();
    let layer = tracing_subscriber::fmt::layer().json().with_writer(logs.clone());
    let subscriber = tracing_subscriber::registry().with(layer);
    let _guard = tracing::subscriber::set_default(subscriber);

    let world = World::start().await;
    let (secrets, seen) = walk(&world).await;
    let logged = String::from_utf8(logs.0.lock().unwrap().clone()).unwrap();
    assert!(logged.contains("refused"), "the log was listened to");
    let table = stored(&world).await;
    assert!(table.contains("EMAIL#"), "{}", &table[..200.min(table.len())]);
    for secret in &secrets {
        assert!(secret.len() >= 6, "{secret}");
        assert!(!logged.contains(secret.as_str()), "{secret} is in the log");
        assert!(!table.contains(secret.as_str()), "{secret} is in the table");
        for reply in &seen {
            assert!(!reply.contains(secret.as_str()), "{secret} is in an error or an address");
        }
    }
}

/// Everything that lies in the table.
async fn stored(world: &World) -> String {
    let scan = world
        .http
        .post(world.panel.cloud.dynamodb_endpoint())
        .header("x-amz-target", "DynamoDB_20120810.Scan")
        .header("content-type", "application/x-amz-json-1.0")
        .header("x-amz-date", "20261122T120000Z")
        .header("authorization", "AWS4-HMAC-SHA256 Credential=local/20261122/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0")
        .body(json!({"TableName": cloud::Cloud::TABLE}).to_string());
    read(scan).await.text
}

/// Walks all flows; the secrets, and the errors and addresses that were seen on the way.
async fn walk(world: &World) -> (Vec<String>, Vec<String>) {
    let mut secrets: Vec<String> = [FIRST, SECOND, THIRD, WRONG].map(str::to_owned).into();
    let mut seen = Vec::new();
    let email = "ada@acme.test";
    let body = json!({"email": email, "password": FIRST, "name": "Ada"});
    world.post("/v1/auth/register", &body).await;
    let verify = world.mailed_token(email).await;
    world.post("/v1/auth/verify-email", &json!({"token": verify})).await;
    let again = world.post("/v1/auth/verify-email", &json!({"token": verify})).await;
    seen.push(again.text);
    let wrong = world.post("/v1/auth/login", &json!({"email": email, "password": WRONG})).await;
    seen.push(wrong.text);
    let odd = world.post("/v1/auth/login", &json!({"email": email, "password": [WRONG]})).await;
    seen.push(odd.text);

    let mut ada = world.sign_in(email, FIRST).await;
    secrets.extend([verify, ada.token.clone()]);
    ada.elevate_with(FIRST).await;
    let begun = ada.post("/v1/security/2fa/enable", &json!({})).await.json();
    let secret = begun["secret"].as_str().unwrap().to_owned();
    let program = tests::Authenticator { secret: secret.clone(), backup_codes: Vec::new() };
    let on = ada.post("/v1/security/2fa/verify", &json!({"code": program.code(world)})).await;
    let codes: Vec<String> = serde_json::from_value(on.json()["backup_codes"].clone()).unwrap();
    secrets.extend([secret, ada.token.clone()]);
    secrets.extend(codes.clone());
    let key = json!({"name": "x", "scopes": ["read"]});
    let request = ada.request(Method::POST, "/v1/api-keys").header("idempotency-key", "canary-key");
    let made = read(request.json(&key)).await;
    assert_eq!(made.status, StatusCode::CREATED);
    secrets.push(made.json()["secret"].as_str().unwrap().to_owned());
    secrets.push("canary-key".to_owned());

    let challenge = world.post("/v1/auth/login", &json!({"email": email, "password": FIRST})).await;
    let challenge = challenge.json()["challenge"].as_str().unwrap().to_owned();
    let bad = json!({"challenge": challenge, "backup_code": "0-cana-ryca-nary"});
    seen.push(world.post("/v1/auth/login/verify", &bad).await.text);
    let good = json!({"challenge": challenge, "backup_code": codes[0]});
    let session = world.post("/v1/auth/login/verify", &good).await.json();
    secrets.extend([challenge, session["token"].as_str().unwrap().to_owned()]);
    let change = json!({"current_password": WRONG, "new_password": SECOND});
    seen.push(ada.post("/v1/security/password", &change).await.text);
    let change = json!({"current_password": FIRST, "new_password": SECOND});
    assert_eq!(ada.post("/v1/security/password", &change).await.status, StatusCode::NO_CONTENT);
    let not_me = world.mailed_token(email).await;
    world.post("/v1/auth/password/forgot", &json!({"email": email})).await;
    let reset = world.mailed_token(email).await;
    let weak = json!({"token": reset, "password": "canary1234"});
    seen.push(world.post("/v1/auth/password/reset", &weak).await.text);
    let body = json!({"token": reset, "password": THIRD});
    world.post("/v1/auth/password/reset", &body).await;
    seen.push(world.post("/v1/auth/password/reset", &body).await.text);
    let page =
        read(world.request(Method::POST, "/not-me").form(&[("token", "mxt_canary-link")])).await;
    seen.push(page.header("location").to_owned());
    seen.push(ada.get("/security/two-factor").await.header("location").to_owned());
    secrets.extend([not_me, reset]);
    (secrets, seen)
}
