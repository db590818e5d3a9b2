//! The relay's part: more records than one call takes.

use std::collections::BTreeSet;

use outbox_relay::{Change, StreamEvent, StreamRecord};
use shared::{
    app::App,
    id::TokenId,
    outbox::{Job, OutboxRecord},
    testing::TestApp,
};

use super::{Cell, Scenario, matrix};

struct Relay {
    world: TestApp,
    ids: BTreeSet<String>,
}

#[tokio::test(flavor = "multi_thread")]
async fn the_relay_loses_no_record_whatever_happens_at_any_call() {
    assert_eq!(matrix::<Relay>().await, 60);
}

impl Scenario for Relay {
    type Record = StreamRecord;

    async fn begin() -> (Self, Vec<StreamRecord>) {
        let world = TestApp::start().await;
        let now = world.app.clock.now();
        let mut ids = BTreeSet::new();
        let records = (0..25).map(|place| {
            let job = Job::Mail { token: TokenId::new(now, &world.app.random) };
            let record = OutboxRecord::new(job, now, &world.app.random);
            ids.insert(record.id.to_string());
            StreamRecord {
                dynamodb: Change {
                    sequence_number: format!("{place:03}"),
                    new_image: serde_dynamo::to_item(&record).unwrap(),
                },
            }
        });
        let records = records.collect();
        (Self { world, ids }, records)
    }

    fn world(&self) -> &TestApp {
        &self.world
    }

    fn id(record: &StreamRecord) -> String {
        record.dynamodb.sequence_number.clone()
    }

    /// The stream goes on where the first failure was.
    async fn hand_over(app: App, records: Vec<StreamRecord>) -> Vec<StreamRecord> {
        let event = StreamEvent { records: records.clone() };
        let failures = outbox_relay::handle(app, event).await.batch_item_failures;
        let Some(first) = failures.into_iter().next() else { return Vec::new() };
        let from = |record: &StreamRecord| record.dynamodb.sequence_number >= first.item_identifier;
        records.into_iter().filter(from).collect()
    }

    async fn check(&self, cell: &Cell) {
        let sent = self.world.take("MailQueue").await;
        let sent: BTreeSet<String> =
            sent.iter().map(|body| body["id"].as_str().unwrap().to_owned()).collect();
        assert_eq!(sent, self.ids, "{cell:?}");
    }
}
