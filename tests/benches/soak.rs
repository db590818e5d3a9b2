//! `cargo bench -p tests --bench soak -- --seeds 5`: a million deliveries a seed; see
//! BENCHMARKS.md.

#![expect(clippy::print_stdout, reason = "a bench speaks on standard output")]

use std::process::ExitCode;

use clap::Parser;
use tests::soak::Soak;

#[derive(Parser)]
struct Arguments {
    /// How many soaks, with the seeds 1, 2 ...
    #[arg(long, default_value_t = 1)]
    seeds: u64,
    #[arg(long, default_value_t = 250_000)]
    events: usize,
    /// How often each event is delivered.
    #[arg(long, default_value_t = 4)]
    copies: usize,
    #[arg(long, default_value_t = 4)]
    meters: usize,
    #[arg(long, default_value_t = 50)]
    faults_per_mille: u64,
    /// Cargo says so to every bench.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> ExitCode {
    let Arguments { seeds, events, copies, meters, faults_per_mille, bench: _ } =
        Arguments::parse();
    let mut exact = true;
    for seed in 1..=seeds {
        let report = Soak { seed, events, copies, meters, faults_per_mille }.run();
        println!("{report}");
        exact &= report.is_exact();
    }
    if exact { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
