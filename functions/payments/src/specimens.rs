//! What the payments worker is handed.

use serde_json::json;
use shared::{
    payments::Matter,
    testing::{EventSpecimen, Scene, deliveries, paid},
};

/// All of them.
#[must_use]
pub fn specimens() -> Vec<EventSpecimen> {
    vec![
        EventSpecimen::new("charge what is due", "paid", |scene: Scene| async move {
            json!(deliveries(paid::collecting(&scene, paid::PAYS).await))
        }),
        EventSpecimen::new("charge what is due", "declined", |scene: Scene| async move {
            json!(deliveries(paid::collecting(&scene, paid::DECLINED).await))
        }),
        EventSpecimen::new(
            "charge what is due",
            "its owner is wanted",
            |scene: Scene| async move { json!(deliveries(paid::collecting(&scene, paid::ASKS).await)) },
        ),
        EventSpecimen::new("charge what is due", "no card", |scene: Scene| async move {
            let Scene { app, client, .. } = &scene;
            paid::owing(app, *client).await;
            json!(deliveries(paid::due(app, *client, &Matter::Collect {}).await))
        }),
        EventSpecimen::new("ask what became of a payment", "", |scene: Scene| async move {
            let Scene { app, client, .. } = &scene;
            paid::card(app, *client, paid::PAYS).await;
            let invoice = paid::owing(app, *client).await;
            let attempt = paid::begun(app, *client, invoice).await;
            json!(deliveries(paid::due(app, *client, &Matter::Check { invoice, attempt }).await))
        }),
        EventSpecimen::new(
            "take the provider's word",
            "a card was typed",
            |scene: Scene| async move {
                let Scene { app, client, .. } = &scene;
                let (_, session) = paid::page_open(app, *client).await;
                paid::type_card(&session.url.unwrap_or_default(), paid::PAYS).await;
                json!(deliveries(paid::word(app, "checkout.session", &session.id)))
            },
        ),
        EventSpecimen::new("give money back", "", |scene: Scene| async move {
            let Scene { app, client, .. } = &scene;
            let (invoice, refund) = paid::returning(app, *client).await;
            json!(deliveries(paid::due(app, *client, &Matter::Refund { invoice, refund }).await))
        }),
        EventSpecimen::new("tell of a card that expires", "", |scene: Scene| async move {
            let Scene { app, client, .. } = &scene;
            let method = paid::card(app, *client, paid::PAYS).await;
            json!(deliveries(paid::due(app, *client, &Matter::Expiring { method }).await))
        }),
        EventSpecimen::new("begin a period", "", |scene: Scene| async move {
            let Scene { app, client, .. } = &scene;
            paid::owing(app, *client).await;
            json!(deliveries(paid::due(app, *client, &Matter::Begin {}).await))
        }),
    ]
}
