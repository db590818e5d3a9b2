//! `cargo bench -p tests --bench startup`: how every packaged function starts, beside a function
//! that does nothing; see BENCHMARKS.md.

#![expect(clippy::print_stdout, reason = "a bench speaks on standard output")]
#![expect(clippy::expect_used, reason = "a bench fails where its world does")]

mod packages;
mod process;
mod proxy;
mod report;
mod subject;
mod trace;

use std::{path::PathBuf, process::ExitCode};

use clap::Parser;
use shared::{clock::Clock, wire::Wire};
use tests::World;

use packages::Packages;
use process::Sample;
use report::Report;

#[derive(Parser)]
struct Arguments {
    /// Where `cargo lambda build --release` has put the functions and `hello`, a folder each.
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/lambda"))]
    packages: PathBuf,
    /// How often each function is started.
    #[arg(long, default_value_t = 31)]
    rounds: u64,
    /// Fail where a limit is passed.
    #[arg(long)]
    check: bool,
    /// Cargo says so to every bench.
    #[arg(long, hide = true)]
    bench: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let world = World::at(Clock::system(), Wire::default()).await;
    let subjects = subject::all(&world, arguments.rounds).await;
    let binaries: Vec<_> = subjects.iter().map(|subject| subject.binary).collect();
    let packages = Packages::laid_out(&arguments.packages, &binaries);
    let mut samples: Vec<Vec<Sample>> = subjects.iter().map(|_| Vec::new()).collect();
    // Round by round, so that whatever else the machine does meets all of them alike.
    for round in 0..arguments.rounds {
        for (subject, samples) in subjects.iter().zip(&mut samples) {
            let bootstrap = packages.bootstrap(subject.binary);
            // What the one before it set off is none of this one's business.
            world.drain().await;
            samples.push(process::measure(&world, &bootstrap, subject, round).await);
        }
    }
    let mut report = Report::default();
    for (subject, samples) in subjects.iter().zip(&samples) {
        let bootstrap = packages.bootstrap(subject.binary);
        let opened = trace::opened(&world, &bootstrap, subject).await;
        report.add(subject, &bootstrap, samples, opened);
    }
    println!("{report}");
    let exceeded = report.exceeded();
    for limit in &exceeded {
        println!("too much: {limit}");
    }
    if arguments.check && !exceeded.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
