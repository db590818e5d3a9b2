//! Months that close, over the whole way: events come in over HTTP, the clock walks, invoices are read over HTTP.

mod late;
mod oracle;
mod properties;
mod races;

pub(crate) use races::company;

use jiff::Timestamp;
use serde_json::{Value, json};
use shared::testing::paid::PAYS;
use tests::{Client, World};

/// A client and what happens to it.
pub(crate) struct Story {
    pub(crate) world: World,
    pub(crate) acme: Client,
}

impl Story {
    /// Begins at a moment, on a plan.
    pub(crate) async fn begin(now: &str, plan: &str) -> Self {
        let clock = shared::clock::Clock::fixed(now.parse().unwrap());
        let world = World::at(clock, shared::wire::Wire::default()).await;
        let acme = world.site.client("acme").await;
        if plan != "free" {
            world.set_plan(&acme.account, plan).await;
        }
        Self { world, acme }
    }

    /// Walks to a moment; whatever is due until then happens.
    pub(crate) async fn walk_to(&mut self, moment: &str) {
        let moment: Timestamp = moment.parse().unwrap();
        let seconds = self.world.clock.now().duration_until(moment).as_secs();
        self.world.advance(seconds).await;
        self.world.drain().await;
        // A session ends where nobody uses it.
        self.acme.token = self.world.session(&self.acme.account).await;
    }

    /// Saves a card, as its owner does at the bank.
    pub(crate) async fn save_card(&mut self, number: &str) -> String {
        self.acme.elevate().await;
        self.acme.save_card(number).await
    }

    /// Reports use, at a moment.
    pub(crate) async fn used(&self, id: &str, time: &str, data: Value) {
        self.report(&json!({
            "specversion": "1.0", "id": id, "source": "gateway", "type": "ai.usage",
            "subject": self.acme.account, "time": time, "data": data,
        }))
        .await;
    }

    /// Takes an event back.
    pub(crate) async fn taken_back(&self, id: &str, time: &str) {
        self.report(&json!({
            "specversion": "1.0", "id": format!("void-{id}"), "source": "gateway",
            "type": "ai.usage.void", "subject": self.acme.account,
            "time": self.world.clock.now().to_string(),
            "data": {"source": "gateway", "id": id, "time": time},
        }))
        .await;
    }

    async fn report(&self, event: &Value) {
        let reply = self.world.report(std::slice::from_ref(event)).await;
        assert_eq!(reply.json()["accepted"], 1, "{}", reply.text);
        self.world.drain().await;
    }

    /// Invoices that are out, the oldest first.
    pub(crate) async fn invoices(&self) -> Vec<Value> {
        let mut all = self.all().await;
        all.retain(|it| it["number"].is_string());
        all
    }

    /// Invoices and drafts, the oldest first.
    pub(crate) async fn all(&self) -> Vec<Value> {
        let reply = self.acme.get("/v1/invoices?limit=100").await.json();
        let mut items = reply["items"].as_array().unwrap().clone();
        items.reverse();
        items
    }
}

/// Text of a million tokens in and none out: half a dollar, and a hundredth of a cent for the request.
pub(crate) fn text(requests: u64, tokens: u64) -> Value {
    json!({"ai_type": "text", "model": "m-1", "requests": requests, "input_tokens": tokens})
}

/// The lines of an invoice: kind and amount.
pub(crate) fn lines(invoice: &Value) -> Vec<(String, String)> {
    let lines = invoice["lines"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    lines.map(|line| (text(&line["kind"]), text(&line["amount"]["amount"]))).collect()
}

/// An amount.
pub(crate) fn money(text: &str) -> shared::money::Pico {
    text.parse().unwrap()
}

fn of(lines: &[(&str, &str)]) -> Vec<(String, String)> {
    lines.iter().map(|(kind, amount)| ((*kind).to_owned(), (*amount).to_owned())).collect()
}

#[tokio::test]
async fn a_month_closes_with_its_usage_what_is_included_and_the_next_base() {
    let mut it = Story::begin("2026-10-05T00:00:00Z", "starter").await;
    // 8 million tokens at 0.50, and 20,000 requests at 0.0001: 4.00 + 2.00. Starter includes 10,000 requests and
    // 5 million tokens, of which the days from the fifth on count: the account was on free before.
    it.used("e1", "2026-10-05T00:00:00Z", text(20_000, 8_000_000)).await;
    let expected = it.acme.get("/v1/dashboard").await.json()["next_invoice"].clone();

    it.walk_to("2026-11-01T00:00:00Z").await;
    let drafts = it.all().await;
    assert_eq!((drafts.len(), &drafts[0]["state"]), (1, &json!("draft")));
    assert_eq!(drafts[0]["number"], Value::Null);

    it.walk_to("2026-11-01T12:00:00Z").await;
    let out = it.invoices().await;
    let invoice = &out[0];
    assert_eq!((out.len(), &invoice["state"]), (1, &json!("open")));
    assert_eq!(
        (&invoice["number"], &invoice["payment_state"]),
        (&json!("INV-000001"), &json!("failed")),
        "there is no card"
    );
    // Allowance: free for 4 of 31 days, starter for 27: (1,000 × 4 + 10,000 × 27) / 31 = 8,838.7, and
    // (500,000 × 4 + 5,000,000 × 27) / 31 = 4,419,354.8; both rounded up.
    // Included: 2.00 × 8,839 / 20,000 + 4.00 × 4,419,355 / 8,000,000 = 0.8839 + 2.2096775 = 3.0935775.
    assert_eq!(lines(invoice), of(&[("usage", "6.00"), ("included", "-3.09"), ("base", "29.00")]));
    assert_eq!(invoice["total"]["amount"], "31.91");
    assert_eq!(invoice["amount_due"], invoice["total"]);
    assert_eq!(expected, json!({"date": "2026-11-01", "amount": invoice["total"]}));
    assert_eq!(
        (&invoice["due_at"], &invoice["finalized_at"]),
        (&json!("2026-11-01T12:00:00Z"), &json!("2026-11-01T12:00:00Z"))
    );
    let period = json!({"start": "2026-10-05T00:00:00Z", "end": "2026-11-01T00:00:00Z"});
    assert_eq!(invoice["period"], period);
    let base = &invoice["lines"][2];
    assert_eq!(
        base["period"],
        json!({"start": "2026-11-01T00:00:00Z", "end": "2026-12-01T00:00:00Z"})
    );
    assert_eq!(it.acme.get("/v1/billing").await.json()["due"]["amount"], "31.91");

    // A card: what is overdue is charged to it at once, and what comes as well.
    it.save_card(PAYS).await;
    it.world.drain().await;
    assert_eq!(it.acme.get("/v1/billing").await.json()["due"]["amount"], "0.00");
    // A month without use costs its base.
    it.walk_to("2026-12-01T12:00:00Z").await;
    let out = it.invoices().await;
    assert_eq!(out[1]["number"], "INV-000002");
    assert_eq!(lines(&out[1]), of(&[("base", "29.00")]));
    assert_eq!(out[1]["payment_state"], "paid");
    assert_eq!(it.acme.get("/v1/billing").await.json()["due"]["amount"], "0.00");
}

#[tokio::test]
async fn a_month_without_a_priced_plan_makes_no_invoice_and_no_timer() {
    let mut it = Story::begin("2026-10-05T00:00:00Z", "free").await;
    it.used("e1", "2026-10-05T00:00:00Z", text(900, 400_000)).await;
    assert_eq!(it.acme.get("/v1/dashboard").await.json()["next_invoice"], Value::Null);
    it.walk_to("2026-12-05T00:00:00Z").await;
    assert_eq!(it.all().await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_line_opens_to_its_days_and_requests_with_the_plan_of_their_prices() {
    let mut it = Story::begin("2026-10-05T00:00:00Z", "growth").await;
    it.used("request-one", "2026-10-05T00:00:00Z", text(10, 1_000_000)).await;
    it.walk_to("2026-10-20T00:00:00Z").await;
    it.used("request-two", "2026-10-19T10:00:00Z", text(5, 3_000_000)).await;
    it.walk_to("2026-11-01T12:00:00Z").await;
    let invoice = it.invoices().await.remove(0);
    let (id, line) = (invoice["id"].as_str().unwrap(), invoice["lines"][0]["id"].as_str().unwrap());
    let path = format!("/v1/invoices/{id}/lines/{line}/usage");
    let days = it.acme.get(&path).await;
    assert_eq!(days.status, 200, "{}", days.text);
    let days = days.json();
    let day = |place: usize| {
        let item = &days["items"][place];
        (item["start"].clone(), item["requests"].clone(), item["tokens"].clone())
    };
    assert_eq!(day(0), (json!("2026-10-05"), json!(10), json!(1_000_000)));
    assert_eq!(day(1), (json!("2026-10-19"), json!(5), json!(3_000_000)));
    // What comes later is another invoice's.
    it.walk_to("2026-11-01T12:00:01Z").await;
    it.used("request-three", "2026-10-19T11:00:00Z", text(7, 7)).await;
    let requests = it.acme.get(&format!("{path}?day=2026-10-19")).await.json();
    let items = requests["items"].as_array().unwrap();
    assert_eq!((items.len(), &items[0]["id"]), (1, &json!("request-two")));
    assert_eq!(items[0]["plan"], json!({"id": "growth", "version": 1}));
    assert_eq!(it.acme.get(&path).await.json(), days, "an invoice never changes");
    let hers = it.acme.get(&format!("/billing/invoices/{id}/lines/{line}?day=2026-10-19")).await;
    assert!(hers.text.contains("request-two") && !hers.text.contains("request-three"));
}
