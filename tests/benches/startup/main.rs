//! `cargo bench -p tests --bench startup`: how every packaged function starts, beside a function
//! that does nothing; see BENCHMARKS.md.

#![expect(clippy::print_stdout, reason = "a bench speaks on standard output")]
#![expect(clippy::expect_used, reason = "a bench fails where its world does")]

mod count;
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
use process::{Start, WARM, Work};
use report::{Report, Seen};
use subject::Subject;

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

/// A start, and that of the function that does nothing right before it.
struct Pair {
    beside: Start,
    start: Start,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let world = World::at(Clock::system(), Wire::default()).await;
    let subjects = subject::all(&world, arguments.rounds * (WARM + 1) + count::EVENTS + 1).await;
    let binaries: Vec<_> = subjects.iter().map(|subject| subject.binary).collect();
    let packages = Packages::laid_out(&arguments.packages, &binaries);
    let starts = starts(&world, &packages, &subjects, arguments.rounds).await;
    let work = work(&world, &packages, &subjects, arguments.rounds).await;
    let mut report = Report::default();
    for ((subject, starts), work) in subjects.iter().zip(starts).zip(work) {
        let bootstrap = packages.bootstrap(subject.binary);
        world.drain().await;
        let number = arguments.rounds * (WARM + 1);
        let counts = count::all(&world, &bootstrap, subject, number).await;
        let opened = trace::opened(&world, &bootstrap, subject).await;
        report.add(subject, &bootstrap, Seen { starts, work, counts, opened });
    }
    println!("{report}");
    let exceeded = report.exceeded();
    for limit in &exceeded {
        println!("too much: {limit}");
    }
    if arguments.check && !exceeded.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// How each function starts, and the one that does nothing right before it: whatever else the machine
/// does meets both alike. Nothing works meanwhile, for hashing leaves cold caches to what comes next.
async fn starts(
    world: &World,
    packages: &Packages,
    subjects: &[Subject],
    rounds: u64,
) -> Vec<Vec<Pair>> {
    let hello = packages.bootstrap(subjects[0].binary);
    let mut starts: Vec<Vec<Pair>> = subjects.iter().map(|_| Vec::new()).collect();
    for _round in 0..rounds {
        for (subject, starts) in subjects.iter().zip(&mut starts) {
            let beside = process::start(world, &hello).await;
            let start = process::start(world, &packages.bootstrap(subject.binary)).await;
            starts.push(Pair { beside, start });
        }
    }
    starts
}

/// How each function works, round by round.
async fn work(
    world: &World,
    packages: &Packages,
    subjects: &[Subject],
    rounds: u64,
) -> Vec<Vec<Work>> {
    let mut work: Vec<Vec<Work>> = subjects.iter().map(|_| Vec::new()).collect();
    for round in 0..rounds {
        for (subject, work) in subjects.iter().zip(&mut work) {
            // What the one before it set off is none of this one's business.
            world.drain().await;
            let bootstrap = packages.bootstrap(subject.binary);
            work.push(process::work(world, &bootstrap, subject, round).await);
        }
    }
    work
}
