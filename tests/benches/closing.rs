//! `cargo bench -p tests --bench closing`: how many accounts an hour close on this machine, from the end of their month
//! to the invoice with its number, and what each writes; see BENCHMARKS.md.

#![expect(clippy::print_stdout, reason = "a bench speaks on standard output")]
#![expect(clippy::expect_used, reason = "a bench ends where its world does")]

use std::{process::ExitCode, time::Instant};

use clap::Parser;
use jiff::SignedDuration;
use serde_json::Value;
use shared::{
    app::App,
    billing::GRACE,
    testing::{
        Tally, TestApp,
        billed::{self, Used},
        deliveries, told,
    },
};

/// An hour has to be enough for so many.
const WANTED: u128 = 10_000;
/// An account that has a base and used nothing writes so many units at most.
const MOST_UNITS: u64 = 20;

#[derive(Parser)]
struct Arguments {
    /// How many accounts close.
    #[arg(long, default_value_t = 400)]
    accounts: usize,
    /// Each so manieth of them was used every day; the others have their base alone.
    #[arg(long, default_value_t = 4)]
    used: usize,
    /// Cargo says so to every bench.
    #[arg(long, hide = true)]
    bench: bool,
}

/// Hands jobs over as the queue does: ten at a time, two runs side by side.
async fn close(app: &App, jobs: Vec<Value>) {
    let batches: Vec<Vec<Value>> = jobs.chunks(10).map(<[Value]>::to_vec).collect();
    for pair in batches.chunks(2) {
        let runs = pair.iter().map(|batch| {
            let (app, batch) = (app.clone(), deliveries(batch.clone()));
            tokio::spawn(async move { closing::handle(app, batch).await })
        });
        for run in runs.collect::<Vec<_>>() {
            let failures = run.await.expect("a run");
            assert!(failures.batch_item_failures.is_empty(), "each closes");
        }
    }
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> ExitCode {
    let Arguments { accounts, used, bench: _ } = Arguments::parse();
    let world = TestApp::start().await;
    let tally = Tally::new();
    let app = world.process(&tally.wire());
    for number in 0..accounts {
        let client = world.client(&format!("client{number}")).await;
        let used = if number % used == 0 { Used::EveryDay } else { Used::Nothing };
        billed::ends(&world.scene(client), used).await;
    }
    let one = base_alone().await;
    let _set_up = tally.take();
    let begun = Instant::now();
    let jobs = told::due(&app).await;
    assert_eq!(jobs.len(), accounts);
    close(&app, jobs).await;
    app.clock.advance(GRACE + SignedDuration::from_hours(1));
    close(&app, told::due(&app).await).await;
    let took = begun.elapsed();
    let units = tally.take().write_units();
    let an_hour = accounts as u128 * 3_600_000 / took.as_millis().max(1);
    println!("{accounts} accounts in {took:?}: {an_hour} an hour, {units} write units");
    println!("one with a base alone: {one} write units");
    if an_hour >= WANTED && one <= MOST_UNITS { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What an account with a base alone writes: to its draft, and to its invoice.
async fn base_alone() -> u64 {
    let world = TestApp::start().await;
    let tally = Tally::new();
    let app = world.process(&tally.wire());
    let client = world.client("acme").await;
    let drafts = billed::ended(&world.scene(client), Used::Nothing).await;
    let _set_up = tally.take();
    close(&app, drafts).await;
    app.clock.advance(GRACE + SignedDuration::from_hours(1));
    close(&app, told::due(&world.app).await).await;
    tally.take().write_units()
}
