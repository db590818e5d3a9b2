//! The mailer's part for notifications: two letters, each of which goes once, or twice where nobody could know,
//! and whose notifications say so in the end.

use shared::{
    account::Founded,
    app::App,
    notify::DeliveryState,
    outbox::Job,
    queue::{Deliveries, Delivery},
    testing::{TestApp, delivery, told},
};

use super::{Cell, Scenario, left, mailer::nobody_could_know, matrix};

const NAMES: [&str; 2] = ["acme", "umbrella"];

struct Letters {
    world: TestApp,
    clients: Vec<Founded>,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_goes_once_and_is_noted_whatever_happens_at_any_call() {
    assert_eq!(matrix::<Letters>().await, 240);
}

impl Scenario for Letters {
    type Record = Delivery;

    async fn begin() -> (Self, Vec<Delivery>) {
        let world = TestApp::start().await;
        let (mut clients, mut records) = (Vec::new(), Vec::new());
        for name in NAMES {
            let client = world.client(name).await;
            let id = told::mailed(&world.app, client).await;
            let message = told::record(&world.app, id, Job::Letter {});
            records.push(delivery(name, message.to_string()));
            clients.push(client);
        }
        (Self { world, clients }, records)
    }

    fn world(&self) -> &TestApp {
        &self.world
    }

    fn id(record: &Delivery) -> String {
        record.message_id.clone()
    }

    async fn hand_over(app: App, records: Vec<Delivery>) -> Vec<Delivery> {
        let deliveries = Deliveries { records: records.clone() };
        left(records, &::mailer::handle(app, deliveries).await)
    }

    async fn check(&self, cell: &Cell) {
        let mails = self.world.cloud.mails();
        for (place, (name, client)) in NAMES.iter().zip(&self.clients).enumerate() {
            let to = format!("owner@{name}.test");
            let sent = mails.iter().filter(|mail| mail.to == to).count();
            // The two letters make the same calls, one after the other.
            let met = (cell.point - 1) / (cell.operations.len() / NAMES.len()) == place;
            let most = if met && nobody_could_know(cell) { 2 } else { 1 };
            assert!((1..=most).contains(&sent), "{sent} mails to {to}: {cell:?}");
            let states = told::mail_states(&self.world.app, *client).await;
            assert_eq!(states, [DeliveryState::Sent], "{cell:?}");
        }
    }
}
