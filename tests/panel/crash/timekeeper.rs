//! The timekeeper's part: two timers of two clients are due. A minute that fails is made up for by the next.

use shared::{
    account::Founded,
    app::App,
    queue::Deliveries,
    testing::{TestApp, delivery, told},
};

use super::{Cell, Scenario, letters, matrix};

/// A minute of the clock.
#[derive(Debug, Clone)]
struct Minute;

struct Moving {
    world: TestApp,
    clients: [Founded; 2],
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_due_happens_once_whatever_happens_at_any_call() {
    assert_eq!(matrix::<Moving>().await, 132);
}

impl Scenario for Moving {
    type Record = Minute;

    async fn begin() -> (Self, Vec<Minute>) {
        let world = TestApp::start().await;
        let clients = [world.client("acme").await, world.client("umbrella").await];
        for client in clients {
            told::held(&world.scene(client)).await;
        }
        (Self { world, clients }, vec![Minute])
    }

    fn world(&self) -> &TestApp {
        &self.world
    }

    fn id(_record: &Minute) -> String {
        String::new()
    }

    async fn hand_over(app: App, records: Vec<Minute>) -> Vec<Minute> {
        let moved = timekeeper::handle(app, serde_json::json!({})).await;
        if moved.is_err() { records } else { Vec::new() }
    }

    async fn check(&self, cell: &Cell) {
        let messages = self.world.take("NoticesQueue").await;
        let records = messages
            .iter()
            .enumerate()
            .map(|(place, message)| delivery(&place.to_string(), message.to_string()));
        let deliveries = Deliveries { records: records.collect() };
        let failures = ::notifier::handle(self.world.app.clone(), deliveries).await;
        assert!(failures.batch_item_failures.is_empty(), "{cell:?}");
        assert_eq!(letters(&self.world), 2, "{cell:?}");
        for client in self.clients {
            assert!(told::waiting(&self.world.app, client).await.is_empty(), "{cell:?}");
        }
        assert!(told::due(&self.world.app).await.is_empty(), "nothing is due any more: {cell:?}");
    }
}
