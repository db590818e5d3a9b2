//! What an operator has done.

use serde_json::json;
use shared::testing::{EventSpecimen, Scene};

/// All of them.
#[must_use]
pub fn specimens() -> Vec<EventSpecimen> {
    vec![
        EventSpecimen::new("staff login made", "", |Scene { number, .. }: Scene| async move {
            let email = format!("staff{number}@panel.example");
            json!({"create_staff": {"email": email, "name": "Sam"}})
        }),
        EventSpecimen::new("service key made", "", |_scene| async move {
            json!({"create_service_key": {"name": "gateway"}})
        }),
        EventSpecimen::new("plan set", "", |Scene { client, .. }: Scene| async move {
            json!({"set_plan": {"account": client.account, "plan": "growth"}})
        }),
    ]
}
