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

/// The files that the function opened, those of its loader and of the kernel aside, and whether it
/// asked a name server or looked for the machine's credentials.
pub(crate) async fn opened(world: &World, bootstrap: &Path, subject: &Subject) -> Vec<String> {
    let runtime = Runtime::start().await.expect("a runtime");
    let folder = std::env::temp_dir().join(format!("startup-{}", std::process::id()));
    fs::create_dir_all(folder.join(".aws")).expect("a folder");
    fs::write(folder.join(".aws/config"), "[default]\n").expect("a decoy");
    let log = folder.join("strace");
    let mut traced = command(world, Path::new("strace"), &runtime);
    traced.args(["-f", "-qq", "-e", "trace=open,openat,connect", "-o"]).arg(&log).arg(bootstrap);
    // For strace itself, and a home that invites to be read.
    traced.env("PATH", "/usr/bin:/bin").env("HOME", &folder);
    let mut child = traced.spawn().expect("strace");
    timeout(PATIENCE, runtime.asked()).await.expect("the function asks for work");
    invoke(&runtime, subject, u64::MAX).await;
    end(&mut child).await;
    let calls = fs::read_to_string(&log).expect("the calls");
    assert!(calls.contains("connect("), "nothing was traced: {calls}");
    // Files of a run that is over; nobody misses them.
    let _removed = fs::remove_dir_all(&folder);
    calls.lines().filter_map(opened_by).collect()
}

/// What a call opened or asked, if it is anything that a start has no use for.
fn opened_by(call: &str) -> Option<String> {
    if call.contains("connect(") {
        let asked = ["htons(53)", "/nscd/", "169.254."].iter().any(|it| call.contains(it));
        return asked.then(|| call.to_owned());
    }
    let file = call.split('"').nth(1)?;
    let is_wanted = ["/.aws", "/ssl/", "/certs"].iter().any(|it| file.contains(it));
    let is_there = !call.contains("ENOENT");
    let name = file.rsplit('/').next().unwrap_or_default();
    let of_the_loader = format!("{name}.").contains(".so.");
    // The packages lie in memory, which is no device.
    let of_the_kernel = ["/proc/", "/sys/", "/dev/"].iter().any(|it| file.starts_with(it))
        && !file.starts_with("/dev/shm/");
    let is_odd = is_wanted || (is_there && !of_the_loader && !of_the_kernel);
    is_odd.then(|| file.to_owned())
}
