//! The closing's part: one month is to be drafted, one goes out with what was used, and what was used late of the
//! month before.

use shared::{
    account::Founded,
    app::App,
    billing::{Balance, INVOICES, Invoice, InvoiceState, balance_key},
    money::Pico,
    queue::{Deliveries, Delivery},
    table::{Range, Read},
    testing::{
        TestApp,
        billed::{self, Used},
        delivery, told,
    },
};

use super::{Cell, Scenario, left, matrix, notices};

struct Closing {
    world: TestApp,
    drafted: Founded,
    out: Founded,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_month_closes_once_whatever_happens_at_any_call() {
    assert_eq!(matrix::<Closing>().await, 196);
}

impl Closing {
    async fn invoices(&self, client: Founded) -> Vec<Invoice> {
        let range = Range::prefix(self.world.tenant(client), INVOICES).strong();
        self.world.app.table.all(range).await.unwrap()
    }

    async fn due(&self, client: Founded) -> Pico {
        let key = balance_key(self.world.tenant(client));
        let balance: Option<Balance> = self.world.app.table.get(&key, Read::Strong).await.unwrap();
        balance.map_or(Pico::ZERO, |it| it.due)
    }
}

impl Scenario for Closing {
    type Record = Delivery;

    async fn begin() -> (Self, Vec<Delivery>) {
        let world = TestApp::start().await;
        let (drafted, out) = (world.client("acme").await, world.client("umbrella").await);
        billed::ended(&world.scene(drafted), Used::Nothing).await;
        let due = billed::late(&world.scene(out)).await.into_iter().enumerate();
        let records =
            due.map(|(place, body)| delivery(&place.to_string(), body.to_string())).collect();
        (Self { world, drafted, out }, records)
    }

    fn world(&self) -> &TestApp {
        &self.world
    }

    fn id(record: &Delivery) -> String {
        record.message_id.clone()
    }

    async fn hand_over(app: App, records: Vec<Delivery>) -> Vec<Delivery> {
        let deliveries = Deliveries { records: records.clone() };
        left(records, &closing::handle(app, deliveries).await)
    }

    async fn check(&self, cell: &Cell) {
        let drafts = self.invoices(self.drafted).await;
        assert_eq!(drafts.len(), 1, "{cell:?}");
        assert_eq!((drafts[0].state, &drafts[0].number), (InvoiceState::Draft, &None), "{cell:?}");
        let out = self.invoices(self.out).await;
        assert_eq!(out.len(), 1, "{cell:?}");
        let number = out[0].number.as_deref();
        assert_eq!((out[0].state, number), (InvoiceState::Open, Some("INV-000001")), "{cell:?}");
        assert_eq!(self.due(self.out).await, out[0].amount_due, "{cell:?}");
        assert_eq!(notices(&self.world), 1, "{cell:?}");
        // The months after these, and the draft's second stage, are still to come.
        let due = told::due(&self.world.app).await;
        assert_eq!(
            due.len(),
            2,
            "{cell:?}: the draft goes out once the grace is over, what is due is charged"
        );
    }
}
