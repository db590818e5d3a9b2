//! The gateway's side: a client with an API key, and functions that answer whether its requests may be served.
//! They share nothing but the table, as on AWS.

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, header},
};
use jiff::Timestamp;
use serde_json::{Value, json};
use shared::{
    account::{Account, BillingPeriod, Founded, SpreadPlan, account_key},
    auth::{NewApiKey, Scope, api_key_key},
    headroom::{Ledger, Shares, Whose, ledger_key, ledger_keys},
    id::KeyId,
    money::Pico,
    table::{Key, Read, Update, Written},
    testing::{TestApp, deliveries, queued_event},
    usage::Metric,
    wire::Wire,
};
use tower::ServiceExt as _;

/// A gateway before a client.
pub struct Gateway {
    /// The client's world.
    pub world: TestApp,
    /// The functions that answer.
    pub functions: Vec<Router>,
    /// What the gateway is known by.
    pub service_key: String,
    /// The client.
    pub client: Caller,
}

/// A client with an API key.
pub struct Caller {
    /// Its account.
    pub account: Founded,
    /// Its key.
    pub key: KeyId,
    /// What its requests come with.
    pub secret: String,
}

impl Gateway {
    /// A client on the tests' plan, and so many functions.
    pub async fn start(functions: usize) -> Self {
        let world = TestApp::start().await;
        let service_key = operator::issue_key(&world.app, "gateway").await.expect("a key");
        let client = caller(&world, "acme", None).await;
        let functions = (0..functions).map(|_| function(&world, &Wire::default())).collect();
        Self { world, functions, service_key, client }
    }

    /// A function of its own over this wire.
    pub fn function(&self, wire: &Wire) -> Router {
        function(&self.world, wire)
    }

    /// Asks one of the functions about a request of a client's.
    pub async fn ask(&self, function: &Router, caller: &Caller, more: &Value) -> Value {
        ask(function, &self.service_key, &caller.secret, more).await
    }

    /// The same of the one client there is, of the first function.
    pub async fn authorize(&self, more: Value) -> Value {
        self.ask(&self.functions[0], &self.client, &more).await
    }

    /// Gives a hold back; the status.
    pub async fn release(&self, hold: &Value) -> u16 {
        let body = json!({"reservation_id": hold});
        post(&self.functions[0], &self.service_key, "/v1/gateway/release", &body).await.0
    }

    /// An event of the client's key, of so many tokens, that names a hold.
    #[must_use]
    pub fn event(&self, id: &str, tokens: u64, hold: &Value) -> Value {
        let now = self.world.app.clock.now().to_string();
        let mut event = queued_event(self.client.account, id, &now);
        event["data"]["input_tokens"] = json!(tokens);
        event["data"]["output_tokens"] = json!(0);
        event["data"]["api_key_id"] = json!(self.client.key);
        if !hold.is_null() {
            event["data"]["reservation_id"] = hold.clone();
        }
        event
    }

    /// Has events counted.
    pub async fn count(&self, events: &[Value]) {
        let batch = deliveries([json!({ "events": events })]);
        let failures = usage_meter::handle(self.world.app.clone(), batch).await;
        assert!(failures.batch_item_failures.is_empty(), "counted");
    }

    /// The client's account.
    pub async fn account(&self) -> Account {
        let key = account_key(self.world.tenant(self.client.account));
        self.world.app.table.get(&key, Read::Strong).await.expect("read").expect("an account")
    }

    /// Where the client's ledger of a moment's month lies.
    #[must_use]
    pub fn place(&self, whose: Whose, moment: Timestamp) -> Key {
        ledger_key(self.world.tenant(self.client.account), whose, month(moment), 0)
    }

    /// The client's ledger of a moment's month.
    pub async fn ledger_at(&self, whose: Whose, moment: Timestamp) -> Shares {
        let tenant = self.world.tenant(self.client.account);
        let keys = ledger_keys(tenant, whose, month(moment), 0..8);
        let mut items = self.world.app.table.batch(&keys, Read::Strong).await.expect("read");
        let read = |key| items.record(key).map(|it| Ledger::read(&it)).unwrap_or_default();
        let ledger = Shares::from(keys.iter().map(read).collect::<Vec<_>>());
        assert!(ledger.is_sound(), "what is taken is what is used and held: {ledger:?}");
        ledger
    }

    /// The client's ledger of this month.
    pub async fn ledger(&self) -> Shares {
        self.ledger_at(Whose::Account, self.world.app.clock.now()).await
    }

    /// How many tokens are used and held.
    pub async fn tokens(&self) -> (i128, i128) {
        let (ledger, now) = (self.ledger().await, self.world.app.clock.now());
        (ledger.used().of(Metric::Tokens), ledger.held(now).of(Metric::Tokens))
    }

    /// Makes the client's account a hot one.
    pub async fn heat(&self) {
        let today = self.world.app.clock.now().to_zoned(jiff::tz::TimeZone::UTC).date();
        let wide = SpreadPlan::default().widened(today).expect("it was not wide");
        self.change(Update::new().set_serialized("spread", &wide).expect("a plan")).await;
    }

    /// Changes the client's account.
    pub async fn change(&self, update: Update) {
        let key = account_key(self.world.tenant(self.client.account));
        let _written: Written<Value> =
            self.world.app.table.update(&key, update).await.expect("written");
    }
}

fn month(moment: Timestamp) -> BillingPeriod {
    BillingPeriod::of(moment.to_zoned(jiff::tz::TimeZone::UTC).date())
}

/// A client with a key, which may cost so much a month.
pub async fn caller(world: &TestApp, name: &str, limit: Option<Pico>) -> Caller {
    let account = world.client(name).await;
    let now = world.app.clock.now();
    let new = NewApiKey {
        id: KeyId::new(now, &world.app.random),
        name: "nightly".to_owned(),
        user: account.user,
        scopes: [Scope::Inference].into(),
        ends_at: None,
        allowed_ips: Vec::new(),
        monthly_cost_limit: limit,
    };
    let (mut key, secret) = new.make(world.tenant(account), now, &world.app.random);
    // Its use is written down already: what is asked is not about that.
    key.last_used_at = Some(now);
    let place = api_key_key(world.tenant(account), key.id);
    world.app.table.put(&place, &key).await.expect("written");
    Caller { account, key: key.id, secret }
}

/// Asks a function about a request with a key.
pub async fn ask(function: &Router, service_key: &str, secret: &str, more: &Value) -> Value {
    let mut question = json!({"api_key": secret});
    for (name, value) in more.as_object().into_iter().flatten() {
        question[name] = value.clone();
    }
    post(function, service_key, "/v1/gateway/authorize", &question).await.1
}

async fn post(function: &Router, service_key: &str, path: &str, body: &Value) -> (u16, Value) {
    let request = Request::post(path)
        .header(header::AUTHORIZATION, format!("Bearer {service_key}"))
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body.to_string()))
        .expect("a request");
    let Ok(reply) = function.clone().oneshot(request).await;
    let status = reply.status().as_u16();
    let body = to_bytes(reply.into_body(), 1 << 20).await.expect("a body");
    (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
}

fn function(world: &TestApp, wire: &Wire) -> Router {
    api_keys::routes().into_router(world.process(wire))
}
