//! What `authorize` holds: nothing past a limit, nothing refused while there is room, and every hold counted
//! once, whatever becomes of it.

mod hot;

use axum::Router;
use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use shared::{
    headroom::Whose,
    money::Pico,
    random::Random,
    table::Update,
    testing::{Fault, Faults, Hold, deliveries},
    usage::Metric,
};
use tests::gateway::{Caller, Gateway, caller};

/// How many ask at once.
const CROWD: usize = 64;

/// What the tests' plan allows.
const LIMIT: i128 = 50_000_000;

async fn ask_at_once(gateway: &Gateway, caller: &Caller, estimates: &[u64]) -> Vec<Value> {
    let asked = estimates.iter().zip(&gateway.functions).map(|(tokens, function)| async move {
        gateway.ask(function, caller, &json!({"estimate": {"tokens": tokens}})).await
    });
    join_all(asked).await
}

fn is_allowed(reply: &Value) -> bool {
    reply["allowed"].as_bool().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_sixty_four_at_once_as_many_are_allowed_as_there_is_room_for_and_no_more() {
    rounds(200, false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn so_they_are_of_a_hot_account_whose_room_lies_in_shares() {
    rounds(20, true).await;
}

/// Rounds near the limit, each of a client of its own.
async fn rounds(count: u64, hot: bool) {
    let mut gateway = Gateway::start(CROWD).await;
    let random = Random::seeded(24);
    for round in 0..count {
        gateway.client = caller(&gateway.world, &format!("client{round}"), None).await;
        if hot {
            gateway.heat().await;
        }
        let room = 1_000 + random.below(100_000);
        let before = u64::try_from(LIMIT).unwrap() - room;
        gateway.count(&[gateway.event("before", before, &Value::Null)]).await;
        let even = round % 2 == 0;
        let one = 1 + random.below(room / 10);
        let estimates: Vec<u64> =
            (0..CROWD).map(|_| if even { one } else { 1 + random.below(room / 8) }).collect();
        let replies = ask_at_once(&gateway, &gateway.client, &estimates).await;
        let (used, held) = gateway.tokens().await;
        let asked = || replies.iter().zip(&estimates);
        let granted: Vec<u64> =
            asked().filter(|(reply, _)| is_allowed(reply)).map(|(_, tokens)| *tokens).collect();
        assert_eq!(held, i128::from(granted.iter().sum::<u64>()), "round {round}");
        assert!(used + held <= LIMIT, "round {round}: past the limit");
        let left = LIMIT - used - held;
        for (reply, tokens) in asked().filter(|(reply, _)| !is_allowed(reply)) {
            assert!(i128::from(*tokens) > left, "round {round}: {tokens} of {left}: {reply}");
            assert_eq!(reply["code"], "quota_exceeded");
            assert_eq!(reply["quota"]["metric"], "tokens");
        }
        if even {
            let fit = usize::try_from(room / one).unwrap().min(CROWD);
            assert_eq!(granted.len(), fit, "round {round}");
        }
    }
}

#[tokio::test]
async fn the_last_of_everything_that_a_limit_allows_is_allowed() {
    let gateway = Gateway::start(1).await;
    let all = json!({"estimate": {"requests": 50_000, "tokens": 0}});
    let held = gateway.authorize(all).await;
    assert!(is_allowed(&held), "{held}");
    assert_eq!((&held["quota"]["metric"], &held["quota"]["left"]), (&json!("requests"), &json!(0)));
    let one_more = gateway.authorize(json!({"estimate": {"tokens": 0}})).await;
    assert_eq!(one_more["code"], "quota_exceeded");
    assert_eq!(one_more["quota"]["metric"], "requests");
    assert_eq!(one_more["quota"]["held"], 50_000);
}

#[tokio::test]
async fn the_gateway_that_tells_nothing_holds_a_request_of_a_thousand_dear_tokens_of_text() {
    let gateway = Gateway::start(1).await;
    gateway.authorize(json!({})).await;
    let (ledger, now) = (gateway.ledger().await, gateway.world.app.clock.now());
    let held = ledger.held(now);
    assert_eq!((held.of(Metric::Requests), held.of(Metric::Tokens)), (1, 1000));
    // 1000 × 1.50/10^6 + 0.0001
    assert_eq!(Pico::new(held.of(Metric::Cost)).to_string(), "0.0016");
}

#[tokio::test]
async fn what_is_given_back_settled_or_expired_is_room_again() {
    let gateway = Gateway::start(1).await;
    let clock = &gateway.world.app.clock;
    let nearly_all = || json!({"estimate": {"tokens": 49_000_000}});
    let first = gateway.authorize(nearly_all()).await;
    assert!(is_allowed(&first) && !is_allowed(&gateway.authorize(nearly_all()).await));
    assert_eq!(gateway.release(&first["reservation_id"]).await, 204);
    let second = gateway.authorize(nearly_all()).await;
    assert!(is_allowed(&second), "given back: {second}");
    gateway.count(&[gateway.event("small", 10, &second["reservation_id"])]).await;
    assert_eq!(gateway.tokens().await, (10, 0), "settled with what it was");
    let third = gateway.authorize(nearly_all()).await;
    assert!(is_allowed(&third));
    clock.advance(SignedDuration::from_secs(15 * 60 - 1));
    assert!(!is_allowed(&gateway.authorize(nearly_all()).await), "a second before it expires");
    clock.advance(SignedDuration::from_secs(1));
    assert!(is_allowed(&gateway.authorize(nearly_all()).await), "expired");
    assert_eq!(gateway.tokens().await, (10, 49_000_000));
}

#[tokio::test]
async fn an_over_run_settles_in_full() {
    let gateway = Gateway::start(1).await;
    let held = gateway.authorize(json!({"estimate": {"tokens": 10}})).await;
    gateway.count(&[gateway.event("large", 60_000_000, &held["reservation_id"])]).await;
    assert_eq!(gateway.tokens().await, (60_000_000, 0));
    let refused = gateway.authorize(json!({})).await;
    assert_eq!(
        (&refused["quota"]["left"], &refused["quota"]["used"]),
        (&json!(0), &json!(60_000_000))
    );
    assert_eq!(
        (&refused["quota"]["state"], &refused["quota"]["percent"]),
        (&json!("over"), &json!(120))
    );
}

#[tokio::test]
async fn a_hold_is_settled_once_whatever_names_it_and_however_often() {
    let gateway = Gateway::start(1).await;
    let held = async || {
        let held = gateway.authorize(json!({"estimate": {"tokens": 1000}})).await;
        held["reservation_id"].clone()
    };
    let (one, two, three) = (held().await, held().await, held().await);
    // In one batch, in two, delivered again, and given back afterwards.
    let event = |id: &str, hold: &Value| gateway.event(id, 1, hold);
    gateway.count(&[event("a", &one), event("b", &one)]).await;
    gateway.count(&[event("a", &one), event("c", &one)]).await;
    assert_eq!(gateway.tokens().await, (3, 2000));
    assert_eq!(gateway.release(&one).await, 204);
    assert_eq!(gateway.release(&two).await, 204);
    assert_eq!(gateway.release(&two).await, 204);
    gateway.count(&[event("d", &two)]).await;
    assert_eq!(gateway.tokens().await, (4, 1000));
    let clock = &gateway.world.app.clock;
    clock.advance(SignedDuration::from_mins(15));
    gateway.count(&[event("e", &three)]).await;
    assert_eq!(gateway.release(&three).await, 204);
    gateway.authorize(json!({"estimate": {"tokens": 5}})).await;
    gateway.count(&[event("f", &three)]).await;
    assert_eq!(gateway.tokens().await, (6, 5));
}

#[tokio::test]
async fn a_hold_that_is_given_back_while_it_is_settled_counts_once() {
    let gateway = Gateway::start(1).await;
    let one = gateway.authorize(json!({"estimate": {"tokens": 1000}})).await;
    gateway.authorize(json!({"estimate": {"tokens": 500}})).await;
    let hold = Hold::before("TransactWriteItems");
    let batch = deliveries([json!({"events": [gateway.event("a", 7, &one["reservation_id"])]})]);
    let metering = tokio::spawn(usage_meter::handle(gateway.world.process(&hold.wire()), batch));
    hold.reached().await;
    assert_eq!(gateway.release(&one["reservation_id"]).await, 204);
    hold.release();
    assert!(metering.await.unwrap().batch_item_failures.is_empty());
    assert_eq!(gateway.tokens().await, (7, 500));
}

#[tokio::test]
async fn another_accounts_hold_and_none_at_all_settle_nothing() {
    let mut gateway = Gateway::start(1).await;
    let foreign = gateway.authorize(json!({})).await["reservation_id"].clone();
    let first = std::mem::replace(&mut gateway.client, caller(&gateway.world, "other", None).await);
    // One of its own that expires in the same moment.
    gateway.authorize(json!({})).await;
    let unknown = json!("hold_01kapx0000000000000000000a");
    let events = [
        gateway.event("a", 1, &foreign),
        gateway.event("b", 1, &unknown),
        gateway.event("c", 1, &json!("of-the-gateways-own")),
    ];
    gateway.count(&events).await;
    assert_eq!(gateway.tokens().await, (3, 1000));
    gateway.client = first;
    assert_eq!(gateway.tokens().await, (0, 1000));
    assert_eq!(gateway.release(&unknown).await, 204);
    assert_eq!(gateway.release(&json!("of-the-gateways-own")).await, 204);
    assert_eq!(gateway.release(&json!(5)).await, 422);
}

#[tokio::test]
async fn a_hold_stays_in_its_month_and_the_event_counts_in_its_own() {
    let gateway = Gateway::start(1).await;
    let clock = &gateway.world.app.clock;
    let end: Timestamp = "2026-12-01T00:00:00Z".parse().unwrap();
    clock.advance(end.duration_since(clock.now()) - SignedDuration::from_secs(60));
    let before = clock.now();
    let one = gateway.authorize(json!({"estimate": {"tokens": 1000}})).await;
    let two = gateway.authorize(json!({"estimate": {"tokens": 500}})).await;
    clock.advance(SignedDuration::from_secs(120));
    let tokens = async |at: Timestamp| {
        let (ledger, now) = (gateway.ledger_at(Whose::Account, at).await, clock.now());
        (ledger.used().of(Metric::Tokens), ledger.held(now).of(Metric::Tokens))
    };
    assert_eq!((tokens(before).await, tokens(clock.now()).await), ((0, 1500), (0, 0)));
    gateway.count(&[gateway.event("one", 7, &one["reservation_id"])]).await;
    assert_eq!((tokens(before).await, tokens(clock.now()).await), ((0, 500), (7, 0)));
    assert_eq!(gateway.release(&two["reservation_id"]).await, 204);
    assert_eq!((tokens(before).await, tokens(clock.now()).await), ((0, 0), (7, 0)));
}

#[tokio::test]
async fn the_tightest_of_plan_cap_and_key_is_named() {
    let mut gateway = Gateway::start(1).await;
    let cents = |cents: i64| Pico::new(i128::from(cents) * 10_i128.pow(10));
    gateway.client = caller(&gateway.world, "capped", Some(cents(100))).await;
    // A million tokens of text are 1.50 at the dearer price.
    let ask = async |tokens: u64| gateway.authorize(json!({"estimate": {"tokens": tokens}})).await;
    let by_key = ask(1_000_000).await;
    assert_eq!(
        (&by_key["code"], &by_key["quota"]["metric"]),
        (&json!("key_cost_limit"), &json!("cost"))
    );
    assert_eq!(by_key["quota"]["left"], json!({"amount": "1.00", "currency": "USD"}));
    gateway.change(Update::new().set("cost_cap", "0.50")).await;
    let held = ask(200_000).await;
    assert!(is_allowed(&held), "0.3001 of 0.50: {held}");
    let by_cap = ask(200_000).await;
    assert_eq!(by_cap["code"], "cost_cap", "seen at once: {by_cap}");
    assert_eq!(by_cap["quota"]["held"], json!({"amount": "0.3001", "currency": "USD"}));
    let by_plan = ask(50_000_001).await;
    assert_eq!(
        by_plan["code"], "cost_cap",
        "60 % is held of the cap, 30 % of the key's, less of the plan's"
    );
    let image = json!({"ai_type": "image", "estimate": {"tokens": 0}});
    assert!(is_allowed(&gateway.authorize(image).await), "a cent");
    gateway.change(Update::new().set("cost_cap", "5.00")).await;
    assert_eq!(
        ask(500_000).await["code"],
        "key_cost_limit",
        "0.7501 more than 0.6899 that are left"
    );
    let (ledger, now) = (
        gateway.ledger_at(Whose::Key(gateway.client.key), gateway.world.app.clock.now()).await,
        gateway.world.app.clock.now(),
    );
    assert_eq!(Pico::new(ledger.held(now).of(Metric::Cost)).to_string(), "0.3101");
}

#[tokio::test]
async fn a_soft_plan_holds_only_under_a_cap() {
    let gateway = Gateway::start(1).await;
    let growth = json!({"id": "growth", "version": 1});
    gateway.change(Update::new().set_serialized("plan", &growth).unwrap()).await;
    let huge = || json!({"estimate": {"tokens": 4_000_000_000_u64}});
    let free = gateway.authorize(huge()).await;
    assert_eq!((is_allowed(&free), &free["reservation_id"]), (true, &Value::Null));
    gateway.change(Update::new().set("cost_cap", "3000.00")).await;
    assert_eq!(gateway.authorize(huge()).await["code"], "cost_cap");
    let small = gateway.authorize(json!({})).await;
    assert!(is_allowed(&small) && small["reservation_id"].is_string());
}

/// A function whose first commit stands still, and the hold that it asks for.
fn held_back(gateway: &Gateway) -> (Hold, tokio::task::JoinHandle<Value>) {
    let hold = Hold::before("TransactWriteItems");
    let function = gateway.function(&hold.wire());
    let asked = ask(gateway, function, json!({"estimate": {"tokens": 30_000_000}}));
    (hold, asked)
}

fn ask(gateway: &Gateway, function: Router, more: Value) -> tokio::task::JoinHandle<Value> {
    let (secret, service_key) = (gateway.client.secret.clone(), gateway.service_key.clone());
    tokio::spawn(async move { tests::gateway::ask(&function, &service_key, &secret, &more).await })
}

#[tokio::test]
async fn room_that_somebody_else_took_meanwhile_is_not_promised_again() {
    let gateway = Gateway::start(1).await;
    gateway.authorize(json!({"estimate": {"tokens": 1}})).await;
    let (hold, slow) = held_back(&gateway);
    hold.reached().await;
    let quick = gateway.authorize(json!({"estimate": {"tokens": 30_000_000}})).await;
    assert!(is_allowed(&quick));
    hold.release();
    let slow = slow.await.unwrap();
    assert_eq!((is_allowed(&slow), &slow["quota"]["held"]), (false, &json!(30_000_001)));
}

#[tokio::test]
async fn an_answer_that_is_lost_on_its_way_holds_once() {
    for fault in [Fault::LostReply, Fault::Conflict, Fault::Throttle] {
        let gateway = Gateway::start(1).await;
        gateway.authorize(json!({"estimate": {"tokens": 1}})).await;
        let met = std::sync::atomic::AtomicBool::new(false);
        let faults = Faults::new(move |call| {
            let first = call.operation == "TransactWriteItems"
                && !met.swap(true, std::sync::atomic::Ordering::SeqCst);
            first.then_some(fault)
        });
        let function = gateway.function(&faults.wire());
        let more = json!({"estimate": {"tokens": 100}});
        let reply = gateway.ask(&function, &gateway.client, &more).await;
        assert!(is_allowed(&reply), "{fault:?}: {reply}");
        assert_eq!(gateway.tokens().await, (0, 101), "{fault:?}");
    }
}

#[tokio::test]
async fn a_months_ledger_begins_with_what_was_counted_before_there_was_one() {
    let gateway = Gateway::start(1).await;
    gateway.count(&[gateway.event("before", 49_999_000, &Value::Null)]).await;
    let now = gateway.world.app.clock.now();
    for whose in [Whose::Account, Whose::Key(gateway.client.key)] {
        let mut transaction = gateway.world.app.table.transaction::<()>();
        transaction.delete(&gateway.place(whose, now));
        transaction.commit().await.unwrap();
    }
    let refused = gateway.authorize(json!({"estimate": {"tokens": 1001}})).await;
    assert_eq!((is_allowed(&refused), &refused["quota"]["left"]), (false, &json!(1000)));
    gateway.count(&[gateway.event("after", 1000, &Value::Null)]).await;
    assert_eq!(gateway.tokens().await, (50_000_000, 0));
    let of_key = gateway.ledger_at(Whose::Key(gateway.client.key), now).await;
    assert_eq!(of_key.used().of(Metric::Tokens), 50_000_000);
}

#[tokio::test]
async fn a_keys_limit_refuses_however_often_it_is_asked_and_frees_what_expired() {
    let mut gateway = Gateway::start(1).await;
    let dollar = Pico::new(10_i128.pow(12));
    gateway.client = caller(&gateway.world, "limited", Some(dollar)).await;
    // At the dearer price of 1.50 a million.
    let ask = async |tokens: u64| gateway.authorize(json!({"estimate": {"tokens": tokens}})).await;
    for _ in 0..3 {
        assert_eq!(ask(1_000_000).await["code"], "key_cost_limit");
    }
    assert!(is_allowed(&ask(500_000).await));
    assert_eq!(ask(500_000).await["code"], "key_cost_limit");
    gateway.world.app.clock.advance(SignedDuration::from_mins(15));
    assert!(is_allowed(&ask(500_000).await), "expired");
}
