//! A month's use from 0 to 130 % of its limits, in any order and more than once, by several meters, with looks
//! at random moments and limits that move: every threshold is recorded once, none early.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::join_all;
use serde_json::{Value, json};
use shared::{
    account::{BillingPeriod, account_key, set_plan},
    alerts::{Alert, Mark, Told, told_of},
    app::App,
    queue::Deliveries,
    random::Random,
    table::{Update, Written},
    testing::{TestApp, deliveries, queued_event, told},
    usage::Metric,
    wire::Wire,
};

/// The limits of the plan that it ends on, by metric.
const LIMITS: [(Metric, u128); 2] = [(Metric::Requests, 50_000), (Metric::Tokens, 50_000_000)];

struct Replay {
    world: TestApp,
    client: shared::account::Founded,
    random: Random,
    meters: Vec<App>,
}

fn below(random: &Random, most: u64) -> usize {
    usize::try_from(random.below(most)).unwrap()
}

impl Replay {
    async fn begin(seed: u64) -> Self {
        let world = TestApp::start().await;
        let client = world.client("acme").await;
        let update = Update::new().set("cost_cap", "30.00");
        let key = account_key(world.tenant(client));
        let _written: Written<Value> = world.app.table.update(&key, update).await.unwrap();
        let meters = (0..4).map(|_| world.process(&Wire::default())).collect();
        Self { world, client, random: Random::seeded(seed), meters }
    }

    /// 130 % of the plan's requests and tokens, in events of about a percent.
    fn events(&self) -> Vec<Value> {
        let event = |number: u64| {
            let now = self.world.app.clock.now().to_string();
            let mut event = queued_event(self.client, &format!("e{number}"), &now);
            event["data"]["requests"] = json!(500);
            event["data"]["input_tokens"] = json!(500_000);
            event["data"]["output_tokens"] = json!(0);
            event
        };
        (0..130).map(event).collect()
    }

    /// Batches of some events, among them such as came before, in any order.
    fn batches(&self) -> Vec<Deliveries> {
        let mut events = self.events();
        for place in (1..events.len()).rev() {
            events.swap(place, below(&self.random, place as u64 + 1));
        }
        let mut batches = Vec::new();
        let mut sent = 0;
        while sent < events.len() {
            let size = (1 + below(&self.random, 9)).min(events.len() - sent);
            let mut batch = events[sent..sent + size].to_vec();
            for _ in 0..below(&self.random, 4) {
                batch.push(events[below(&self.random, (sent + size) as u64)].clone());
            }
            sent += size;
            batches.push(
                serde_json::from_value(json!(deliveries([json!({"events": batch})]))).unwrap(),
            );
        }
        batches
    }

    /// Some workers look, each at what is due; what failed is due again.
    async fn look(&self) {
        let looks = (0..=below(&self.random, 2)).map(|_| async {
            let due = deliveries(told::due(&self.world.app).await);
            usage_alerts::handle(self.world.process(&Wire::default()), due).await
        });
        join_all(looks).await;
    }

    /// Looks until there is nothing to look at.
    async fn look_at_all(&self) {
        for _ in 0..10 {
            if told::due(&self.world.app).await.is_empty() {
                return;
            }
            self.look().await;
        }
        panic!("there is always something to look at");
    }

    async fn set_plan(&self, plan: &str) {
        let plan = self.world.app.plans.newest(plan).unwrap().reference();
        set_plan(&self.world.app, self.client.account, &plan).await.unwrap();
    }

    async fn run(&self) {
        let mut batches = self.batches().into_iter();
        loop {
            let several: Vec<_> =
                self.meters.iter().cloned().zip(batches.by_ref().take(4)).collect();
            if several.is_empty() {
                return;
            }
            let metered =
                several.into_iter().map(|(meter, batch)| usage_meter::handle(meter, batch));
            let looking = async {
                if self.random.below(2) == 0 {
                    self.look().await;
                }
            };
            let (failures, ()) = futures::future::join(join_all(metered), looking).await;
            assert!(failures.iter().all(|it| it.batch_item_failures.is_empty()));
            match self.random.below(8) {
                0 => self.set_plan("growth").await,
                1 => self.set_plan("starter").await,
                _ => {}
            }
        }
    }

    /// All that was recorded, and how often each was written.
    async fn recorded(&self) -> Vec<Alert> {
        let month = BillingPeriod::of(jiff::civil::date(2026, 11, 22));
        let told = told_of(&self.world.app, self.world.tenant(self.client), month).await.unwrap();
        let alerts = told.into_iter().filter_map(|it| match it {
            Told::Crossed(alert) => Some(*alert),
            Told::Paced(_) => None,
        });
        alerts.collect()
    }

    /// The words of each notice that was written, with what they were filled with.
    fn notices(&self) -> Vec<Value> {
        let records = self.world.cloud.stream(None).read(10_000).unwrap();
        let new = records.iter().filter(|it| it["eventName"] == "INSERT");
        let images = new.map(|it| it["dynamodb"]["NewImage"].clone());
        images.filter(|it| it["job"]["M"]["kind"]["S"] == "notice").collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_threshold_is_recorded_once_and_none_early() {
    for seed in 0..20 {
        let replay = Replay::begin(seed).await;
        replay.run().await;
        replay.set_plan("starter").await;
        replay.look_at_all().await;
        check(&replay, seed).await;
        // Raised and lowered once more, with nothing used between.
        let before = replay.notices().len();
        let alerts = replay.recorded().await.len();
        for plan in ["growth", "starter", "growth", "starter"] {
            replay.set_plan(plan).await;
            replay.look_at_all().await;
        }
        assert_eq!(replay.recorded().await.len(), alerts, "seed {seed}");
        let kinds: Vec<String> =
            replay.notices()[before..].iter().map(|it| kind(it).to_owned()).collect();
        assert!(kinds.iter().all(|kind| kind == "recovered"), "seed {seed}: {kinds:?}");
        assert!(kinds.len() <= 2, "seed {seed}: once a metric: {kinds:?}");
    }
}

fn kind(notice: &Value) -> &str {
    notice["notice"]["M"]["kind"]["S"].as_str().unwrap()
}

async fn check(replay: &Replay, seed: u64) {
    let recorded = replay.recorded().await;
    let ids: BTreeSet<_> = recorded.iter().map(|it| it.id).collect();
    assert_eq!(ids.len(), recorded.len(), "seed {seed}");
    for alert in &recorded {
        let Mark::Percent(percent) = alert.id.at else { panic!("no amounts here") };
        let limit = alert.id.limit.unwrap().0;
        let reached = alert.used.0 * 100 >= u128::from(percent) * limit;
        assert!(reached, "seed {seed}: early: {alert:?}");
    }
    // 130 events of half a million tokens at 0.50 a million, and of 500 requests at 0.0001: 39 dollars.
    let cap = (Metric::Cost, 30 * 10_u128.pow(12));
    for (metric, limit) in LIMITS.into_iter().chain([cap]) {
        let mine = recorded.iter().filter(|it| it.id.metric == metric);
        let mine = mine.filter(|it| it.id.limit.unwrap().0 == limit);
        let at: BTreeSet<_> = mine.map(|it| it.id.at).collect();
        assert_eq!(at, [80, 90, 100].map(Mark::Percent).into(), "seed {seed}: {metric:?}");
    }
    // Each message is about the highest of a step, so there is one of it at most.
    let messages = recorded.iter().filter_map(|it| it.told.map(|(_, id)| id));
    let unique: BTreeSet<_> = messages.clone().collect();
    assert_eq!(unique.len(), messages.count(), "seed {seed}");
    let mut by_kind: BTreeMap<&str, usize> = BTreeMap::new();
    let notices = replay.notices();
    for notice in &notices {
        *by_kind.entry(kind(notice)).or_default() += 1;
    }
    let of = |kind: &str| by_kind.get(kind).copied().unwrap_or(0);
    assert_eq!(of("usage_alert") + of("limit_reached"), unique.len(), "seed {seed}: {by_kind:?}");
    assert!(of("limit_reached") >= 1, "seed {seed}: {by_kind:?}");
    assert!(of("pace") <= 3, "seed {seed}: once a metric: {by_kind:?}");
}
