//! What a function opens while it starts and does its first work, as the kernel sees it.

use std::{fs, path::Path, time::Duration};

use cloud::Runtime;
use tests::World;
use tokio::time::timeout;

use crate::{
    process::{command, end, invoke},
    subject::Subject,
};

const PATIENCE: Duration = Duration::from_secs(30);

/// The files that the function opened, those of its loader aside.
pub(crate) async fn opened(world: &World, bootstrap: &Path, subject: &Subject) -> Vec<String> {
    let runtime = Runtime::start().await.expect("a runtime");
    let log = std::env::temp_dir().join(format!("startup-{}.strace", std::process::id()));
    let mut traced = command(world, Path::new("strace"), &runtime);
    traced.args(["-f", "-qq", "-e", "trace=open,openat,connect", "-o"]).arg(&log).arg(bootstrap);
    // Found on the PATH, which the function itself has no use for.
    traced.env("PATH", "/usr/bin:/bin");
    let mut child = traced.spawn().expect("strace");
    timeout(PATIENCE, runtime.asked()).await.expect("the function asks for work");
    invoke(&runtime, subject, u64::MAX / 2).await;
    end(&mut child).await;
    let calls = fs::read_to_string(&log).unwrap_or_default();
    // A file of a run that is over; nobody misses it.
    let _removed = fs::remove_file(&log);
    calls.lines().filter_map(opened_by).collect()
}

/// The file that a call opened, or the name server it asked.
fn opened_by(call: &str) -> Option<String> {
    if call.contains("connect(") {
        let to_name_server = call.contains("htons(53)") || call.contains("/nscd/");
        let to_metadata = call.contains("169.254.");
        return (to_name_server || to_metadata).then(|| call.to_owned());
    }
    let file = call.split('"').nth(1)?;
    let is_opened = !call.contains("ENOENT");
    let of_the_loader =
        file.starts_with("/lib") || file.contains("/lib/") || file.contains("ld.so");
    let of_the_kernel =
        file.starts_with("/proc/") || file.starts_with("/sys/") || file.starts_with("/dev/");
    (is_opened && !of_the_loader && !of_the_kernel).then(|| file.to_owned())
}
