//! What a function makes the processor do: instructions of it and its libraries, as `valgrind` counts
//! them. They are the same on a busy machine.

use std::{fs, ops::Range, path::Path, process::Stdio};

use cloud::Runtime;
use tests::World;
use tokio::{process::Command, time::timeout};

use crate::{
    process::{PATIENCE, command, invoke},
    subject::Subject,
};

/// Counts of one start differ by what the C library and hash tables do; the least of so many hardly does.
const COUNTS: u64 = 3;
/// So many invocations follow the first one. A difference in the start is shared among them.
const LATER: u64 = 10;
/// How many events [`all`] takes.
pub(crate) const EVENTS: u64 = 1 + 1 + LATER;

/// Instructions.
pub(crate) struct Counts {
    /// From the process's beginning to its asking for work.
    pub(crate) start: u64,
    /// Of the first invocation.
    pub(crate) first: u64,
    /// Of one after it, on the average.
    pub(crate) later: u64,
}

/// Counts a start, a first invocation and later ones; their events have the numbers from `number` on.
pub(crate) async fn all(world: &World, bootstrap: &Path, subject: &Subject, number: u64) -> Counts {
    let mut start = u64::MAX;
    for _count in 0..COUNTS {
        start = start.min(instructions(world, bootstrap, subject, number..number).await);
    }
    let one = instructions(world, bootstrap, subject, number..number + 1).await;
    let many = instructions(world, bootstrap, subject, number + 1..number + EVENTS).await;
    Counts { start, first: one.saturating_sub(start), later: many.saturating_sub(one) / LATER }
}

/// From the process's beginning until it asks for work after all those events.
async fn instructions(
    world: &World,
    bootstrap: &Path,
    subject: &Subject,
    numbers: Range<u64>,
) -> u64 {
    let runtime = Runtime::start().await.expect("a runtime");
    let counts = std::env::temp_dir().join(format!("startup-{}.counts", std::process::id()));
    let mut counted = command(world, Path::new("valgrind"), &runtime);
    counted
        .env("PATH", "/usr/bin:/bin")
        // It says there what it thinks of the machine's caches.
        .stderr(Stdio::null())
        .args(["--quiet", "--tool=cachegrind", "--cache-sim=no"])
        .arg(format!("--cachegrind-out-file={}", counts.display()))
        .arg(bootstrap);
    let mut child = counted.spawn().expect("valgrind");
    timeout(PATIENCE, runtime.asked()).await.expect("the function asks for work");
    for number in numbers {
        invoke(&runtime, subject, number).await;
    }
    // It writes down what it counted when it is asked to end.
    let pid = child.id().expect("it runs");
    let ended = Command::new("sh").args(["-c", &format!("kill -TERM {pid}")]).status().await;
    assert!(ended.expect("a shell").success(), "it was asked to end");
    timeout(PATIENCE, child.wait()).await.expect("it ends").expect("its status");
    let written = fs::read_to_string(&counts).expect("what was counted");
    // A file of a run that is over; nobody misses it.
    let _removed = fs::remove_file(&counts);
    let summary = written.lines().find_map(|line| line.strip_prefix("summary:"));
    summary.and_then(|it| it.trim().parse().ok()).expect("a number of instructions")
}
