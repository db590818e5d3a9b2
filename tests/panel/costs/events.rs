//! What an event costs on its way: the workers' own specimens.

use serde_json::{Value, json};
use shared::testing::{Scene, Tally, TestApp};

use super::book::Book;

pub(crate) async fn price(book: &mut Book<'_>) {
    for worker in local::workers() {
        for specimen in &worker.specimens {
            let world = TestApp::start().await;
            let tally = Tally::new();
            let app = world.process(&tally.wire());
            let scene = Scene { app: app.clone(), client: world.client("acme").await, number: 1 };
            let event = specimen.in_scene(scene).await;
            let (_set_up, _read) = (tally.take(), app.config.take_read());
            let reply = (worker.handle)(app.clone(), event).await.unwrap();
            let situation = format!("{}, {}: {reply}", specimen.what, specimen.situation);
            assert!(is_done(&reply), "{situation}");
            let (bill, read) = (tally.take(), app.config.take_read());
            if let Some(most) = specimen.most_write_tenths {
                assert!(bill.write_units() * 10 <= specimen.count * most, "{situation}: {bill:?}");
            }
            if let Some(most) = specimen.most_read_units {
                assert!(
                    bill.half_read_units() <= 2 * specimen.count * most,
                    "{situation}: {bill:?}"
                );
            }
            book.event(worker.function.name, specimen, bill, &read);
        }
    }
}

/// Nothing is to be delivered again, and nothing was refused.
fn is_done(reply: &Value) -> bool {
    let failures = &reply["batchItemFailures"];
    (failures.is_null() || *failures == json!([])) && reply["refused"].is_null()
}
