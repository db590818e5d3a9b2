//! What the ticket clock is handed.

use serde_json::json;
use shared::testing::{EventSpecimen, Scene, deliveries, ticketed};

/// All of them.
#[must_use]
pub fn specimens() -> Vec<EventSpecimen> {
    let what = "look at a ticket";
    vec![
        EventSpecimen::new(what, "its promise is late", |scene: Scene| async move {
            json!(deliveries(ticketed::overdue(&scene).await))
        }),
        EventSpecimen::new(what, "nothing is due of it yet", |scene: Scene| async move {
            json!(deliveries(ticketed::early(&scene).await))
        }),
        EventSpecimen::new(what, "it was resolved a week ago", |scene: Scene| async move {
            json!(deliveries(ticketed::over(&scene).await))
        }),
    ]
}
