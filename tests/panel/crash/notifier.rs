//! The notifier's part: two changes of one client, the second of which waits for others, and what waited.

use shared::{
    account::Founded,
    app::App,
    notify::DeliveryState,
    queue::{Deliveries, Delivery},
    testing::{TestApp, delivery, told},
};

use super::{Cell, Scenario, left, letters, matrix, unread};

async fn hand_to_notifier(app: App, records: Vec<Delivery>) -> Vec<Delivery> {
    let deliveries = Deliveries { records: records.clone() };
    left(records, &::notifier::handle(app, deliveries).await)
}

struct Telling {
    world: TestApp,
    acme: Founded,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_is_told_once_whatever_happens_at_any_call() {
    assert_eq!(matrix::<Telling>().await, 164);
}

impl Scenario for Telling {
    type Record = Delivery;

    async fn begin() -> (Self, Vec<Delivery>) {
        let world = TestApp::start().await;
        let acme = world.client("acme").await;
        let mut records = Vec::new();
        for (version, key) in ["nightly", "backend"].into_iter().enumerate() {
            let version = u64::try_from(version).unwrap() + 1;
            let id = told::change(&world.app, acme, key, version).await;
            records.push(told::delivered(&world.app, id));
        }
        (Self { world, acme }, records)
    }

    fn world(&self) -> &TestApp {
        &self.world
    }

    fn id(record: &Delivery) -> String {
        record.message_id.clone()
    }

    async fn hand_over(app: App, records: Vec<Delivery>) -> Vec<Delivery> {
        hand_to_notifier(app, records).await
    }

    async fn check(&self, cell: &Cell) {
        let app = &self.world.app;
        assert_eq!(told::notifications(app, self.acme).await.len(), 2, "{cell:?}");
        assert_eq!(unread(&self.world, self.acme).await, 2, "{cell:?}");
        // One went at once and the other waits for its like, whichever came first.
        assert_eq!(letters(&self.world), 1, "{cell:?}");
        let waiting = told::waiting(app, self.acme).await;
        let waiting: Vec<usize> = waiting.iter().map(|held| held.notices.len()).collect();
        assert_eq!(waiting, [1], "{cell:?}");
    }
}

struct Releasing {
    world: TestApp,
    acme: Founded,
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waited_goes_once_whatever_happens_at_any_call() {
    assert_eq!(matrix::<Releasing>().await, 100);
}

impl Scenario for Releasing {
    type Record = Delivery;

    async fn begin() -> (Self, Vec<Delivery>) {
        let world = TestApp::start().await;
        let acme = world.client("acme").await;
        told::held(&world.scene(acme)).await;
        let due = told::due(&world.app).await;
        let records = due.iter().map(|message| delivery("due", message.to_string()));
        let records = records.collect();
        (Self { world, acme }, records)
    }

    fn world(&self) -> &TestApp {
        &self.world
    }

    fn id(record: &Delivery) -> String {
        record.message_id.clone()
    }

    async fn hand_over(app: App, records: Vec<Delivery>) -> Vec<Delivery> {
        hand_to_notifier(app, records).await
    }

    async fn check(&self, cell: &Cell) {
        assert_eq!(letters(&self.world), 1, "{cell:?}");
        let app = &self.world.app;
        assert!(told::waiting(app, self.acme).await.is_empty(), "{cell:?}");
        let states = told::mail_states(app, self.acme).await;
        assert_eq!(states, [DeliveryState::Queued], "{cell:?}");
    }
}
