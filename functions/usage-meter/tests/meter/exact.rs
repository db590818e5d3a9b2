//! Exact whatever the queue does.

use jiff::SignedDuration;
use proptest::{prelude::*, test_runner::Config};
use serde_json::{Value, json};
use shared::{
    plan::AiType,
    testing::{TestApp, deliveries, queued_event},
    usage::{Grain, OTHERS},
};

use crate::{THEN, meter, packed};

#[tokio::test]
async fn an_event_is_counted_once_however_often_it_comes() {
    let world = TestApp::start().await;
    let acme = world.client("acme").await;
    let event = queued_event(acme, "e1", THEN);
    let twice_in_one = packed(vec![event.clone(), event.clone()]);
    for _delivery in 0..3 {
        let failures = meter(&world, vec![twice_in_one.clone(), packed(vec![event.clone()])]).await;
        assert!(failures.batch_item_failures.is_empty());
    }
    for grain in [Grain::Month, Grain::Day, Grain::Hour] {
        let totals = world.counted(acme, grain).await;
        assert_eq!((totals.requests, totals.input_tokens, totals.output_tokens), (1, 374, 44));
        assert_eq!(totals.cost.to_string(), "0.000353");
    }
}

#[tokio::test]
async fn a_partly_counted_batch_counts_only_the_rest() {
    let world = TestApp::start().await;
    let acme = world.client("acme").await;
    let event = |number: usize| queued_event(acme, &format!("e{number}"), THEN);
    meter(&world, vec![packed((0..5).map(event))]).await;
    meter(&world, vec![packed((0..300).map(event))]).await;
    assert_eq!(world.counted(acme, Grain::Month).await.requests, 300);
}

#[tokio::test]
async fn however_many_models_there_are_every_event_is_counted_and_a_hundred_are_told_apart() {
    let world = TestApp::start().await;
    let acme = world.client("acme").await;
    let event = |model: usize| {
        let mut event = queued_event(acme, &format!("e{model}"), THEN);
        event["data"]["model"] = json!(format!("{model:064}"));
        event
    };
    for hundreds in 0..15 {
        let events = (hundreds * 100..hundreds * 100 + 100).map(event);
        assert!(meter(&world, vec![packed(events)]).await.batch_item_failures.is_empty());
    }
    // One that is known has its name still.
    meter(&world, vec![packed([queued_event(acme, "late", THEN)])]).await;
    let mut known = queued_event(acme, "known", THEN);
    known["data"]["model"] = json!(format!("{:064}", 7));
    meter(&world, vec![packed([known])]).await;
    for grain in [Grain::Month, Grain::Day, Grain::Hour] {
        let counters = world.counters(acme, grain).await;
        let requests = |model: &str| {
            counters.by_model.get(&(AiType::Text, model.to_owned())).map(|it| it.requests)
        };
        assert_eq!(counters.totals.requests, 1502);
        assert_eq!(counters.by_model.len(), 101);
        assert_eq!(requests(OTHERS), Some(1401));
        assert_eq!(requests(&format!("{:064}", 7)), Some(2));
    }
}

#[tokio::test]
async fn one_run_names_few_new_models_however_many_days_it_counts() {
    let world = TestApp::start().await;
    let acme = world.client("acme").await;
    let events = (0..200).map(|model| {
        let day = 10 + model % 10;
        let time = format!("2026-11-{day}T10:30:00Z");
        let mut event = queued_event(acme, &format!("e{model}"), &time);
        event["data"]["model"] = json!(format!("{model:064}"));
        event
    });
    assert!(meter(&world, vec![packed(events)]).await.batch_item_failures.is_empty());
    let month = world.counters(acme, Grain::Month).await;
    assert_eq!((month.totals.requests, month.by_model.len()), (200, 65));
}

#[tokio::test]
async fn what_cannot_be_counted_is_a_dead_letter_with_its_reason_and_its_siblings_count() {
    let world = TestApp::start().await;
    let acme = world.client("acme").await;
    let mut foreign = queued_event(acme, "foreign", THEN);
    foreign["account"] = json!("acc_01kapx0000000000000000000a");
    let old = queued_event(acme, "old", "2026-10-18T11:59:59Z");
    let bodies = vec![
        packed(vec![queued_event(acme, "good", THEN), foreign, old]),
        json!({"nonsense": true}),
    ];
    assert!(meter(&world, bodies).await.batch_item_failures.is_empty());
    assert_eq!(world.counted(acme, Grain::Month).await.requests, 1);
    let letters = world.take("UsageDeadLetters").await;
    let mut codes: Vec<_> = letters.iter().map(|letter| letter["code"].as_str().unwrap()).collect();
    codes.sort_unstable();
    assert_eq!(codes, ["malformed", "too_old", "unknown_account"]);
}

#[tokio::test]
async fn a_dead_letter_that_is_put_back_is_judged_anew_and_keeps_its_reason() {
    let world = TestApp::start().await;
    let acme = world.client("acme").await;
    let old = queued_event(acme, "old", "2026-10-18T11:59:59Z");
    meter(&world, vec![packed(vec![old]), json!("nonsense")]).await;
    let letters = world.take("UsageDeadLetters").await;
    meter(&world, letters.clone()).await;
    assert_eq!(world.take("UsageDeadLetters").await, letters, "redriving changes nothing");

    let fresh =
        json!({"code": "unknown_account", "detail": "", "event": queued_event(acme, "e1", THEN)});
    meter(&world, vec![fresh.clone(), fresh]).await;
    assert_eq!(world.counted(acme, Grain::Month).await.requests, 1);
}

#[tokio::test]
async fn an_account_that_cannot_be_read_holds_up_no_other() {
    let world = TestApp::start().await;
    let (acme, broken) = (world.client("acme").await, world.client("broken").await);
    let key = shared::account::account_key(world.tenant(broken));
    let update = shared::table::Update::new().set("created_at", "no moment");
    let _written: shared::table::Written<Value> =
        world.app.table.update(&key, update).await.unwrap();
    let bodies = [acme, broken].map(|client| packed([queued_event(client, "e", THEN)])).to_vec();
    let failures = meter(&world, bodies).await.batch_item_failures;
    assert_eq!(failures.len(), 1);
    assert_eq!(failures[0].item_identifier, "m1");
    assert_eq!(world.counted(acme, Grain::Month).await.requests, 1);
}

#[tokio::test]
async fn clients_are_counted_apart() {
    let world = TestApp::start().await;
    let (acme, umbrella) = (world.client("acme").await, world.client("umbrella").await);
    let events = vec![queued_event(acme, "same", THEN), queued_event(umbrella, "same", THEN)];
    meter(&world, vec![packed(events)]).await;
    assert_eq!(world.counted(acme, Grain::Month).await.requests, 1);
    assert_eq!(world.counted(umbrella, Grain::Month).await.requests, 1);
}

#[tokio::test]
async fn four_meters_at_once_count_like_one() {
    let world = TestApp::start().await;
    let acme = world.client("acme").await;
    let body = packed((0..200).map(|n| queued_event(acme, &format!("e{n}"), THEN)));
    let runs = (0..4).map(|_| {
        let (app, bodies) = (world.app.clone(), deliveries([body.clone()]));
        tokio::spawn(usage_meter::handle(app, bodies))
    });
    for run in runs.collect::<Vec<_>>() {
        assert!(run.await.unwrap().batch_item_failures.is_empty());
    }
    assert_eq!(world.counted(acme, Grain::Day).await.requests, 200);
}

#[tokio::test]
async fn an_unknown_plan_counts_nothing_and_comes_again() {
    let world = TestApp::start().await;
    let acme = world.client("acme").await;
    let update = shared::table::Update::new()
        .set_serialized("plan", &json!({"id": "gone", "version": 9}))
        .unwrap()
        .remove("terms");
    let key = shared::account::account_key(world.tenant(acme));
    let _written: shared::table::Written<Value> =
        world.app.table.update(&key, update).await.unwrap();
    let failures = meter(&world, vec![packed(vec![queued_event(acme, "e1", THEN)])]).await;
    assert_eq!(failures.batch_item_failures.len(), 1);
    assert_eq!(world.counted(acme, Grain::Month).await.requests, 0);
}

proptest! {
    #![proptest_config(Config { cases: 12, failure_persistence: None, ..Config::default() })]

    /// Any deliveries of any cuts of a set of events, in any order, across midnight: the totals
    /// are the set's.
    #[test]
    fn any_delivery_counts_the_set(
        sizes in prop::collection::vec(1u64..5000, 1..40),
        cuts in prop::collection::vec(prop::collection::vec(any::<prop::sample::Index>(), 1..60), 1..6),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let world = TestApp::start().await;
            let acme = world.client("acme").await;
            let events: Vec<Value> = sizes.iter().enumerate().map(|(place, size)| {
                let back = SignedDuration::from_mins(47 * i64::try_from(place).unwrap());
                let time = (world.app.clock.now() - back).to_string();
                let mut event = queued_event(acme, &format!("e{place}"), &time);
                event["data"]["input_tokens"] = json!(size);
                event
            }).collect();
            for cut in &cuts {
                let body = packed(cut.iter().map(|index| index.get(&events).clone()));
                assert!(meter(&world, vec![body]).await.batch_item_failures.is_empty());
            }
            meter(&world, vec![packed(events)]).await;
            for grain in [Grain::Month, Grain::Day, Grain::Hour] {
                let totals = world.counted(acme, grain).await;
                assert_eq!(totals.requests, sizes.len() as u64);
                assert_eq!(totals.input_tokens, sizes.iter().sum::<u64>());
            }
        });
    }
}
