//! What SES tells now and then.

use serde_json::json;
use shared::testing::{EventSpecimen, Scene, deliveries, told};

/// All of them.
#[must_use]
pub fn specimens() -> Vec<EventSpecimen> {
    vec![EventSpecimen::new("mail came back", "", |scene: Scene| async move {
        let record = told::mailed(&scene.app, scene.client).await;
        json!(deliveries([told::bounce("owner@acme.test", &record.to_string())]))
    })]
}
