//! The alerts worker's part: one client has come to two thresholds and its key to its limit.

use shared::{
    account::{BillingPeriod, Founded},
    alerts::told_of,
    app::App,
    queue::{Deliveries, Delivery},
    testing::{TestApp, delivery, told, watched},
};

use super::{Cell, Scenario, left, matrix, notices};

struct Alerts {
    world: TestApp,
    client: Founded,
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_is_recorded_and_told_once_whatever_happens_at_any_call() {
    assert_eq!(matrix::<Alerts>().await, 208);
}

impl Scenario for Alerts {
    type Record = Delivery;

    async fn begin() -> (Self, Vec<Delivery>) {
        let world = TestApp::start().await;
        let client = world.client("acme").await;
        let scene = world.scene(client);
        watched::without_pace(&scene).await;
        watched::touched_key(&scene, 100).await;
        let due = watched::touched(&scene, 45_000_000).await;
        let message = |(place, body): (usize, serde_json::Value)| {
            delivery(&place.to_string(), body.to_string())
        };
        let records = due.into_iter().enumerate().map(message).collect();
        (Self { world, client }, records)
    }

    fn world(&self) -> &TestApp {
        &self.world
    }

    fn id(record: &Delivery) -> String {
        record.message_id.clone()
    }

    async fn hand_over(app: App, records: Vec<Delivery>) -> Vec<Delivery> {
        let deliveries = Deliveries { records: records.clone() };
        left(records, &usage_alerts::handle(app, deliveries).await)
    }

    async fn check(&self, cell: &Cell) {
        let month = BillingPeriod::of(jiff::civil::date(2026, 11, 22));
        let tenant = self.world.tenant(self.client);
        let told_of = told_of(&self.world.app, tenant, month).await.unwrap();
        // 80 and 90 of the tokens, 80, 90 and 100 of the key's limit.
        assert_eq!(told_of.len(), 5, "{cell:?}");
        assert_eq!(notices(&self.world), 2, "{cell:?}");
        assert!(told::due(&self.world.app).await.is_empty(), "{cell:?}");
    }
}
