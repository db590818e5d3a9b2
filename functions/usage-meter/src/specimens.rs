//! What the meter is handed all day.

use serde_json::{Value, json};
use shared::testing::{EventSpecimen, Scene, deliveries, queued_event, watched};

/// All of them, the commonest first.
#[must_use]
pub fn specimens() -> Vec<EventSpecimen> {
    const METERED: &str = "usage event metered";
    vec![
        EventSpecimen::new(METERED, "1 alone", |scene: Scene| async move {
            counted_before(&scene).await;
            one(&event(&scene, 0))
        }),
        EventSpecimen::new(METERED, "the first of a month", |scene: Scene| async move {
            one(&event(&scene, 0))
        }),
        EventSpecimen::new(METERED, "950 in a full batch", |scene: Scene| async move {
            counted_before(&scene).await;
            full(&scene, |event, _place| event)
        })
        .of(950)
        .at_most(22),
        EventSpecimen::new(METERED, "950, all delivered before", |scene: Scene| async move {
            let full = full(&scene, |event, _place| event);
            hand_over(&scene, full.clone()).await;
            full
        })
        .of(950),
        EventSpecimen::new(METERED, "950 with holds, in a full batch", |scene: Scene| async move {
            counted_before(&scene).await;
            let holds = watched::holds(&scene, 950).await;
            full(&scene, |mut event, place| {
                event["data"]["reservation_id"] = json!(holds[place - 1]);
                event
            })
        })
        .of(950)
        .at_most(44),
        EventSpecimen::new(
            METERED,
            "950 of 32 models in a full batch",
            |scene: Scene| async move {
                counted_before(&scene).await;
                full(&scene, |mut event, place| {
                    event["data"]["model"] = json!(format!("atlas-{:02}", place % 32));
                    event
                })
            },
        )
        .of(950),
        EventSpecimen::new(
            METERED,
            "1 alone, of a key and an instance",
            |scene: Scene| async move {
                counted_before(&scene).await;
                let mut event = event(&scene, 0);
                event["data"]["api_key_id"] = json!("key_01kapx0000000000000000000a");
                event["data"]["instance_id"] = json!("inst_01kapx0000000000000000000a");
                one(&event)
            },
        ),
        EventSpecimen::new(
            "usage event refused",
            "of an unknown account",
            |scene: Scene| async move {
                let mut stray = event(&scene, 0);
                stray["account"] = json!("acc_01kapx0000000000000000000a");
                one(&stray)
            },
        ),
    ]
}

fn event(scene: &Scene, place: usize) -> Value {
    let id = format!("gateway-eu-1-request-{}-{place:06}", scene.number);
    queued_event(scene.client, &id, &scene.app.clock.now().to_string())
}

fn one(event: &Value) -> Value {
    json!(deliveries([json!({"events": [event]})]))
}

/// Ten messages of as many events as one transaction counts.
fn full(scene: &Scene, change: impl Fn(Value, usize) -> Value) -> Value {
    json!(deliveries((0..10).map(|message| {
        let places = (0..95).map(|place| message * 95 + place + 1);
        let events: Vec<_> = places.map(|place| change(event(scene, place), place)).collect();
        json!({"events": events})
    })))
}

/// The account's first events make its counters.
async fn counted_before(scene: &Scene) {
    hand_over(scene, one(&event(scene, 1_000_000))).await;
}

async fn hand_over(scene: &Scene, event: Value) {
    let event = serde_json::from_value(event).expect("deliveries");
    assert!(crate::handle(scene.app.clone(), event).await.batch_item_failures.is_empty());
}
