//! How near the limits are and what one is told of them, in the reader's language.

use serde_json::json;
use shared::web::{Language, Preferences, Text};
use tests::World;

use crate::browser::{Browser, Scripts, browse};

/// From the dashboard that says why requests are refused to what helps, and what was told on the way.
async fn learns_why_and_sets_a_cap(world: &World, browser: &Browser, language: Language) {
    let text = Text::new(Preferences { language, ..Preferences::default() });
    let client = world.client(&format!("reader{}", language.code())).await;
    client.patch("/v1/profile", &json!({"locale": language.code()})).await;
    for (place, tokens) in [46_000_000, 5_000_000].into_iter().enumerate() {
        world.advance(600).await;
        let mut event = client.event(&format!("{}{place}", language.code()));
        event["data"]["input_tokens"] = json!(tokens);
        world.report(&[event]).await;
        world.drain().await;
    }
    browser.sign_in(&client.email).await;
    let day = text.format().date(&jiff::civil::date(2026, 12, 1));
    let metric = text.get("metric-tokens");
    let refused = text.with2("usage-refused-plan", ("day", &day), ("metric", &metric));
    assert!(browser.text(".notice.over").await.contains(&refused));
    browser.follow(".notice.over a").await;
    assert_eq!(browser.text("h1").await, text.get("alerts-title"));
    assert!(browser.text(".notice.over").await.contains(&refused));
    let told = browser.text("main section .entries").await;
    for words in ["alerts-refuses", "alerts-crossed", "delivery-delivered", "delivery-sent"] {
        assert!(told.contains(&text.get(words)), "{words}: {told}");
    }
    browser.fill("#cost_cap", "12,5 USD").await;
    browser.follow("main form button.button").await;
    assert!(browser.text("main .wrong").await.contains(&text.get("field-amount_invalid")));
    browser.fill("#cost_cap", "12.50").await;
    browser.follow("main form button.button").await;
    assert!(browser.text(".notice").await.contains(&text.get("alerts-saved")));
    let cap = client.get("/v1/usage/alerts").await.json()["cost_cap"]["amount"].clone();
    assert_eq!(cap, "12.50");
}

#[tokio::test]
async fn who_is_at_a_limit_reads_what_helps_in_every_language() {
    let world = World::start().await;
    browse(&world.site, Scripts::On, async |browser: &Browser| {
        for language in Language::all() {
            learns_why_and_sets_a_cap(&world, browser, language).await;
            browser.delete_all_cookies().await.unwrap();
        }
    })
    .await;
}
