//! What the timekeeper meets all day.

use serde_json::json;
use shared::{
    payments::Matter,
    testing::{EventSpecimen, Scene, billed, paid, ticketed, told, watched},
};

/// All of them.
#[must_use]
pub fn specimens() -> Vec<EventSpecimen> {
    vec![
        EventSpecimen::new("minute", "nothing due", |_scene: Scene| async move { json!({}) }),
        EventSpecimen::new("minute", "one timer due", |scene: Scene| async move {
            told::held(&scene).await;
            json!({})
        }),
        EventSpecimen::new("minute", "one account to be looked at", |scene: Scene| async move {
            watched::touched(&scene, 1).await;
            json!({})
        }),
        EventSpecimen::new("minute", "one ticket to be looked at", |scene: Scene| async move {
            ticketed::overdue(&scene).await;
            json!({})
        }),
        EventSpecimen::new("minute", "one payment to be looked after", |scene: Scene| async move {
            paid::due(&scene.app, scene.client, &Matter::Collect {}).await;
            json!({})
        }),
        EventSpecimen::new("minute", "one month to be closed", |scene: Scene| async move {
            billed::ended(&scene, billed::Used::Nothing).await;
            json!({})
        }),
    ]
}
