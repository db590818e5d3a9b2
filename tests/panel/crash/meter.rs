//! The meter's part: two accounts, two days, an event counted before, a dead letter.

use serde_json::{Value, json};
use shared::{
    account::Founded,
    app::App,
    queue::{Deliveries, Delivery},
    table::Range,
    testing::{TestApp, queued_event},
    usage::{Counters, Grain, grain_prefix},
};

use super::{Cell, Scenario, matrix};

struct Meter {
    world: TestApp,
    acme: Founded,
    umbrella: Founded,
}

#[tokio::test(flavor = "multi_thread")]
async fn the_meter_counts_once_whatever_happens_at_any_call() {
    assert_eq!(matrix::<Meter>().await, 288);
}

impl Scenario for Meter {
    type Record = Delivery;

    async fn begin() -> (Self, Vec<Delivery>) {
        let world = TestApp::start().await;
        let (acme, umbrella) = (world.client("acme").await, world.client("umbrella").await);
        let event = |client, id: &str, day: &str| {
            queued_event(client, id, &format!("2026-11-{day}T10:30:00Z"))
        };
        let before = packed("m", &[event(acme, "a1", "22")]);
        let deliveries = Deliveries { records: vec![before] };
        assert!(
            usage_meter::handle(world.app.clone(), deliveries).await.batch_item_failures.is_empty()
        );
        let records = vec![
            packed("m1", &[event(acme, "a1", "22"), event(acme, "a2", "22")]),
            packed("m2", &[event(acme, "a3", "21"), event(umbrella, "u1", "22")]),
            packed(
                "m3",
                &[queued_event(acme, "old", "2026-09-01T00:00:00Z"), event(acme, "a4", "22")],
            ),
        ];
        (Self { world, acme, umbrella }, records)
    }

    fn world(&self) -> &TestApp {
        &self.world
    }

    async fn hand_over(app: App, records: Vec<Delivery>) -> Vec<Delivery> {
        let deliveries = Deliveries { records: records.clone() };
        let failures = usage_meter::handle(app, deliveries).await.batch_item_failures;
        let failed = |record: &Delivery| {
            failures.iter().any(|failure| failure.item_identifier == record.message_id)
        };
        records.into_iter().filter(failed).collect()
    }

    async fn check(&self, cell: &Cell) {
        for (client, requests) in [(self.acme, 4), (self.umbrella, 1)] {
            for grain in [Grain::Month, Grain::Day, Grain::Hour] {
                let range = Range::prefix(self.world.tenant(client), grain_prefix(grain));
                let mut sum = Counters::default();
                for record in self.world.app.table.records(range).await.unwrap() {
                    sum.merge(&Counters::read(&record));
                }
                let counted = (sum.totals.requests, sum.totals.input_tokens);
                assert_eq!(counted, (requests, 374 * requests), "{cell:?}");
            }
        }
        let letters = self.world.take("UsageDeadLetters").await;
        assert!(!letters.is_empty(), "the dead letter is lost: {cell:?}");
        assert!(letters.iter().all(|letter| letter["code"] == "too_old"), "{cell:?}");
    }
}

fn packed(id: &str, events: &[Value]) -> Delivery {
    Delivery { message_id: id.to_owned(), body: json!({ "events": events }).to_string() }
}
