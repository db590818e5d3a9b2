//! A panel as browsers, clients and the gateway reach it: over HTTP, wherever it runs.

use std::time::{Duration, Instant};

use crate::{clock::Clock, testing::PASSWORD};
use reqwest::{Method, RequestBuilder, StatusCode, header};
use serde_json::{Value, json};

/// What is set off on AWS comes when it comes, but not later than this.
const PATIENCE: Duration = Duration::from_mins(1);
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

/// What somebody signs in with.
#[derive(Clone)]
pub struct Login {
    /// The address.
    pub email: String,
    /// The password.
    pub password: String,
}

/// A panel somewhere.
#[derive(Clone)]
pub struct Site {
    /// Its address, without a trailing slash.
    pub url: String,
    /// Follows no redirect and keeps no cookie.
    pub http: reqwest::Client,
    /// The panel's time.
    pub clock: Clock,
    /// The gateway's key.
    pub service_key: String,
    /// The staff's login.
    pub staff: Login,
    /// Where its mails can be read.
    pub mail: PostOffice,
}

/// Where a site's mails can be read, and so whether it can be asked to do first what was set off.
#[derive(Clone)]
pub enum PostOffice {
    /// At the panel's own desk, by its address, which does first what was set off.
    Desk(String),
    /// At an emulated SES, by the address of its list: the mails of each account under `messages`.
    Ses(String),
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
#[derive(Clone)]
pub struct Client {
    pub(super) site: Site,
    /// The session's token.
    pub token: String,
    /// The account's id.
    pub account: String,
    /// The login.
    pub email: String,
}

/// What was given again in a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Given {
    /// Nothing.
    Nothing,
    /// The password.
    Password,
    /// The second factor.
    Factor,
}

impl Site {
    /// A site that an operator or a desk tells of, on the machine's own time; nothing if a secret
    /// is missing.
    #[must_use]
    pub fn told(
        url: &str,
        http: reqwest::Client,
        service_key: &Value,
        staff: &Value,
        mail: PostOffice,
    ) -> Option<Self> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        Some(Self {
            url: url.to_owned(),
            http,
            clock: Clock::system(),
            service_key: text(service_key)?,
            staff: Login { email: text(&staff["email"])?, password: text(&staff["password"])? },
            mail,
        })
    }

    /// A request to begin.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.url))
    }

    /// A request as nobody.
    pub async fn get(&self, path: &str) -> Reply {
        read(self.request(Method::GET, path)).await
    }

    /// A JSON request as nobody.
    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        read(self.request(Method::POST, path).json(body)).await
    }

    /// Sends something as the gateway.
    pub async fn post_as_service(&self, path: &str, body: &Value) -> Reply {
        let request = self.request(Method::POST, path).bearer_auth(&self.service_key);
        read(request.json(body)).await
    }

    /// Looks again until something is there. At a desk everything is there at the first look, or
    /// never will be.
    pub async fn awaited<T>(&self, look: impl AsyncFn() -> Option<T>) -> Option<T> {
        let begun = Instant::now();
        loop {
            self.drain().await;
            let seen = look().await;
            let at_desk = matches!(self.mail, PostOffice::Desk(_));
            let is_last = at_desk || begun.elapsed() > PATIENCE;
            if seen.is_some() || is_last {
                return seen;
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
    }

    /// Waits until everything that was set off is done, where that can be asked for.
    pub async fn drain(&self) {
        if let PostOffice::Desk(desk) = &self.mail {
            let reply = read(self.http.post(format!("{desk}/_local/drain"))).await;
            assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
        }
    }

    /// The mails to an address, newest first.
    pub async fn mails(&self, to: &str) -> Vec<Value> {
        match &self.mail {
            PostOffice::Desk(desk) => {
                self.drain().await;
                let mails = self.http.get(format!("{desk}/_local/mail?to={to}"));
                let mails = read(mails).await.json();
                mails.as_array().cloned().unwrap_or_default()
            }
            PostOffice::Ses(list) => sent(&read(self.http.get(list)).await.json(), to),
        }
    }

    /// The token in the newest mail to an address.
    pub async fn mailed_token(&self, to: &str) -> String {
        let token = async || {
            let mails = self.mails(to).await;
            let text = mails.first()?["text"].as_str()?.to_owned();
            Some(text.split("token=").nth(1)?.split_whitespace().next()?.to_owned())
        };
        self.awaited(token).await.unwrap_or_default()
    }

    /// The token of the newest link to a page that was mailed to an address: word of a change comes later than a
    /// link of the same moment.
    pub async fn mailed_link(&self, to: &str, page: &str) -> String {
        let begins = format!("/{page}?token=");
        let token = async || {
            let mails = self.mails(to).await;
            let mut links =
                mails.iter().filter_map(|mail| mail["text"].as_str()?.split_once(&begins));
            let (_, rest) = links.next()?;
            Some(rest.split_whitespace().next()?.to_owned())
        };
        self.awaited(token).await.unwrap_or_default()
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
    pub async fn client(&self, name: &str) -> Client {
        let email = self.register(name).await;
        self.sign_in(&email, PASSWORD).await
    }

    /// The token of a new session of an account, without its password: only at a desk.
    pub async fn session(&self, account: &str) -> String {
        self.session_with(account, Given::Nothing).await
    }

    /// The same, as if something had been given again in it a moment ago.
    pub async fn session_with(&self, account: &str, given: Given) -> String {
        let (sudo, factor) = (given != Given::Nothing, given == Given::Factor);
        let wanted = json!({"account": account, "sudo": sudo, "factor": factor});
        let reply = self.post("/_local/session", &wanted).await;
        reply.json()["token"].as_str().expect("an account").to_owned()
    }

    /// Moves the panel's clock: only at a desk.
    pub async fn advance(&self, seconds: i64) {
        self.post("/_local/clock", &json!({"advance_seconds": seconds})).await;
    }

    /// Signs in.
    pub async fn sign_in(&self, email: &str, password: &str) -> Client {
        let reply =
            self.post("/v1/auth/login", &json!({"email": email, "password": password})).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
        let body = reply.json();
        Client {
            site: self.clone(),
            token: body["token"].as_str().unwrap_or_default().to_owned(),
            account: body["account"]["id"].as_str().unwrap_or_default().to_owned(),
            email: email.to_owned(),
        }
    }

    /// The staff, signed in.
    pub async fn staff(&self) -> Client {
        self.sign_in(&self.staff.email, &self.staff.password).await
    }

    /// Sends a form with a file, as browsers do.
    pub async fn upload(&self, form: &Value, content: &str) -> Reply {
        const BOUNDARY: &str = "a-line-that-no-file-has";
        let part = |name: &str, more: &str, value: &str| {
            format!(
                "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{name}\"{more}\r\n\r\n{value}\r\n"
            )
        };
        let fields = form["fields"].as_object().into_iter().flatten();
        let mut body: String = fields
            .map(|(name, value)| part(name, "", value.as_str().unwrap_or_default()))
            .collect();
        body += &part("file", "; filename=\"f\"", content);
        body.extend(["--", BOUNDARY, "--\r\n"]);
        let request = self.http.post(form["url"].as_str().unwrap_or_default());
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        read(request.header(header::CONTENT_TYPE, kind).body(body)).await
    }

    /// Reports usage as the gateway does.
    pub async fn report(&self, events: &[Value]) -> Reply {
        let request = self
            .request(Method::POST, "/v1/usage/events")
            .bearer_auth(&self.service_key)
            .header(header::CONTENT_TYPE, "application/cloudevents-batch+json")
            .body(json!(events).to_string());
        read(request).await
    }
}

/// The mails to an address among those that an emulated SES lists by account, newest first.
fn sent(listed: &Value, to: &str) -> Vec<Value> {
    let accounts = listed["messages"].as_object().into_iter().flatten();
    let mails = accounts.flat_map(|(_, mails)| mails.as_array().into_iter().flatten());
    let wanted =
        mails.filter(|mail| mail["To"].as_array().is_some_and(|it| it.contains(&json!(to))));
    let mut wanted: Vec<Value> = wanted
        .map(|mail| json!({"subject": mail["Subject"], "text": mail["BodyText"], "html": mail["BodyHtml"]}))
        .collect();
    wanted.reverse();
    wanted
}

impl Client {
    /// The panel that it is a client of.
    #[must_use]
    pub fn site(&self) -> &Site {
        &self.site
    }

    /// A request of this client's to begin.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.site.request(method, path).bearer_auth(&self.token)
    }

    /// Reads something.
    pub async fn get(&self, path: &str) -> Reply {
        read(self.request(Method::GET, path)).await
    }

    /// Posts something.
    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        read(self.request(Method::POST, path).json(body)).await
    }

    /// Sets something.
    pub async fn put(&self, path: &str, body: &Value) -> Reply {
        read(self.request(Method::PUT, path).json(body)).await
    }

    /// Changes something.
    pub async fn patch(&self, path: &str, body: &Value) -> Reply {
        read(self.request(Method::PATCH, path).json(body)).await
    }

    /// Opens a ticket; its id.
    pub async fn open_ticket(&self, subject: &str) -> String {
        let body = json!({"subject": subject, "body": "Please look."});
        let reply = self.post("/v1/tickets", &body).await;
        assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text);
        reply.json()["id"].as_str().unwrap_or_default().to_owned()
    }

    /// Announces a file for a ticket and sends it; its id.
    pub async fn send_file(&self, ticket: &str, name: &str, content: &str) -> String {
        let body = json!({"name": name, "bytes": content.len(), "type": "text/plain"});
        let reply = self.post(&format!("/v1/tickets/{ticket}/attachments"), &body).await;
        assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text);
        let announced = reply.json();
        let sent = self.site.upload(&announced["upload"], content).await;
        assert_eq!(sent.status, StatusCode::CREATED, "{}", sent.text);
        announced["id"].as_str().unwrap_or_default().to_owned()
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
            "subject": self.account, "time": self.site.clock.now().to_string(),
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
