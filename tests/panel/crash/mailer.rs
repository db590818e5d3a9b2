//! The mailer's part: two mails, each of which goes once, or twice where nobody could know.

use jiff::SignedDuration;
use shared::{
    app::App,
    auth::one_time_item,
    id::TokenId,
    outbox::{Job, OutboxRecord},
    queue::{Deliveries, Delivery},
    testing::{Fault, TestApp, delivery, registration},
};

use super::{Cell, Length, Scenario, left, matrix};

const RECIPIENTS: [&str; 2] = ["ada@acme.test", "bob@acme.test"];

struct Mailer {
    world: TestApp,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_goes_once_whatever_happens_at_any_call() {
    assert_eq!(matrix::<Mailer>().await, 192);
}

impl Scenario for Mailer {
    type Record = Delivery;

    async fn begin() -> (Self, Vec<Delivery>) {
        let world = TestApp::start().await;
        let app = &world.app;
        let mut records = Vec::new();
        for email in RECIPIENTS {
            let (now, id) = (app.clock.now(), TokenId::new(app.clock.now(), &app.random));
            let errand = registration(email, "Ada");
            let day = SignedDuration::from_hours(24);
            let (key, item) = one_time_item(&app.config, id, now, day, errand).unwrap();
            app.table.put(&key, &item).await.unwrap();
            let record = OutboxRecord::new(Job::Mail { token: id }, now, &app.random);
            let body = serde_json::to_string(&record).unwrap();
            records.push(delivery(email, body));
        }
        (Self { world }, records)
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
        for (place, recipient) in RECIPIENTS.into_iter().enumerate() {
            let sent = mails.iter().filter(|mail| mail.to == recipient).count();
            // The two mails make the same calls, one after the other.
            let met = (cell.point - 1) / (cell.operations.len() / RECIPIENTS.len()) == place;
            let most = if met && nobody_could_know(cell) { 2 } else { 1 };
            assert!((1..=most).contains(&sent), "{sent} mails to {recipient}: {cell:?}");
        }
    }
}

/// SES said yes, and the answer was lost or could not be noted.
pub(crate) fn nobody_could_know(cell: &Cell) -> bool {
    let at = |place: usize| cell.operations.get(place).map(String::as_str);
    let (here, before) = (at(cell.point - 1), cell.point.checked_sub(2).and_then(at));
    let sending = here == Some("SendRawEmail")
        && matches!(cell.fault, Fault::TimeoutAfter | Fault::LostReply | Fault::KillAfter);
    let noting = before == Some("SendRawEmail")
        && (cell.length == Length::Lasting || cell.fault == Fault::KillBefore);
    sending || noting
}
