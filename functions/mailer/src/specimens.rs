//! What the mailer is handed all day.

use serde_json::json;
use shared::{
    notify::send_link,
    outbox::{Job, OutboxRecord},
    testing::{EventSpecimen, Scene, deliveries, registration, told},
};

/// All of them.
#[must_use]
pub fn specimens() -> Vec<EventSpecimen> {
    vec![
        EventSpecimen::new("letter sent", "one notification", |scene: Scene| async move {
            let id = told::mailed(&scene.app, scene.client).await;
            json!(deliveries([told::record(&scene.app, id, Job::Letter {})]))
        }),
        EventSpecimen::new("mail sent", "", |Scene { app, number, .. }: Scene| async move {
            let errand = registration(&format!("ada{number}@acme.test"), "Ada");
            let mut transaction = app.table.transaction::<()>();
            let now = app.clock.now();
            let token = send_link(&app, now, errand, &mut transaction).expect("the settings");
            transaction.commit().await.expect("written");
            let record = OutboxRecord::new(Job::Mail { token }, now, &app.random);
            json!(deliveries([json!(record)]))
        }),
    ]
}
