//! A hot account: its usage is spread wider, and stays exact.

use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::{SignedDuration, Timestamp};
use proptest::{prelude::*, test_runner::Config};
use serde_json::{Value, json};
use shared::{
    account::{Account, Founded, account_key},
    table::Read,
    testing::{Fault, Faults, TestApp, deliveries, queued_event},
    usage::Grain,
};

use crate::{THEN, meter, packed};

async fn account(world: &TestApp, client: Founded) -> Account {
    let key = account_key(world.tenant(client));
    world.app.table.get(&key, Read::Strong).await.unwrap().unwrap()
}

/// The first so many transactions conflict with another meter's.
fn conflicting(conflicts: usize) -> Faults {
    let met = AtomicUsize::new(0);
    Faults::new(move |call| {
        let commits = call.operation == "TransactWriteItems";
        (commits && met.fetch_add(1, Ordering::SeqCst) < conflicts).then_some(Fault::Conflict)
    })
}

#[tokio::test]
async fn meters_that_keep_conflicting_spread_the_account_wider_from_a_day_to_come() {
    let world = TestApp::start().await;
    let acme = world.client("acme").await;
    let event = |id: &str| deliveries([packed([queued_event(acme, id, THEN)])]);
    let today = account(&world, acme).await.zones.day(world.app.clock.now());

    usage_meter::handle(world.process(&conflicting(2).wire()), event("warm")).await;
    assert!(account(&world, acme).await.spread.is_plain(), "a conflict now and then is nothing");
    for delivery in ["hot", "hotter"] {
        let faults = conflicting(3);
        usage_meter::handle(world.process(&faults.wire()), event(delivery)).await;
    }
    let spread = account(&world, acme).await.spread;
    assert_eq!(spread.on(today.tomorrow().unwrap()).events, 1);
    assert_eq!(spread.on(today.saturating_add(jiff::Span::new().days(2))).events, 16);
    assert_eq!(world.counted(acme, Grain::Month).await.requests, 3);
}

#[tokio::test]
async fn conflicts_that_never_end_spread_the_account_as_well_and_the_events_come_again() {
    let world = TestApp::start().await;
    let acme = world.client("acme").await;
    let event = deliveries([packed([queued_event(acme, "hot", THEN)])]);
    let faults = conflicting(usize::MAX);
    let failures = usage_meter::handle(world.process(&faults.wire()), event).await;
    assert_eq!(failures.batch_item_failures.len(), 1);
    assert!(!account(&world, acme).await.spread.is_plain());
}

/// What happens to a hot account.
#[derive(Debug, Clone)]
enum Step {
    /// Some events come, for the first time or again.
    Deliver(Vec<prop::sample::Index>),
    /// Its meters conflict.
    Heat,
    /// Hours pass.
    Wait(i64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => prop::collection::vec(any::<prop::sample::Index>(), 1..40).prop_map(Step::Deliver),
        1 => Just(Step::Heat),
        2 => (1i64..60).prop_map(Step::Wait),
    ]
}

/// An event every seven hours, from ten days before the beginning on.
fn events(client: Founded, start: Timestamp, now: Timestamp) -> Vec<Value> {
    let first = start - SignedDuration::from_hours(240);
    let times = (0..).map(|place| (place, first + SignedDuration::from_hours(7 * place)));
    let past = times.take_while(|(_, time)| *time <= now);
    past.map(|(place, time)| {
        let mut event = queued_event(client, &format!("e{place}"), &time.to_string());
        event["data"]["input_tokens"] = json!(1000 + place);
        event
    })
    .collect()
}

proptest! {
    #![proptest_config(Config { cases: 24, failure_persistence: None, ..Config::default() })]

    /// Whatever changes between an event's deliveries, it is counted once.
    #[test]
    fn changes_of_the_spread_count_nothing_twice(steps in prop::collection::vec(step(), 1..14)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let world = TestApp::start().await;
            let acme = world.client("acme").await;
            let start = world.app.clock.now();
            let so_far = || events(acme, start, world.app.clock.now());
            for step in steps {
                match step {
                    Step::Deliver(some) => {
                        let events = so_far();
                        let body = packed(some.iter().map(|index| index.get(&events).clone()));
                        assert!(meter(&world, vec![body]).await.batch_item_failures.is_empty());
                    }
                    Step::Heat => {
                        let newest = so_far().pop().unwrap();
                        let event = deliveries([packed([newest])]);
                        usage_meter::handle(world.process(&conflicting(3).wire()), event).await;
                    }
                    Step::Wait(hours) => world.app.clock.advance(SignedDuration::from_hours(hours)),
                }
            }
            let all = so_far();
            meter(&world, vec![packed(all.clone())]).await;
            let tokens = all.iter().map(|event| event["data"]["input_tokens"].as_u64().unwrap());
            for grain in [Grain::Month, Grain::Day, Grain::Hour] {
                let totals = world.counted(acme, grain).await;
                assert_eq!(totals.requests, all.len() as u64);
                assert_eq!(totals.input_tokens, tokens.clone().sum::<u64>());
            }
        });
    }
}
