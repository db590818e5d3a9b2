//! What the notifier is handed all day.

use serde_json::json;
use shared::{
    outbox::Job,
    testing::{EventSpecimen, Scene, deliveries, told},
};

/// All of them.
#[must_use]
pub fn specimens() -> Vec<EventSpecimen> {
    let what = "notice";
    vec![
        EventSpecimen::new(what, "in the portal alone", |scene: Scene| async move {
            told::without_mail(&scene).await;
            json!(deliveries([told::message(&scene).await]))
        })
        .at_most(40),
        EventSpecimen::new(what, "and mailed", |scene: Scene| async move {
            json!(deliveries([told::message(&scene).await]))
        }),
        EventSpecimen::new(
            what,
            "of a change, and mailed",
            |Scene { app, client, .. }: Scene| async move {
                let id = told::change(&app, client, "nightly", 1).await;
                json!(deliveries([told::record(&app, id, Job::Notice {})]))
            },
        ),
        EventSpecimen::new(what, "and gathered", |scene: Scene| async move {
            told::mailed_before(&scene).await;
            json!(deliveries([told::message(&scene).await]))
        }),
        EventSpecimen::new(what, "and held for the digest", |scene: Scene| async move {
            told::daily(&scene.app, scene.client).await;
            json!(deliveries([told::message(&scene).await]))
        }),
        EventSpecimen::new("what waited goes", "one notice", |scene: Scene| async move {
            told::held(&scene).await;
            json!(deliveries(told::due(&scene.app).await))
        }),
    ]
}
