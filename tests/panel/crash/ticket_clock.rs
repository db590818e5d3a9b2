//! The ticket clock's part: one ticket's promise is late, and one was resolved a week ago.

use jiff::SignedDuration;
use shared::{
    account::Founded,
    app::App,
    queue::{Deliveries, Delivery},
    table::Read,
    testing::{TestApp, delivery, ticketed, told},
    ticket::{Status, Ticket, conversation, ticket_key},
};

use super::{Cell, Scenario, left, matrix, notices};

struct TicketClock {
    world: TestApp,
    client: Founded,
    late: Ticket,
    over: Ticket,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_is_warned_of_and_closed_once_whatever_happens_at_any_call() {
    assert_eq!(matrix::<TicketClock>().await, 138);
}

impl TicketClock {
    async fn now(&self, ticket: &Ticket) -> Ticket {
        let key = ticket_key(self.world.tenant(self.client), ticket.id);
        self.world.app.table.get(&key, Read::Strong).await.unwrap().unwrap()
    }
}

impl Scenario for TicketClock {
    type Record = Delivery;

    async fn begin() -> (Self, Vec<Delivery>) {
        let world = TestApp::start().await;
        let client = world.client("acme").await;
        ticketed::staffed(&world.app, client).await;
        let days = |days: i64| world.app.clock.now() - SignedDuration::from_hours(24 * days);
        let late = ticketed::opened(&world.app, client, 1, days(30)).await;
        let over = ticketed::resolved(&world.app, client, 2, days(8)).await;
        let due = told::due(&world.app).await.into_iter().enumerate();
        let records =
            due.map(|(place, body)| delivery(&place.to_string(), body.to_string())).collect();
        (Self { world, client, late, over }, records)
    }

    fn world(&self) -> &TestApp {
        &self.world
    }

    fn id(record: &Delivery) -> String {
        record.message_id.clone()
    }

    async fn hand_over(app: App, records: Vec<Delivery>) -> Vec<Delivery> {
        let deliveries = Deliveries { records: records.clone() };
        left(records, &ticket_clock::handle(app, deliveries).await)
    }

    async fn check(&self, cell: &Cell) {
        let (late, over) = (self.now(&self.late).await, self.now(&self.over).await);
        assert_eq!((late.status, late.warned.len()), (Status::Open, 4), "{cell:?}");
        assert_eq!(over.status, Status::Closed, "{cell:?}");
        let app = &self.world.app;
        let talk = conversation(app, self.world.tenant(self.client), over.id).await.unwrap();
        assert_eq!(talk.len(), 3, "{cell:?}");
        // Of the first reply and of the solution, and that the other is closed.
        assert_eq!(notices(&self.world), 3, "{cell:?}");
        assert!(told::due(app).await.is_empty(), "{cell:?}");
    }
}
