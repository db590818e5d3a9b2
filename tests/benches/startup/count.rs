//! What a start makes the processor do: instructions of the function and its libraries, as `valgrind`
//! counts them. They are the same on a busy machine.

use std::{fs, path::Path, process::Stdio};

use cloud::Runtime;
use tests::World;
use tokio::{process::Command, time::timeout};

use crate::process::{PATIENCE, command};

/// Counts differ by what the C library and hash tables do; the least of so many hardly does.
const COUNTS: usize = 3;

/// The instructions from the process's beginning to its asking for work, the fewest of some counts.
pub(crate) async fn fewest(world: &World, bootstrap: &Path) -> u64 {
    let mut fewest = u64::MAX;
    for _count in 0..COUNTS {
        fewest = fewest.min(instructions(world, bootstrap).await);
    }
    fewest
}

async fn instructions(world: &World, bootstrap: &Path) -> u64 {
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
