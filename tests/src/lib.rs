//! A running panel and its clients, for tests from outside: everything goes over HTTP.

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a test fails where its world does"
)]

pub mod description;
pub mod soak;

use local::{Options, Panel};
use reqwest::{Method, RequestBuilder, StatusCode, header, redirect::Policy};
use serde_json::{Value, json};
use shared::{clock::Clock, testing::NOW, wire::Wire};

/// A password that is good enough.
pub const PASSWORD: &str = "glass-otter-runs-north";

/// A panel of its own for every test.
pub struct World {
    /// The panel.
    pub panel: Panel,
    /// Follows no redirect and keeps no cookie.
    pub http: reqwest::Client,
}

/// A reply, read whole.
#[derive(Debug, Clone)]
pub struct Reply {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: header::HeaderMap,
    /// Its body.
    pub text: String,
}

impl Reply {
    /// The body as JSON, `null` if it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    /// The body without what differs from reply to reply.
    #[must_use]
    pub fn stable(&self) -> Value {
        let mut body = self.json();
        if let Some(fields) = body.as_object_mut() {
            fields.remove("request_id");
        }
        body
    }

    /// A header's value, empty if it is not there.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// A signed-in client.
pub struct Client<'a> {
    world: &'a World,
    /// The session's token.
    pub token: String,
    /// The account's id.
    pub account: String,
    /// The login.
    pub email: String,
}

impl World {
    /// Starts a panel whose clock stands at [`NOW`].
    pub async fn start() -> Self {
        Self::over(Wire::default()).await
    }

    /// Starts a panel whose requests reach its cloud over this wire.
    pub async fn over(wire: Wire) -> Self {
        Self::at(Clock::fixed(NOW.parse().expect("a constant")), wire).await
    }

    /// Starts a panel with a clock of its own.
    pub async fn at(clock: Clock, wire: Wire) -> Self {
        let options = Options { clock, wire, ..Options::throw_away() };
        let panel = Panel::start(options).await.expect("the panel starts");
        let http = reqwest::Client::builder().redirect(Policy::none()).build().expect("a client");
        Self { panel, http }
    }

    /// A request to begin.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.panel.url))
    }

    /// A request as nobody.
    pub async fn get(&self, path: &str) -> Reply {
        read(self.request(Method::GET, path)).await
    }

    /// A JSON request as nobody.
    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        read(self.request(Method::POST, path).json(body)).await
    }

    /// Moves the panel's clock.
    pub async fn advance(&self, seconds: i64) {
        self.post("/_local/clock", &json!({"advance_seconds": seconds})).await;
    }

    /// Waits until everything that was set off is done.
    pub async fn drain(&self) {
        self.panel.drain().await.expect("drained");
    }

    /// The mails to an address, newest first.
    pub async fn mails(&self, to: &str) -> Vec<Value> {
        self.drain().await;
        let mails = self.get(&format!("/_local/mail?to={to}")).await.json();
        mails.as_array().cloned().unwrap_or_default()
    }

    /// The token in the newest mail to an address.
    pub async fn mailed_token(&self, to: &str) -> String {
        let mails = self.mails(to).await;
        let text = mails.first().and_then(|mail| mail["text"].as_str()).unwrap_or_default();
        let token = text.split("token=").nth(1).unwrap_or_default();
        token.split_whitespace().next().unwrap_or_default().to_owned()
    }

    /// Registers and confirms a client.
    pub async fn register(&self, name: &str) -> String {
        let email = format!("owner@{name}.test");
        let body = json!({"email": email, "password": PASSWORD, "name": name, "company": name});
        assert_eq!(self.post("/v1/auth/register", &body).await.status, StatusCode::ACCEPTED);
        let token = self.mailed_token(&email).await;
        let confirmed = self.post("/v1/auth/verify-email", &json!({"token": token})).await;
        assert_eq!(confirmed.status, StatusCode::NO_CONTENT);
        email
    }

    /// A client that registered, confirmed its address and signed in.
    pub async fn client(&self, name: &str) -> Client<'_> {
        let email = self.register(name).await;
        self.sign_in(&email, PASSWORD).await
    }

    /// Signs in.
    pub async fn sign_in(&self, email: &str, password: &str) -> Client<'_> {
        let reply =
            self.post("/v1/auth/login", &json!({"email": email, "password": password})).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
        let body = reply.json();
        Client {
            world: self,
            token: body["token"].as_str().unwrap_or_default().to_owned(),
            account: body["account"]["id"].as_str().unwrap_or_default().to_owned(),
            email: email.to_owned(),
        }
    }

    /// The staff, signed in.
    pub async fn staff(&self) -> Client<'_> {
        let staff = self.panel.people.staff.clone();
        self.sign_in(&staff.email, &staff.password).await
    }

    /// Reports usage as the gateway does.
    pub async fn report(&self, events: &[Value]) -> Reply {
        let request = self
            .request(Method::POST, "/v1/usage/events")
            .bearer_auth(&self.panel.people.service_key)
            .header(header::CONTENT_TYPE, "application/cloudevents-batch+json")
            .body(json!(events).to_string());
        read(request).await
    }
}

impl Client<'_> {
    /// A request of this client's to begin.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.world.request(method, path).bearer_auth(&self.token)
    }

    /// Reads something.
    pub async fn get(&self, path: &str) -> Reply {
        read(self.request(Method::GET, path)).await
    }

    /// Posts something.
    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        read(self.request(Method::POST, path).json(body)).await
    }

    /// Changes something.
    pub async fn patch(&self, path: &str, body: &Value) -> Reply {
        read(self.request(Method::PATCH, path).json(body)).await
    }

    /// The token with one character mistyped.
    #[must_use]
    pub fn mistyped_token(&self) -> String {
        let mut typo = self.token.clone();
        typo.replace_range(40..41, if &typo[40..41] == "A" { "B" } else { "A" });
        typo
    }

    /// A usage event of this client's, now.
    #[must_use]
    pub fn event(&self, id: &str) -> Value {
        json!({
            "specversion": "1.0", "id": id, "source": "test", "type": "ai.usage",
            "subject": self.account, "time": self.world.panel.app.clock.now().to_string(),
            "data": {"ai_type": "text", "model": "atlas-mini", "input_tokens": 374, "output_tokens": 44},
        })
    }
}

/// Sends a request and reads its reply.
pub async fn read(request: RequestBuilder) -> Reply {
    let reply = request.send().await.expect("the panel answers");
    let (status, headers) = (reply.status(), reply.headers().clone());
    let text = reply.text().await.expect("a body");
    Reply { status, headers, text }
}
