//! One process of one function: its start, its work, its memory.

use std::{
    fs,
    net::SocketAddr,
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use cloud::Runtime;
use tests::World;
use tokio::{
    process::{Child, Command},
    time::timeout,
};

use crate::{proxy::Proxy, subject::Subject};

/// So many invocations follow the first.
pub(crate) const WARM: u64 = 21;
/// A process that says nothing for so long is broken.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// What one start came to.
#[derive(Clone, Copy)]
pub(crate) struct Start {
    /// From the start of the process to its asking for work, without the connection.
    pub(crate) init: Duration,
    /// The connection that is made meanwhile, to the first reply.
    pub(crate) connecting: Duration,
    /// Processor time of the start.
    pub(crate) cpu: Duration,
}

/// What one process came to at work.
pub(crate) struct Work {
    /// The first invocation.
    pub(crate) first: Duration,
    /// The median of those after it.
    pub(crate) warm: Duration,
    /// Most memory that was resident, in KiB.
    pub(crate) peak_kib: u64,
}

/// A function that asks for work.
struct Process {
    child: Child,
    pid: u32,
    runtime: Runtime,
    /// They close with it.
    _wires: [Proxy; 2],
}

/// Starts the function and ends it.
pub(crate) async fn start(world: &World, bootstrap: &Path) -> Start {
    let (mut process, start) = begin(world, bootstrap).await;
    end(&mut process.child).await;
    start
}

/// Starts the function, hands it its events and ends it.
pub(crate) async fn work(world: &World, bootstrap: &Path, subject: &Subject, round: u64) -> Work {
    let (mut process, _) = begin(world, bootstrap).await;
    let event = |number| round * (WARM + 1) + number;
    let first = invoke(&process.runtime, subject, event(0)).await;
    let mut later = Vec::new();
    for number in 1..=WARM {
        later.push(invoke(&process.runtime, subject, event(number)).await);
    }
    later.sort_unstable();
    let peak_kib = peak_kib(process.pid);
    end(&mut process.child).await;
    Work { first, warm: later[later.len() / 2], peak_kib }
}

async fn begin(world: &World, bootstrap: &Path) -> (Process, Start) {
    let tables = Proxy::start(address(&world.panel.cloud.dynamodb_endpoint())).await;
    let rest = Proxy::start(address(&world.panel.cloud.aws_endpoint())).await;
    let runtime = Runtime::start().await.expect("a runtime");
    let mut command = command(world, bootstrap, &runtime);
    command
        .env("AWS_ENDPOINT_URL_DYNAMODB", format!("http://{}", tables.address))
        .env("AWS_ENDPOINT_URL", format!("http://{}", rest.address));
    let begun = Instant::now();
    let child = command.spawn().expect("the packaged function");
    let pid = child.id().expect("it runs");
    timeout(PATIENCE, runtime.asked()).await.expect("the function asks for work");
    let started = begun.elapsed();
    let connecting = tables.connecting() + rest.connecting();
    let init = started.saturating_sub(connecting);
    let start = Start { init, connecting, cpu: processor_time(pid) };
    (Process { child, pid, runtime, _wires: [tables, rest] }, start)
}

/// The function's process as Lambda would start it.
pub(crate) fn command(world: &World, program: &Path, runtime: &Runtime) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .envs(&world.panel.environment)
        .env("AWS_LAMBDA_RUNTIME_API", runtime.address().to_string())
        .env("AWS_LAMBDA_FUNCTION_NAME", "function")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512")
        .env("AWS_LAMBDA_LOG_GROUP_NAME", "log")
        .env("AWS_LAMBDA_LOG_STREAM_NAME", "log")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .kill_on_drop(true);
    command
}

/// One invocation, until the function asks for the next.
pub(crate) async fn invoke(runtime: &Runtime, subject: &Subject, number: u64) -> Duration {
    let event = subject.event(number).to_string();
    let begun = Instant::now();
    let invoked = runtime.invoke(event);
    let outcome = timeout(PATIENCE, invoked.outcome).await.expect("the function answers");
    let elapsed = begun.elapsed();
    let reply = outcome.expect("it lives").expect("it does its work");
    assert!(is_success(&reply), "{}: {reply}", subject.binary);
    timeout(PATIENCE, runtime.asked()).await.expect("the function asks again");
    elapsed
}

pub(crate) async fn end(child: &mut Child) {
    child.kill().await.expect("it ends");
}

/// No 5xx or 4xx reply, no failed record.
fn is_success(reply: &str) -> bool {
    let reply: serde_json::Value = serde_json::from_str(reply).unwrap_or_default();
    let status = reply["statusCode"].as_u64().unwrap_or(200);
    let failed = reply["batchItemFailures"].as_array().map_or(0, Vec::len);
    status < 400 && failed == 0 && reply["error"].is_null()
}

fn address(endpoint: &str) -> SocketAddr {
    endpoint.trim_start_matches("http://").parse().expect("a socket's address")
}

/// What the process has had of the processors, all of its threads; they all live still.
fn processor_time(pid: u32) -> Duration {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).expect("the process's threads");
    let nanos = tasks.map(|task| {
        let file = task.expect("a thread").path().join("schedstat");
        let times = fs::read_to_string(file).expect("its times");
        times.split_whitespace().next().and_then(|it| it.parse::<u64>().ok()).expect("a number")
    });
    Duration::from_nanos(nanos.sum())
}

fn peak_kib(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("the process's status");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("its peak");
    line.split_whitespace().next().and_then(|it| it.parse().ok()).expect("a number")
}
