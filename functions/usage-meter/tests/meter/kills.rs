//! A real process of the meter, killed in the middle of its work.

use std::{collections::VecDeque, process::Stdio, time::Duration};

use cloud::Runtime;
use jiff::SignedDuration;
use serde_json::Value;
use shared::{
    clock::Clock,
    queue::Failures,
    random::Random,
    testing::{TestApp, deliveries, queued_event},
    usage::Grain,
};
use tokio::{
    process::{Child, Command},
    time::{Instant, timeout},
};

use crate::packed;

const KILLS: usize = 50;
/// A process that says nothing for so long is broken.
const PATIENCE: Duration = Duration::from_mins(1);
const EVENTS: usize = 4_000;
const EVENTS_A_BATCH: usize = 250;

fn start(world: &TestApp, runtime: &Runtime) -> Child {
    Command::new(env!("CARGO_BIN_EXE_usage-meter"))
        .env_clear()
        .envs(world.environment())
        .env("AWS_LAMBDA_RUNTIME_API", runtime.address().to_string())
        .env("AWS_LAMBDA_FUNCTION_NAME", "usage-meter")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
        .env("AWS_LAMBDA_LOG_GROUP_NAME", "log")
        .env("AWS_LAMBDA_LOG_STREAM_NAME", "log")
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

/// The queue of a replay, each batch as the meter is handed it.
fn replay(events: &[Value]) -> VecDeque<String> {
    let batches = events.chunks(EVENTS_A_BATCH).map(|batch| {
        let messages = batch.chunks(95).map(|events| packed(events.to_vec()));
        serde_json::to_string(&deliveries(messages)).unwrap()
    });
    batches.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_kills_during_a_replay_change_nothing() {
    let world = TestApp::start().await;
    let acme = world.client("acme").await;
    let runtime = Runtime::start().await.unwrap();
    // The process has the machine's clock.
    let now = Clock::system().now();
    let events: Vec<Value> = (0..EVENTS)
        .map(|place| {
            let back = SignedDuration::from_secs(i64::try_from(place).unwrap());
            queued_event(acme, &format!("e{place}"), &(now - back).to_string())
        })
        .collect();

    let random = Random::seeded(50);
    let mut queue = replay(&events);
    let mut acknowledged = VecDeque::new();
    let mut child = start(&world, &runtime);
    let (mut kills, mut longest) = (0, Duration::ZERO);
    loop {
        if queue.is_empty() && kills == KILLS {
            break;
        }
        // What was acknowledged comes again, as queues will, until all kills are done.
        let Some(batch) = queue.pop_front().or_else(|| acknowledged.pop_front()) else { break };
        let mut invoked = runtime.invoke(batch.clone());
        timeout(PATIENCE, invoked.began).await.expect("the process asks for work").unwrap();
        let began = Instant::now();
        // A kill comes at any moment of the work; the first batch tells how long that is.
        let kill = kills < KILLS && !acknowledged.is_empty();
        let moment = longest * u32::try_from(random.below(1000)).unwrap() / 1000;
        tokio::select! {
            outcome = timeout(PATIENCE, &mut invoked.outcome) => {
                let outcome = outcome.expect("the process answers").unwrap().unwrap();
                let failures: Failures = serde_json::from_str(&outcome).unwrap();
                assert!(failures.batch_item_failures.is_empty());
                longest = longest.max(began.elapsed());
                acknowledged.push_back(batch);
            }
            () = tokio::time::sleep(moment), if kill => {
                child.kill().await.unwrap();
                kills += 1;
                queue.push_back(batch);
                child = start(&world, &runtime);
            }
        }
    }
    child.kill().await.unwrap();
    assert_eq!(kills, KILLS);
    for grain in [Grain::Month, Grain::Day, Grain::Hour] {
        let totals = world.counted(acme, grain).await;
        assert_eq!(totals.requests, EVENTS as u64);
        assert_eq!(totals.input_tokens, 374 * EVENTS as u64);
        assert_eq!(totals.output_tokens, 44 * EVENTS as u64);
    }
}
