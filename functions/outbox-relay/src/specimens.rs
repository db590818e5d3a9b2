//! What the relay is handed all day.

use serde_json::json;
use shared::{
    outbox::{Job, OutboxRecord},
    testing::{EventSpecimen, Scene},
};

/// All of them.
#[must_use]
pub fn specimens() -> Vec<EventSpecimen> {
    let records = |Scene { app, .. }: Scene| async move {
        let now = app.clock.now();
        let jobs = Job::one_of_each(now, &app.random);
        let record = |place: usize| {
            let job = jobs[place % jobs.len()].clone();
            let record = OutboxRecord::new(job, now, &app.random);
            let image: serde_dynamo::Item = serde_dynamo::to_item(&record).expect("an item");
            json!({"eventName": "INSERT",
                "dynamodb": {"SequenceNumber": place.to_string(), "NewImage": image}})
        };
        json!({"Records": (0..10).map(record).collect::<Vec<_>>()})
    };
    vec![EventSpecimen::new("outbox record relayed", "10 records", records).of(10)]
}
