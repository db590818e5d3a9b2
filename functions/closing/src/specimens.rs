//! What the closing is handed.

use serde_json::json;
use shared::testing::{EventSpecimen, Scene, billed, deliveries};

/// All of them.
#[must_use]
pub fn specimens() -> Vec<EventSpecimen> {
    let draft = "draft an invoice";
    let send = "send an invoice out";
    vec![
        EventSpecimen::new(draft, "a base and nothing else", |scene: Scene| async move {
            json!(deliveries(billed::ended(&scene, billed::Used::Nothing).await))
        }),
        EventSpecimen::new(draft, "a month of usage", |scene: Scene| async move {
            json!(deliveries(billed::ended(&scene, billed::Used::EveryDay).await))
        }),
        EventSpecimen::new(send, "a base and nothing else", |scene: Scene| async move {
            json!(deliveries(billed::drafted(&scene, billed::Used::Nothing).await))
        }),
        EventSpecimen::new(send, "a month of usage", |scene: Scene| async move {
            json!(deliveries(billed::drafted(&scene, billed::Used::EveryDay).await))
        }),
        EventSpecimen::new(send, "and late usage", |scene: Scene| async move {
            json!(deliveries(billed::late(&scene).await))
        }),
    ]
}
