//! One honest request of each route, written in the route's own slice: the ground it wants, the request,
//! and what tells that it did what it is for. From it the tests make the access matrix, requests under
//! faults, requests of another tenant, prices and looks; a new route is tested by all of them unasked.

use std::{
    collections::BTreeMap,
    future::Future,
    pin::Pin,
    sync::{Mutex, PoisonError},
};

use reqwest::{Method, RequestBuilder};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::{Authenticator, Client, Given, Reply, Site, billed, client, paid, read, told};
use crate::{
    account::Founded,
    app::App,
    id::{InvoiceId, MethodId},
};

type Boxed<T> = Pin<Box<dyn Future<Output = T>>>;

/// The staff's account at each panel.
static STAFF: Mutex<BTreeMap<String, String>> = Mutex::new(BTreeMap::new());

/// Where a specimen stands: a panel, and a name that nobody there has yet.
#[derive(Clone)]
pub struct Ground {
    /// The panel.
    pub site: Site,
    /// Its services: what a specimen is not about is made without its requests.
    app: App,
    /// A new one each time.
    pub name: String,
}

impl Ground {
    /// New ground at a panel.
    #[must_use]
    pub fn new(site: &Site, app: &App, number: usize) -> Self {
        Self { site: site.clone(), app: app.clone(), name: format!("client{number}") }
    }

    /// The address of a client with an account of its own.
    pub async fn registered(&self) -> String {
        client(&self.app, &self.name).await;
        format!("owner@{}.test", self.name)
    }

    /// A client with an account of its own, signed in.
    pub async fn client(&self) -> Client {
        self.founded(Given::Nothing).await
    }

    /// The same, in a session that gave the password again a moment ago.
    pub async fn elevated(&self) -> Client {
        self.founded(Given::Password).await
    }

    /// A client whose owner was told something, and the notification's id. Its mail has failed.
    pub async fn told(&self) -> (Client, String) {
        let founded = client(&self.app, &self.name).await;
        let id = told::failed(&self.app, founded).await;
        (self.signed_in(founded, Given::Nothing).await, id.to_string())
    }

    /// A client that has been billed for two months, and its last invoice.
    pub async fn billed(&self) -> (Client, billed::SentOut) {
        let founded = client(&self.app, &self.name).await;
        let sent = billed::history(&self.app, founded).await;
        (self.signed_in(founded, Given::Nothing).await, sent)
    }

    /// A client with a card and an invoice that is due.
    pub async fn owing(&self, card: &str) -> (Client, Founded, InvoiceId) {
        let founded = client(&self.app, &self.name).await;
        paid::card(&self.app, founded, card).await;
        let invoice = paid::owing(&self.app, founded).await;
        (self.signed_in(founded, Given::Nothing).await, founded, invoice)
    }

    /// The provider's word of a card that a client has typed, and how it is signed.
    pub async fn provider_word(&self) -> (Value, String) {
        let founded = client(&self.app, &self.name).await;
        let (_, session) = paid::page_open(&self.app, founded).await;
        paid::type_card(&session.url.unwrap_or_default(), paid::PAYS).await;
        let word = json!({
            "id": "evt_1", "object": "event", "type": "checkout.session.completed",
            "data": {"object": {"id": session.id, "object": "checkout.session"}},
        });
        let secret = self.app.config.payments_secret().expect("a secret");
        let signature = paid::signature(
            secret.expose_secret(),
            self.app.clock.now().as_second(),
            &word.to_string(),
        );
        (word, signature)
    }

    /// A client with two cards.
    pub async fn with_cards(&self) -> (Client, [MethodId; 2]) {
        let founded = client(&self.app, &self.name).await;
        let first = paid::card(&self.app, founded, paid::PAYS).await;
        let second = paid::card(&self.app, founded, paid::DECLINED).await;
        (self.signed_in(founded, Given::Nothing).await, [first, second])
    }

    async fn founded(&self, given: Given) -> Client {
        self.signed_in(client(&self.app, &self.name).await, given).await
    }

    async fn signed_in(&self, founded: Founded, given: Given) -> Client {
        let account = founded.account.to_string();
        let token = self.site.session_with(&account, given).await;
        let email = format!("owner@{}.test", self.name);
        Client { site: self.site.clone(), token, account, email }
    }

    /// The same with a second factor that is on, and given a moment ago; its next code is unused.
    pub async fn guarded(&self) -> (Client, Authenticator) {
        let mut client = self.client().await;
        let program = client.turn_factor_on().await;
        (self.given(client, Given::Factor).await, program)
    }

    /// One of the rental company's people, who gave the second factor a moment ago.
    pub async fn staff(&self) -> Client {
        // Signing in takes its time: whose account it is does not change.
        let known =
            STAFF.lock().unwrap_or_else(PoisonError::into_inner).get(&self.site.url).cloned();
        let account = match known {
            Some(account) => account,
            None => {
                let Client { account, .. } = self.site.staff().await;
                let mut staff = STAFF.lock().unwrap_or_else(PoisonError::into_inner);
                staff.insert(self.site.url.clone(), account.clone());
                account
            }
        };
        let token = self.site.session_with(&account, Given::Factor).await;
        let email = self.site.staff.email.clone();
        Client { site: self.site.clone(), token, account, email }
    }

    async fn given(&self, client: Client, given: Given) -> Client {
        let token = self.site.session_with(&client.account, given).await;
        Client { token, ..client }
    }
}

/// A request that is not sent yet, so that it can be sent as somebody else too.
#[derive(Clone)]
pub struct Request {
    /// Its method.
    pub method: Method,
    /// Path and query.
    pub path: String,
    /// The credential it bears.
    pub token: Option<String>,
    headers: Vec<(&'static str, String)>,
    body: Option<Body>,
}

#[derive(Clone)]
enum Body {
    Json(Value),
    Form(Vec<(String, String)>),
}

impl Request {
    fn new(method: Method, path: impl Into<String>) -> Self {
        Self { method, path: path.into(), token: None, headers: Vec::new(), body: None }
    }

    /// Reads something.
    pub fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path)
    }

    /// Ends something.
    pub fn delete(path: impl Into<String>) -> Self {
        Self::new(Method::DELETE, path)
    }

    /// Sends JSON.
    pub fn post(path: impl Into<String>, body: Value) -> Self {
        Self { body: Some(Body::Json(body)), ..Self::new(Method::POST, path) }
    }

    /// Sets by JSON.
    pub fn put(path: impl Into<String>, body: Value) -> Self {
        Self { method: Method::PUT, ..Self::post(path, body) }
    }

    /// Changes by JSON.
    pub fn patch(path: impl Into<String>, body: Value) -> Self {
        Self { method: Method::PATCH, ..Self::post(path, body) }
    }

    /// Sends a form.
    pub fn form(path: impl Into<String>, fields: &[(&str, &str)]) -> Self {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let body = Some(Body::Form(fields.iter().map(own).collect()));
        Self { body, ..Self::new(Method::POST, path) }
    }

    /// By whom.
    #[must_use]
    pub fn by(self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self }
    }

    /// With a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// To be sent to a panel.
    pub fn at(&self, site: &Site) -> RequestBuilder {
        let mut request = site.request(self.method.clone(), &self.path);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        match &self.body {
            None => request,
            Some(Body::Json(body)) => request.json(body),
            Some(Body::Form(fields)) => request.form(fields),
        }
    }

    /// What tells that it did what it is for, once: asked of the panel and the reply.
    pub fn does<F, E>(self, effect: F) -> Prepared
    where
        F: Fn(Site, Reply) -> E + 'static,
        E: Future<Output = bool> + 'static,
    {
        let effect = move |site, reply| -> Boxed<bool> { Box::pin(effect(site, reply)) };
        Prepared { request: self, effect: Box::new(effect) }
    }

    /// What it reads: the reply says this.
    pub fn shows(self, text: impl Into<String>) -> Prepared {
        let text = text.into();
        assert!(!text.is_empty(), "{} {} shows nothing", self.method, self.path);
        self.does(move |_site, reply: Reply| {
            let shown = reply.text.contains(&text) || reply.header("location").contains(&text);
            async move { shown }
        })
    }
}

/// A request on new ground.
pub struct Prepared {
    /// The request.
    pub request: Request,
    effect: Box<dyn Fn(Site, Reply) -> Boxed<bool>>,
}

impl Prepared {
    /// Whether it did what it is for, and did it once.
    pub async fn is_done(&self, site: &Site, reply: &Reply) -> bool {
        (self.effect)(site.clone(), reply.clone()).await
    }
}

/// One honest request of a route.
pub struct Specimen {
    /// `POST /v1/api-keys`, as the route's row has it.
    pub route: &'static str,
    /// The status of its reply.
    pub good: u16,
    /// The statuses of the same request sent again, where a reply that was lost hid that it was done.
    pub again: Vec<u16>,
    /// Whether its effect can be seen without its reply, and so even where it is refused the second time.
    pub is_seen_outside: bool,
    /// Whether the same request sent again is answered alike and tells nothing of the first: it asks for a
    /// mail of its own, or leads to where one signs in.
    pub is_told_once: bool,
    /// What is special about it, for its price.
    pub situation: &'static str,
    prepare: Box<dyn Fn(Ground) -> Boxed<Prepared>>,
}

impl Specimen {
    /// A specimen of a route: the status of its reply, and how it is prepared.
    pub fn new<F, P>(route: &'static str, good: u16, prepare: F) -> Self
    where
        F: Fn(Ground) -> P + 'static,
        P: Future<Output = Prepared> + 'static,
    {
        let prepare = move |ground| -> Boxed<Prepared> { Box::pin(prepare(ground)) };
        let prepare = Box::new(prepare);
        Self {
            route,
            good,
            again: vec![good],
            is_seen_outside: false,
            is_told_once: false,
            situation: "",
            prepare,
        }
    }

    /// Another status that the same request may have when it is sent again.
    #[must_use]
    pub fn or_again(mut self, status: u16) -> Self {
        self.again.push(status);
        self
    }

    /// Its effect can be seen without its reply.
    #[must_use]
    pub fn seen_outside(self) -> Self {
        Self { is_seen_outside: true, ..self }
    }

    /// The same request sent again is answered alike and tells nothing of the first.
    #[must_use]
    pub fn not_told_again(self) -> Self {
        Self { is_told_once: true, ..self }
    }

    /// Its price is not that of every such request.
    #[must_use]
    pub fn priced_as(self, situation: &'static str) -> Self {
        Self { situation, ..self }
    }

    /// The method of its route.
    #[must_use]
    pub fn method(&self) -> &'static str {
        self.route.split_once(' ').map_or("", |(method, _)| method)
    }

    /// The path of its route, parameters in braces.
    #[must_use]
    pub fn path(&self) -> &'static str {
        self.route.split_once(' ').map_or("", |(_, path)| path)
    }

    /// Lays its ground and gives its request.
    pub async fn on(&self, ground: Ground) -> Prepared {
        (self.prepare)(ground).await
    }
}

/// Reads something as somebody.
pub async fn seen(site: &Site, token: &str, path: &str) -> Reply {
    read(Request::get(path).by(token).at(site)).await
}

/// How many items a list has.
pub async fn count(site: &Site, token: &str, path: &str) -> usize {
    seen(site, token, path).await.json()["items"].as_array().map_or(0, Vec::len)
}
