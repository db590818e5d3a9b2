//! Accounts that pay, and some that do not: cards at the bank, invoices that are due, attempts under way.

use hmac::{Hmac, KeyInit, Mac};
use jiff::SignedDuration;
use reqwest::StatusCode;
use serde_json::{Value as Json, json};
use sha2::Sha256;

use super::{Client, Scene, billed, told};
use crate::{
    account::Founded,
    app::App,
    billing::{Invoice, invoice_key, put_invoice},
    error::Code,
    id::{EntryId, InvoiceId, MethodId},
    outbox::{Job, OutboxRecord},
    payments::{
        Attempt, AttemptState, Matter, Pending, Standing, TriedBy, Wallet, add_method, give_back,
        matter_due, wallet_key,
    },
    provider::{Back, Charge, Session},
    table::{Read, Tenant},
};

/// The card that pays.
pub const PAYS: &str = "4242424242424242";
/// One that is declined, and may be tried again.
pub const DECLINED: &str = "4000000000000341";
/// One that is reported stolen.
pub const STOLEN: &str = "4000000000009979";
/// One whose bank asks its owner each time.
pub const ASKS: &str = "4000002500003155";

fn tenant(client: Founded) -> Tenant {
    Tenant::claimed(client.account)
}

/// Has the provider open a page on which a card is set up, and nobody type it yet.
pub async fn page_open(app: &App, client: Founded) -> (MethodId, Session) {
    let (tenant, now) = (tenant(client), app.clock.now());
    let id = MethodId::new(now, &app.random);
    let customer = app.provider.customer(client.account, "Acme").await.expect("a customer");
    let back = Back { done: "https://panel.example/", cancelled: "https://panel.example/" };
    let expires_at = now + SignedDuration::from_hours(23);
    let whose = (client.account, customer.as_str());
    let opened = app.provider.set_up(whose, id, expires_at.as_second(), back).await;
    let session = opened.expect("a page");
    let stored: Option<Wallet> =
        app.table.get(&wallet_key(tenant), Read::Strong).await.expect("read");
    let before = stored.unwrap_or_else(|| Wallet::none(tenant));
    let mut wallet = before.clone();
    wallet.customer = Some(customer);
    let url = session.url.clone().expect("an address");
    wallet.pending.push(Pending { id, session: session.id.clone(), url, expires_at });
    let mut transaction = app.table.transaction::<()>();
    wallet.put(&before, &mut transaction, ());
    transaction.commit().await.expect("written");
    (id, session)
}

/// Types a card on a page of the bank's, and says yes where its own bank asks.
pub async fn type_card(url: &str, number: &str) {
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    let http = http.build().expect("a client");
    let sent = http.post(url).form(&[("number", number)]).send().await.expect("a reply");
    if sent.status().is_success() {
        http.post(url).form(&[("agrees", "yes")]).send().await.expect("a reply");
    }
}

/// A card in a client's wallet. The first one is the default.
pub async fn card(app: &App, client: Founded, number: &str) -> MethodId {
    let (id, session) = page_open(app, client).await;
    type_card(&session.url.expect("an address"), number).await;
    let session = app.provider.session(&session.id).await.expect("a page");
    add_method(app, tenant(client), id, &session).await.expect("added");
    id
}

/// A client with an invoice that is due, and nothing else.
pub async fn owing(app: &App, client: Founded) -> InvoiceId {
    billed::owing(app, client).await
}

/// An invoice as it is stored.
pub async fn invoice(app: &App, client: Founded, id: InvoiceId) -> Invoice {
    let key = invoice_key(tenant(client), id);
    let stored: Option<Invoice> = app.table.get(&key, Read::Strong).await.expect("read");
    stored.expect("an invoice")
}

/// Has a matter be due now: what the payments worker is handed.
pub async fn due(app: &App, client: Founded, matter: &Matter) -> Vec<Json> {
    let (key, update) = matter_due(app, tenant(client), matter, app.clock.now());
    let mut transaction = app.table.transaction::<()>();
    transaction.update(&key, update, None);
    transaction.commit().await.expect("set");
    told::due(app).await
}

/// A client whose invoice is due, with a card: what the payments worker is handed to charge it.
pub async fn collecting(scene: &Scene, number: &str) -> Vec<Json> {
    let Scene { app, client, .. } = scene;
    card(app, *client, number).await;
    owing(app, *client).await;
    due(app, *client, &Matter::Collect {}).await
}

/// An attempt that was written down, with its payment at the provider, and not confirmed.
pub async fn begun(app: &App, client: Founded, id: InvoiceId) -> u32 {
    let tenant = tenant(client);
    let standing = Standing::read(app, tenant).await.expect("read").expect("a client");
    let before = invoice(app, client, id).await;
    let customer = standing.wallet.customer.clone().expect("a customer");
    let method = standing.wallet.default_method().expect("a card").clone();
    let (account, amount) = (client.account, before.outstanding());
    let charge = Charge { account, customer: &customer, invoice: id, attempt: 1, amount };
    let intent = app.provider.intend(charge).await.expect("a payment");
    let attempt = Attempt {
        number: 1,
        entry: EntryId::new(app.clock.now(), &app.random),
        by: TriedBy::Clock,
        amount,
        method: Some(method.shown()),
        card: Some(method.card),
        intent: Some(intent.id),
        hosted: None,
        state: AttemptState::Processing,
        reason: None,
        at: app.clock.now(),
    };
    let mut after = before.clone();
    after.note_attempt(attempt, app.clock.now());
    let mut transaction = app.table.transaction::<()>();
    put_invoice(Some(&before), &after, &mut transaction, ());
    transaction.commit().await.expect("written");
    1
}

/// An invoice that a card has paid, a part of which is to go back: the movement that tells of it.
pub async fn returning(app: &App, client: Founded) -> (InvoiceId, EntryId) {
    card(app, client, PAYS).await;
    let id = owing(app, client).await;
    let tenant = tenant(client);
    crate::payments::charge(app, tenant, id, TriedBy::Client, None).await.expect("charged");
    let read = Standing::of_invoice(app, tenant, id).await.expect("read");
    let (mut standing, before) = read.expect("an invoice");
    let mut after = before.clone();
    let mut transaction = app.table.transaction::<Code>();
    let most = crate::money::Pico::new(5_000_000_000_000);
    give_back(app, &mut standing, &mut after, most, &mut transaction);
    put_invoice(Some(&before), &after, &mut transaction, Code::Conflict);
    transaction.commit().await.expect("written");
    (id, after.refunds[0].id)
}

/// The provider's word about an object, as the queue carries it.
#[must_use]
pub fn word(app: &App, object: &str, id: &str) -> Vec<Json> {
    let job = Job::Provider { object: object.to_owned(), id: id.to_owned() };
    vec![json!(OutboxRecord::new(job, app.clock.now(), &app.random))]
}

/// How the provider signs its word.
#[must_use]
pub fn signature(secret: &str, at: i64, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any key");
    mac.update(format!("{at}.{body}").as_bytes());
    format!("t={at},v1={}", hex::encode(mac.finalize().into_bytes()))
}

impl Client {
    /// Saves a card by a session that gave the password a moment ago, on the provider's own page; its id once it can
    /// be charged.
    pub async fn save_card(&self, number: &str) -> String {
        let reply = self.post("/v1/payment-methods", &json!({})).await;
        assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text);
        let opened = reply.json();
        let (id, url) = (opened["id"].clone(), opened["setup_url"].as_str().unwrap_or_default());
        type_card(url, number).await;
        let ready = async || {
            let list = self.get("/v1/payment-methods").await.json();
            let known = list["items"].as_array()?.iter().find(|it| it["id"] == id)?.clone();
            (known["state"] == "ready").then_some(())
        };
        assert!(self.site.awaited(ready).await.is_some(), "the card is not there");
        id.as_str().unwrap_or_default().to_owned()
    }
}
