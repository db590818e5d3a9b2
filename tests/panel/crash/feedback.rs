//! The part of who hears of mails that came back.

use shared::{
    account::Founded,
    app::App,
    notify::DeliveryState,
    queue::{Deliveries, Delivery},
    testing::{TestApp, delivery, told},
};

use super::{Cell, Scenario, left, matrix, notices};

struct Feedback {
    world: TestApp,
    acme: Founded,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_came_back_is_told_once_whatever_happens_at_any_call() {
    assert_eq!(matrix::<Feedback>().await, 80);
}

impl Scenario for Feedback {
    type Record = Delivery;

    async fn begin() -> (Self, Vec<Delivery>) {
        let world = TestApp::start().await;
        let acme = world.client("acme").await;
        let record = told::mailed(&world.app, acme).await;
        let event = told::bounce("owner@acme.test", &record.to_string());
        let records = vec![delivery("bounce", event.to_string())];
        (Self { world, acme }, records)
    }

    fn world(&self) -> &TestApp {
        &self.world
    }

    fn id(record: &Delivery) -> String {
        record.message_id.clone()
    }

    async fn hand_over(app: App, records: Vec<Delivery>) -> Vec<Delivery> {
        let deliveries = Deliveries { records: records.clone() };
        left(records, &mail_feedback::handle(app, deliveries).await)
    }

    async fn check(&self, cell: &Cell) {
        assert_eq!(notices(&self.world), 1, "{cell:?}");
        let states = told::mail_states(&self.world.app, self.acme).await;
        assert_eq!(states, [DeliveryState::Failed], "{cell:?}");
    }
}
