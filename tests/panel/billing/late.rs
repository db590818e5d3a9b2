//! What is told late, and what is taken back: billed once, whenever it comes.

use serde_json::json;
use shared::testing::paid::PAYS;

use super::{Story, lines, of, text};

#[tokio::test]
async fn what_comes_in_the_grace_is_on_the_invoice_and_what_comes_after_it_on_the_next() {
    let mut it = Story::begin("2026-10-05T00:00:00Z", "starter").await;
    it.save_card(PAYS).await;
    it.walk_to("2026-11-01T11:00:00Z").await;
    // Past what is included: 20 million tokens are 10.00.
    it.used("grace", "2026-10-31T23:59:59Z", text(1, 20_000_000)).await;
    it.walk_to("2026-11-01T12:00:00Z").await;
    it.used("late", "2026-10-31T23:00:00Z", text(1, 10_000_000)).await;
    it.walk_to("2026-12-01T12:00:00Z").await;
    let out = it.invoices().await;
    // Included: 4,419,355 of 20,000,000 tokens: 2.2096775, and the request.
    assert_eq!(lines(&out[0]), of(&[("usage", "10.00"), ("included", "-2.21"), ("base", "29.00")]));
    // Now 30,000,000 tokens at 15.00, of which as many are included: 5.00 more, and nothing more included.
    assert_eq!(lines(&out[1]), of(&[("late_usage", "5.00"), ("base", "29.00")]));
}

#[tokio::test]
async fn what_is_taken_back_is_subtracted_once_in_either_order_and_stays_in_the_log() {
    let it = Story::begin("2026-10-05T00:00:00Z", "growth").await;
    let time = "2026-10-05T00:00:00Z";
    it.used("e1", time, text(3, 9_000)).await;
    it.used("e2", time, text(4, 1_000)).await;
    it.taken_back("e1", time).await;
    it.taken_back("e1", time).await;
    it.taken_back("e3", time).await;
    it.used("e3", time, text(5, 5_000)).await;
    it.used("e1", time, text(3, 9_000)).await;
    it.used("e3", time, text(5, 5_000)).await;
    let usage = it.acme.get("/v1/usage?granularity=hour").await.json();
    assert_eq!(
        (&usage["totals"]["requests"], &usage["totals"]["tokens"]),
        (&json!(4), &json!(1_000))
    );
    let dashboard = it.acme.get("/v1/dashboard").await.json();
    assert_eq!(dashboard["usage"]["requests"], 4);
    let log = it.acme.get("/v1/usage/events").await.json();
    let marked = log["items"].as_array().unwrap().iter();
    let mut marked: Vec<_> = marked
        .map(|it| (it["id"].as_str().unwrap().to_owned(), it["taken_back_at"].is_string()))
        .collect();
    marked.sort();
    let expected = [("e1", true), ("e2", false), ("e3", true)];
    assert_eq!(marked, expected.map(|(id, marked)| (id.to_owned(), marked)));
}

#[tokio::test]
async fn what_is_taken_back_after_its_invoice_is_a_correction_on_the_next() {
    let mut it = Story::begin("2026-10-05T00:00:00Z", "starter").await;
    it.save_card(PAYS).await;
    it.used("e1", "2026-10-05T00:00:00Z", text(1, 20_000_000)).await;
    it.walk_to("2026-11-02T00:00:00Z").await;
    it.taken_back("e1", "2026-10-05T00:00:00Z").await;
    it.walk_to("2026-12-01T12:00:00Z").await;
    let out = it.invoices().await;
    assert_eq!(lines(&out[0])[..2], of(&[("usage", "10.00"), ("included", "-2.21")]));
    assert_eq!(lines(&out[1]), of(&[("correction", "-7.79"), ("base", "29.00")]));
    let correction = &out[1]["lines"][0];
    assert_eq!(
        (&correction["usage"]["requests"], &correction["usage"]["tokens"]),
        (&json!(-1), &json!(-20_000_000))
    );
}

#[tokio::test]
async fn usage_of_a_month_with_a_price_is_billed_also_where_the_account_has_none_any_more() {
    let mut it = Story::begin("2026-10-05T00:00:00Z", "starter").await;
    it.walk_to("2026-10-20T00:00:00Z").await;
    it.world.set_plan(&it.acme.account, "free").await;
    it.walk_to("2026-11-02T00:00:00Z").await;
    assert_eq!(it.invoices().await.len(), 0, "nothing was used, and nothing comes");
    it.used("late", "2026-10-10T00:00:00Z", text(1, 20_000_000)).await;
    it.walk_to("2026-12-01T12:00:00Z").await;
    let out = it.invoices().await;
    // Starter for 15 of 31 days and free for the rest: 2,677,420 tokens are included, 1.33871 of 10.00; the price of
    // the request is included.
    assert_eq!(lines(&out[0]), of(&[("late_usage", "8.66")]));
}
