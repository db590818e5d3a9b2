//! What happens at a time happens once, whatever the schedule does.

use jiff::SignedDuration;
use serde_json::{Value, json};
use shared::{
    app::App,
    clock::Clock,
    notify::{NoticeKind, NoticePreferences, QuietHours, time_of},
    queue::Deliveries,
    testing::{Hold, Tally, TestApp, deliveries, told},
};

use crate::crash::letters;

const HOUR: SignedDuration = SignedDuration::from_hours(1);

async fn minute(app: &App) {
    timekeeper::handle(app.clone(), json!({"time": "2000-01-01T00:00:00Z"})).await.unwrap();
}

async fn act(app: &App, messages: Vec<Value>) {
    let failures = notifier::handle(app.clone(), deliveries(messages)).await;
    assert!(failures.batch_item_failures.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_minute_that_fires_twice_late_or_beside_another_acts_once() {
    let world = TestApp::start().await;
    let acme = world.client("acme").await;
    told::held(&world.scene(acme)).await;
    tokio::join!(minute(&world.app), minute(&world.app));
    world.app.clock.advance(HOUR);
    minute(&world.app).await;
    let messages = world.take("NoticesQueue").await;
    assert!(!messages.is_empty());
    // Each comes twice, and to two processes at once.
    let twice = || messages.iter().chain(&messages).cloned().collect();
    tokio::join!(act(&world.app, twice()), act(&world.app, twice()));
    assert_eq!(letters(&world), 1);
    minute(&world.app).await;
    assert!(world.take("NoticesQueue").await.is_empty(), "nothing is due any more");
}

#[tokio::test]
async fn a_clock_that_is_an_hour_ahead_has_nothing_happen_before_its_time() {
    let world = TestApp::start().await;
    let acme = world.client("acme").await;
    told::held(&world.scene(acme)).await;
    world.app.clock.advance(-HOUR);
    let ahead = world.process_at(Clock::fixed(world.app.clock.now() + HOUR));
    minute(&ahead).await;
    let early = world.take("NoticesQueue").await;
    assert_eq!(early.len(), 1);
    act(&world.app, early.clone()).await;
    assert_eq!((letters(&world), told::waiting(&world.app, acme).await.len()), (0, 1));
    // It waits again for its time, and what came too early does no harm then.
    minute(&world.app).await;
    assert!(world.take("NoticesQueue").await.is_empty());
    world.app.clock.advance(HOUR);
    minute(&world.app).await;
    let messages = world.take("NoticesQueue").await;
    act(&world.app, messages.into_iter().chain(early).collect()).await;
    assert_eq!((letters(&world), told::waiting(&world.app, acme).await.len()), (1, 0));
}

#[tokio::test]
async fn what_joins_a_timer_that_is_under_way_is_not_lost() {
    let world = TestApp::start().await;
    let acme = world.client("acme").await;
    let scene = world.scene(acme);
    told::held(&scene).await;
    minute(&world.app).await;
    let moved = world.take("NoticesQueue").await;
    // Another joins what was moved, at the same time of a night: the timer is another version's.
    world.app.clock.advance(-SignedDuration::from_hours(8));
    told::held(&scene).await;
    act(&world.app, moved).await;
    assert_eq!(letters(&world), 0, "the timer was set anew");
    minute(&world.app).await;
    act(&world.app, world.take("NoticesQueue").await).await;
    assert_eq!(letters(&world), 1);
    assert!(told::waiting(&world.app, acme).await.is_empty());
}

/// Whoever changes the preferences looks for what waits; what joins it in the same moment is planned anew.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_wanted_otherwise_in_the_same_moment_is_not_held_by_what_was_wanted_before() {
    let world = TestApp::start().await;
    let acme = world.client("acme").await;
    told::daily(&world.app, acme).await;
    let id = told::notice(&world.app, acme, NoticeKind::TicketReply).await;
    let hold = Hold::before("TransactWriteItems");
    let (slow, records) = (world.process(&hold.wire()), vec![told::delivered(&world.app, id)]);
    let telling = tokio::spawn(notifier::handle(slow, Deliveries { records }));
    hold.reached().await;
    let off = NoticePreferences { version: 2, ..NoticePreferences::default() };
    told::prefer(&world.app, acme, &off).await;
    hold.release();
    assert!(telling.await.unwrap().batch_item_failures.is_empty());
    assert_eq!((letters(&world), told::waiting(&world.app, acme).await.len()), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_let_go_while_its_user_ends_the_quiet_is_looked_at_again() {
    let world = TestApp::start().await;
    let acme = world.client("acme").await;
    told::held(&world.scene(acme)).await;
    // It is eight in the evening.
    let quiet = QuietHours { from: time_of("19:00").unwrap(), to: time_of("21:00").unwrap() };
    let quiet = NoticePreferences { quiet_hours: Some(quiet), version: 1, ..Default::default() };
    told::prefer(&world.app, acme, &quiet).await;
    let due = told::due(&world.app).await;
    let hold = Hold::before("TransactWriteItems");
    let releasing = notifier::handle(world.process(&hold.wire()), deliveries(due.clone()));
    let releasing = tokio::spawn(releasing);
    hold.reached().await;
    let none = NoticePreferences { version: 2, ..NoticePreferences::default() };
    told::prefer(&world.app, acme, &none).await;
    hold.release();
    assert_eq!(releasing.await.unwrap().batch_item_failures.len(), 1, "it comes again");
    act(&world.app, due).await;
    assert_eq!((letters(&world), told::waiting(&world.app, acme).await.len()), (1, 0));
}

#[tokio::test]
async fn a_minute_costs_the_same_however_many_accounts_there_are() {
    let world = TestApp::start().await;
    let tally = Tally::new();
    let app = world.process(&tally.wire());
    let mut bills = Vec::new();
    for clients in [1, 60] {
        for number in 0..clients {
            world.client(&format!("client{clients}x{number}")).await;
        }
        let _others = tally.take();
        minute(&app).await;
        bills.push(tally.take());
    }
    for bill in &bills {
        assert!(bill.count("Query") <= 5 && bill.charges.len() == bill.count("Query"));
    }
    assert_eq!(bills[0].half_read_units(), bills[1].half_read_units());
}
