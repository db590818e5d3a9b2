//! `cargo bench -p tests --bench ticks`: what a minute of the timekeeper costs at few and at many accounts, each
//! with a timer that is not due; see BENCHMARKS.md.

#![expect(clippy::print_stdout, reason = "a bench speaks on standard output")]
#![expect(clippy::expect_used, reason = "a bench ends where its world does")]

use std::{process::ExitCode, time::Instant};

use clap::Parser;
use jiff::SignedDuration;
use shared::testing::{Tally, TestApp, told};

#[derive(Parser)]
struct Arguments {
    /// How many accounts there are, one number after the other.
    #[arg(long, value_delimiter = ',', default_value = "1000,100000")]
    accounts: Vec<usize>,
    /// Cargo says so to every bench.
    #[arg(long, hide = true)]
    bench: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let Arguments { accounts, bench: _ } = Arguments::parse();
    let world = TestApp::start().await;
    let tally = Tally::new();
    let app = world.process(&tally.wire());
    let (mut founded, mut bills) = (0, Vec::new());
    for wanted in accounts {
        told::accounts_with_timers(&world.app, wanted - founded, SignedDuration::from_hours(24))
            .await;
        founded = wanted;
        let _set_up = tally.take();
        let begun = Instant::now();
        let moved =
            timekeeper::handle(app.clone(), serde_json::json!({})).await.expect("moved").moved;
        let took = begun.elapsed();
        let bill = tally.take();
        let (calls, units) = (bill.charges.len(), bill.half_read_units());
        println!(
            "{wanted} accounts: {moved} due, {calls} reads, {} read units, {took:?}",
            units / 2
        );
        bills.push((calls, units));
    }
    let alike = bills.windows(2).all(|pair| pair[0] == pair[1]);
    let cheap = bills.iter().all(|(calls, _)| *calls <= 5);
    if alike && cheap { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
