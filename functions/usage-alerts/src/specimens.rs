//! What the alerts worker is handed all day.

use serde_json::json;
use shared::{
    account::set_plan,
    testing::{EventSpecimen, Scene, deliveries, told, watched},
};

/// All of them.
#[must_use]
pub fn specimens() -> Vec<EventSpecimen> {
    let what = "look at what was used";
    vec![
        EventSpecimen::new(what, "nothing to tell", |scene: Scene| async move {
            json!(deliveries(watched::touched(&scene, 1).await))
        })
        .reading_at_most(4),
        EventSpecimen::new(what, "a threshold is crossed", |scene: Scene| async move {
            json!(deliveries(watched::touched(&scene, 40_000_000).await))
        }),
        EventSpecimen::new(what, "a raised limit takes it back", |scene: Scene| async move {
            let crossed = json!(deliveries(watched::touched(&scene, 40_000_000).await));
            let crossed = serde_json::from_value(crossed).expect("deliveries");
            assert!(crate::handle(scene.app.clone(), crossed).await.batch_item_failures.is_empty());
            let scale = scene.app.plans.newest("scale").expect("a plan").reference();
            set_plan(&scene.app, scene.client.account, &scale).await.expect("set");
            json!(deliveries(told::due(&scene.app).await))
        }),
        EventSpecimen::new(what, "of a key, nothing to tell", |scene: Scene| async move {
            json!(deliveries(watched::touched_key(&scene, 1).await))
        }),
    ]
}
