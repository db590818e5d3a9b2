//! Lives through the table: events by the meter, months by the closing, at the moments at which they come.

use std::collections::BTreeMap;

use jiff::civil::date;
use serde_json::{Value, json};
use shared::{
    account::{Account, AccountKind, BillingPeriod, Terms, ZonePlan, account_key, set_plan},
    auth::Caller,
    billing::{INVOICES, Invoice, InvoiceState, close_month, is_billed},
    id::AccountId,
    outbox::{Job, OutboxRecord},
    plan::{AiType, PlanRef},
    queue::Deliveries,
    random::Random,
    table::{Range, Read, Tenant},
    testing::{TestApp, deliveries, told},
    timer::{TimerKind, next_timer},
    usage::{PackedEvents, UsageData, UsageEvent, Void},
};

use super::{
    cents,
    life::{Life, PLANS, Used, at},
    sums::{self, Closes, Expected},
};

const SEED: u64 = 7;
const ACCOUNTS: usize = 20;
const MONTHS: usize = 6;

/// Something that happens in a life.
#[derive(Debug, Clone)]
enum Deed {
    Tell(Used),
    TakeBack(Used),
    Plan(usize),
    Credit(i64),
}

fn plan(index: usize) -> PlanRef {
    PlanRef { id: PLANS[index].to_owned(), version: 1 }
}

struct World {
    world: TestApp,
}

impl World {
    /// A client that lives a life from its first month on.
    async fn born(&self, number: usize, life: &Life) -> AccountId {
        let app = &self.world.app;
        let client = self.world.client(&format!("client{number}")).await;
        let tenant = self.world.tenant(client);
        let stored: Option<Account> =
            app.table.get(&account_key(tenant), Read::Strong).await.unwrap();
        let mut account = stored.unwrap();
        assert_eq!(account.kind, AccountKind::Client);
        account.zones = ZonePlan::new(life.zone.parse().unwrap());
        account.billing_country = life.country.parse().ok();
        account.created_at = at(life.begun);
        let (from, first) = life.plans[0];
        account.plan = plan(first);
        account.terms = Terms::begun(plan(first), at(from));
        let mut transaction = app.table.transaction::<()>();
        transaction.put(&account_key(tenant), &account);
        let period = BillingPeriod::of(life.first);
        if is_billed(&account, &app.plans, period) {
            let (key, update) = close_month(app, &account, period);
            transaction.update(&key, update, None);
        }
        transaction.commit().await.unwrap();
        client.account
    }

    async fn account(&self, id: AccountId) -> Account {
        let key = account_key(Tenant::at_desk(id));
        let stored = self.world.app.table.get(&key, Read::Strong).await.unwrap();
        stored.unwrap()
    }

    /// Walks to a second; each month closes at its moment, and whatever is handed over comes twice.
    async fn walk_to(&self, second: i64) {
        let app = &self.world.app;
        while let Some(next) = next_timer(app).await.unwrap().filter(|next| *next <= at(second)) {
            let now = app.clock.now();
            app.clock.advance(now.duration_until(next.max(now)));
            let mut closing = Vec::new();
            for message in told::due(app).await {
                let record: OutboxRecord = serde_json::from_value(message.clone()).unwrap();
                let Job::Due { timer } = record.job else { panic!("no timer") };
                timer.moved(app).await.unwrap();
                if timer.kind == TimerKind::Closing {
                    closing.push(message);
                }
            }
            let twice: Vec<Value> = closing.iter().chain(&closing).cloned().collect();
            let failures = closing::handle(app.clone(), deliveries(twice)).await;
            assert!(failures.batch_item_failures.is_empty());
        }
        let now = app.clock.now();
        app.clock.advance(now.duration_until(at(second).max(now)));
    }

    async fn meter(&self, packed: PackedEvents) {
        let handed: Deliveries = deliveries(vec![json!(packed)]);
        let failures = usage_meter::handle(self.world.app.clone(), handed).await;
        assert!(failures.batch_item_failures.is_empty());
    }

    async fn does(&self, id: AccountId, deed: Deed) {
        let app = &self.world.app;
        let name = |used: &Used| ("life".to_owned(), used.id.to_string(), at(used.time));
        match deed {
            Deed::Tell(used) => {
                let (source, event, time) = name(&used);
                let data: UsageData = serde_json::from_value(data(&used)).unwrap();
                let event = UsageEvent { source, id: event, account: id, time, data };
                self.meter(PackedEvents { events: vec![event], voids: Vec::new() }).await;
            }
            Deed::TakeBack(used) => {
                let (source, event, time) = name(&used);
                let void = Void { account: id, source, id: event, time };
                self.meter(PackedEvents { events: Vec::new(), voids: vec![void] }).await;
            }
            Deed::Plan(index) => set_plan(app, id, &plan(index)).await.unwrap(),
            Deed::Credit(given) => {
                let caller = Caller::schedule(app, self.account(id).await, "test");
                billing::operations::give_credit(&caller, cents(given)).await.unwrap();
            }
        }
    }

    /// The invoices of an account by the second on which their month ends.
    async fn invoices(&self, id: AccountId) -> BTreeMap<i64, Invoice> {
        let range = Range::prefix(Tenant::at_desk(id), INVOICES).strong();
        let all: Vec<Invoice> = self.world.app.table.all(range).await.unwrap();
        let mut by_end = BTreeMap::new();
        for invoice in all.into_iter().filter(|it| it.number.is_some()) {
            let twice = by_end.insert(invoice.end.as_second(), invoice);
            assert!(twice.is_none(), "a month has two invoices");
        }
        by_end
    }
}

fn data(used: &Used) -> Value {
    json!({
        "ai_type": AiType::ALL[used.kind], "model": "m", "requests": used.requests,
        "input_tokens": used.input, "output_tokens": used.output,
    })
}

/// What happens in a life, by when; of one second the plan comes first.
fn deeds(life: &Life) -> Vec<(i64, Deed)> {
    let plans = life.plans.iter().skip(1).map(|(from, index)| (*from, Deed::Plan(*index)));
    let credits = life.credits.iter().map(|(at, given)| (*at, Deed::Credit(*given)));
    let told = life.events.iter().flat_map(|used| {
        let told = used.told.iter().map(|at| (*at, Deed::Tell(used.clone())));
        let back = used.taken_back.iter().map(|at| (*at, Deed::TakeBack(used.clone())));
        told.chain(back).collect::<Vec<_>>()
    });
    plans.chain(credits).chain(told).collect()
}

fn told(invoice: &Invoice) -> Expected {
    let cents = |amount: shared::money::Pico| i64::try_from(amount.get()).unwrap() / 10_000_000_000;
    Expected {
        lines: invoice.lines.iter().map(|it| (it.kind.as_str(), cents(it.amount))).collect(),
        subtotal: cents(invoice.subtotal),
        tax: invoice.taxes.iter().map(|tax| cents(tax.amount)).sum(),
        credit: cents(invoice.credit_applied),
        due: cents(invoice.amount_due),
    }
}

/// A month on a plan with a price, in which something is told before its end, in the grace and after it, and each
/// is taken back at none or at any of these times, also before it is told.
fn every_order() -> Life {
    let random = Random::seeded(1);
    let mut life = Life::new(&random, date(2026, 2, 1), 3, 0);
    (life.zone, life.country) = ("Africa/Cairo", "SA");
    life.begun = life.bound(0);
    life.plans = vec![(life.begun, 1)];
    life.credits = Vec::new();
    let (end, time) = (life.bound(1), life.bound(1) - 5 * 86_400);
    let times = [end - 3_600, end + 3_600, end + 20 * 3_600];
    life.events = Vec::new();
    for told in times {
        for taken_back in [None, Some(times[0] - 60), Some(times[1] - 60), Some(times[2] - 60)] {
            let id = life.events.len();
            // Each is told twice, and costs something of its own.
            let told = vec![told, told + 120];
            let taken_back = taken_back.into_iter().flat_map(|at| [at, at + 240]).collect();
            let (requests, input) = (1 + id as u64, 3_000_000 << id);
            let (kind, output) = (id % 2, 0);
            life.events.push(Used { id, time, kind, requests, input, output, told, taken_back });
        }
    }
    life
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_told_and_taken_back_in_every_order_is_billed_once() {
    let world = World { world: TestApp::start().await };
    let app = &world.world.app;
    let life = every_order();
    app.clock.advance(app.clock.now().duration_until(at(life.begun)));
    let id = world.born(0, &life).await;
    let mut deeds = deeds(&life);
    deeds.sort_by_key(|(at, _)| *at);
    for (at, deed) in deeds {
        world.walk_to(at).await;
        world.does(id, deed).await;
    }
    world.walk_to(life.bound(3) + 12 * 3600).await;
    let sold = sums::sold(&app.plans);
    let rate = app.tax.of(life.country.parse().ok(), "").map_or(0, |tax| tax.rate.get());
    let expected = sums::invoices(&life, &sold, rate, Closes::WhereBilled);
    let invoices = world.invoices(id).await;
    let made = (0..3).map(|place| invoices.get(&life.bound(place + 1)).map(told));
    assert_eq!(made.collect::<Vec<_>>(), expected);
    // On the first what was told by the end of the grace and stands, on the second what came later.
    let kinds = |place: usize| -> Vec<&str> {
        expected[place].iter().flat_map(|it| &it.lines).map(|(kind, _)| *kind).collect()
    };
    assert_eq!(kinds(0), ["usage", "usage", "included", "base"]);
    assert_eq!(kinds(1), ["late_usage", "base"]);
    assert_eq!(kinds(2), ["base"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn lives_through_the_table_have_the_invoices_that_an_independent_calculation_says() {
    let world = World { world: TestApp::start().await };
    let app = &world.world.app;
    let random = Random::seeded(SEED);
    let lives: Vec<Life> =
        (0..ACCOUNTS).map(|_| Life::new(&random, date(2026, 2, 1), MONTHS, 4)).collect();
    let begin = lives.iter().map(|life| life.begun).min().unwrap();
    let now = app.clock.now();
    app.clock.advance(now.duration_until(at(begin)));
    let (mut ids, mut all) = (Vec::new(), Vec::new());
    for (number, life) in lives.iter().enumerate() {
        ids.push(world.born(number, life).await);
        all.extend(deeds(life).into_iter().map(|(at, deed)| (at, number, deed)));
    }
    all.sort_by_key(|(at, ..)| *at);
    let last = lives.iter().map(|life| life.bound(MONTHS) + 12 * 3600).max().unwrap();
    for (at, number, deed) in all.into_iter().filter(|(at, ..)| *at <= last) {
        world.walk_to(at).await;
        world.does(ids[number], deed).await;
    }
    world.walk_to(last).await;

    let sold = sums::sold(&app.plans);
    let mut numbers = Vec::new();
    for (number, life) in lives.iter().enumerate() {
        let rate = app.tax.of(life.country.parse().ok(), "").map_or(0, |tax| tax.rate.get());
        let expected = sums::invoices(life, &sold, rate, Closes::WhereBilled);
        let invoices = world.invoices(ids[number]).await;
        let month = |place: usize| life.bound(place + 1);
        let made = (0..MONTHS).map(|place| invoices.get(&month(place)).map(told));
        assert_eq!(made.collect::<Vec<_>>(), expected, "account {number}: {life:?}");
        for invoice in invoices.into_values() {
            let settled = invoice.amount_due == shared::money::Pico::ZERO;
            let state = if settled { InvoiceState::Paid } else { InvoiceState::Open };
            assert_eq!(invoice.state, state);
            numbers.extend(invoice.number);
        }
    }
    numbers.sort();
    let series = (1..=numbers.len()).map(|number| format!("INV-{number:06}"));
    assert_eq!(numbers, series.collect::<Vec<_>>());
    assert!(numbers.len() > ACCOUNTS * 2);
}
