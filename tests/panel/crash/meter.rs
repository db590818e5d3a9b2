//! The meter's part: two accounts, two days, an event counted before, a dead letter.

use serde_json::{Value, json};
use shared::{
    account::{Account, BillingPeriod, Founded, account_key},
    app::App,
    headroom::{Amounts, Ledger, Whose, ledger_key},
    queue::{Deliveries, Delivery},
    table::Read,
    testing::{TestApp, delivery, queued_event, watched},
    usage::{Grain, Metric},
};

use super::{Cell, Scenario, left, matrix};

struct Meter {
    world: TestApp,
    acme: Founded,
    umbrella: Founded,
}

#[tokio::test(flavor = "multi_thread")]
async fn the_meter_counts_once_whatever_happens_at_any_call() {
    assert_eq!(matrix::<Meter>().await, 284);
}

impl Scenario for Meter {
    type Record = Delivery;

    async fn begin() -> (Self, Vec<Delivery>) {
        let world = TestApp::start().await;
        let (acme, umbrella) = (world.client("acme").await, world.client("umbrella").await);
        let event = |client, id: &str, day: &str| {
            queued_event(client, id, &format!("2026-11-{day}T10:30:00Z"))
        };
        let hold = hold(&world, acme).await;
        let settling = |id: &str, day: &str| {
            let mut event = event(acme, id, day);
            event["data"]["reservation_id"] = json!(hold);
            event
        };
        let before = packed("m", &[event(acme, "a1", "22")]);
        let deliveries = Deliveries { records: vec![before] };
        assert!(
            usage_meter::handle(world.app.clone(), deliveries).await.batch_item_failures.is_empty()
        );
        let records = vec![
            packed("m1", &[event(acme, "a1", "22"), settling("a2", "22")]),
            packed("m2", &[settling("a3", "21"), event(umbrella, "u1", "22")]),
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

    fn id(record: &Delivery) -> String {
        record.message_id.clone()
    }

    async fn hand_over(app: App, records: Vec<Delivery>) -> Vec<Delivery> {
        let deliveries = Deliveries { records: records.clone() };
        left(records, &usage_meter::handle(app, deliveries).await)
    }

    async fn check(&self, cell: &Cell) {
        for (client, requests) in [(self.acme, 4), (self.umbrella, 1)] {
            for grain in [Grain::Month, Grain::Day, Grain::Hour] {
                let totals = self.world.counted(client, grain).await;
                let counted = (totals.requests, totals.input_tokens);
                assert_eq!(counted, (requests, 374 * requests), "{cell:?}");
            }
        }
        for (client, requests) in [(self.acme, 4), (self.umbrella, 1)] {
            let ledger = ledger(&self.world, client).await;
            assert!(ledger.is_sound(), "{cell:?}: {ledger:?}");
            assert_eq!(ledger.used.of(Metric::Requests), requests, "{cell:?}");
            assert_eq!(ledger.held(self.world.app.clock.now()), Amounts::default(), "{cell:?}");
        }
        let letters = self.world.take("UsageDeadLetters").await;
        assert!(!letters.is_empty(), "the dead letter is lost: {cell:?}");
        assert!(letters.iter().all(|letter| letter["code"] == "too_old"), "{cell:?}");
    }
}

/// A request that is under way.
async fn hold(world: &TestApp, client: Founded) -> String {
    let place = account_key(world.tenant(client));
    let account: Option<Account> = world.app.table.get(&place, Read::Strong).await.unwrap();
    watched::held(&world.app, &account.unwrap()).await.to_string()
}

async fn ledger(world: &TestApp, client: Founded) -> Ledger {
    let month = BillingPeriod::of(jiff::civil::date(2026, 11, 22));
    let place = ledger_key(world.tenant(client), Whose::Account, month, 0);
    let mut items =
        world.app.table.batch(std::slice::from_ref(&place), Read::Strong).await.unwrap();
    Ledger::read(&items.record(&place).unwrap())
}

fn packed(id: &str, events: &[Value]) -> Delivery {
    delivery(id, json!({ "events": events }).to_string())
}
