//! Everybody who may ask: with which token, carried how.

use reqwest::{Method, StatusCode};
use serde_json::json;
use shared::{
    auth::{Secret, Token, TokenKind},
    id::AccountId,
    random::Random,
};
use tests::{Client, World, read};

/// Somebody who asks: with which token, carried how, and what the route's access makes of it.
pub(super) struct Principal {
    pub(super) name: &'static str,
    pub(super) token: Option<String>,
    pub(super) by_cookie: bool,
    pub(super) role: Role,
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Role {
    Nobody,
    Client,
    /// Gave the password again.
    ClientSudo,
    /// Signed in with the password alone.
    Staff,
    /// Gave the second factor, and the password again.
    StaffSudo,
    /// An API key with the scope `read`.
    Reader,
    /// An API key with every other scope.
    Key,
    Service,
}

/// Everybody, with fresh sessions: some of the routes end them.
pub(super) async fn everybody(world: &World, people: &People) -> Vec<Principal> {
    let client = world.session(&people.acme).await;
    let browser = world.session(&people.acme).await;
    let elevated = world.session(&people.acme).await;
    world.give(&elevated, false).await;
    let ended = world.session(&people.acme).await;
    let logout = world.request(Method::POST, "/v1/auth/logout").bearer_auth(&ended);
    assert_eq!(read(logout.json(&json!({}))).await.status, StatusCode::NO_CONTENT);
    let other = world.session(&people.umbrella).await;
    let staff = world.session(&people.staff).await;
    let careful = world.session(&people.staff).await;
    world.give(&careful, true).await;
    let service = world.panel.people.service_key.clone();
    let forged = |token: &str| {
        let mut token: Token = token.parse().unwrap();
        token.secret = Secret::new(&Random::seeded(1));
        token.to_string()
    };
    let made_up = |kind| Token {
        kind,
        account: people.acme.parse().unwrap(),
        id: [7; 16],
        secret: Secret::new(&Random::seeded(2)),
    };
    let of_account = |token: &str, account: AccountId| {
        let token: Token = token.parse().unwrap();
        Some(Token { account, ..token }.to_string())
    };
    let company = AccountId::from_bytes([0; 16]);
    let nobody = |name, token| Principal { name, token, by_cookie: false, role: Role::Nobody };
    let known = |name, token: &str, role| Principal {
        name,
        token: Some(token.to_owned()),
        by_cookie: false,
        role,
    };
    vec![
        nobody("nobody", None),
        nobody("a mistyped session", Some(mistyped(&client))),
        nobody("an ended session", Some(ended.clone())),
        nobody("a session with another secret", Some(forged(&client))),
        nobody("a service key with another secret", Some(forged(&service))),
        nobody("an API key with another secret", Some(forged(&people.reader))),
        nobody("a service key of a client", of_account(&service, people.acme.parse().unwrap())),
        nobody("a session of the company", of_account(&client, company)),
        nobody("an API key of the company", of_account(&people.reader, company)),
        nobody("a made-up session", Some(made_up(TokenKind::Session).to_string())),
        nobody("a made-up service key", Some(made_up(TokenKind::Service).to_string())),
        nobody("a made-up API key", Some(made_up(TokenKind::ApiKey).to_string())),
        nobody("a sign-in without its second factor", Some(people.challenge.clone())),
        known("the client", &client, Role::Client),
        Principal { by_cookie: true, ..known("the client's browser", &browser, Role::Client) },
        known("the client, elevated", &elevated, Role::ClientSudo),
        known("another client", &other, Role::Client),
        known("staff", &staff, Role::Staff),
        known("staff with a second factor", &careful, Role::StaffSudo),
        known("the client's program that reads", &people.reader, Role::Reader),
        known("the client's program that does all else", &people.key, Role::Key),
        known("the gateway", &service, Role::Service),
    ]
}

fn mistyped(token: &str) -> String {
    let mut typo = token.to_owned();
    typo.replace_range(40..41, if &typo[40..41] == "A" { "B" } else { "A" });
    typo
}

/// Who is there all the time.
pub(super) struct People {
    /// Accounts.
    acme: String,
    umbrella: String,
    staff: String,
    /// Of a sign-in whose second factor is not there yet.
    challenge: String,
    reader: String,
    key: String,
}

impl People {
    pub(super) async fn new(world: &World, acme: &mut Client) -> Self {
        acme.elevate().await;
        let reader = api_key(acme, &["read"]).await;
        let key =
            api_key(acme, &["instances:write", "tickets:write", "billing:write", "inference"])
                .await;
        let umbrella = world.client("umbrella").await;
        let mut guarded = world.client("guarded").await;
        guarded.turn_factor_on().await;
        Self {
            acme: acme.account.clone(),
            umbrella: umbrella.account,
            staff: world.staff().await.account,
            challenge: world.challenge(&guarded.email).await,
            reader,
            key,
        }
    }
}

pub(super) async fn api_key(client: &Client, scopes: &[&str]) -> String {
    let made = client.post("/v1/api-keys", &json!({"name": "matrix", "scopes": scopes})).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    made.json()["secret"].as_str().unwrap().to_owned()
}
