//! The journeys under `cargo lambda watch`: each function a process of its own, the routes those of
//! `Cargo.toml`, the cloud the embedded one.

use std::{
    io::{BufRead, BufReader},
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use local::{StaffLogin, WATCHED};
use serde_json::Value;
use shared::clock::Clock;
use tests::{PostOffice, Site, http_client};

use crate::{RehearsalError, walk};

/// The first request waits until its function is compiled.
const PATIENCE: Duration = Duration::from_mins(20);
const BETWEEN_LOOKS: Duration = Duration::from_millis(200);

/// A process with its children; all end when this is dropped.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let group = format!("-{}", self.0.id());
        // Nobody is left to hear of a failure.
        let _asked = Command::new("kill").args(["-TERM", "--", &group]).status();
        let _ended = self.0.wait();
    }
}

/// Starts both and walks the journeys.
pub(crate) async fn rehearse(panel: &Path) -> Result<(), RehearsalError> {
    let mut cloud = spawn(
        Command::new(panel)
            .args(["--cloud-only", "--memory", "--no-demo", "--port", "0"])
            .stdout(Stdio::piped()),
    )?;
    let desk = ready(&mut cloud)?;
    let _watch = spawn(Command::new("cargo").args(["lambda", "watch", "--ignore-changes"]))?;
    let http = http_client();
    serves(&http).await?;

    let info = http.get(format!("{desk}/_local/info")).send().await;
    let info = info.map_err(|_| RehearsalError::Emulator)?.text().await.unwrap_or_default();
    let info: Value = serde_json::from_str(&info)
        .map_err(|_| RehearsalError::Shape("the panel's introduction", info))?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let staff = &info["staff"];
    walk(Site {
        url: WATCHED.to_owned(),
        http,
        clock: Clock::system(),
        service_key: text(&info["service_key"]),
        staff: StaffLogin { email: text(&staff["email"]), password: text(&staff["password"]) },
        mail: PostOffice::Desk(desk),
    })
    .await
}

fn spawn(command: &mut Command) -> Result<Process, RehearsalError> {
    let name = format!("{command:?}");
    let child = command.stdin(Stdio::null()).process_group(0).spawn();
    child.map(Process).map_err(|error| RehearsalError::Io(name, error))
}

/// The address of the panel's desk, once it answers.
fn ready(panel: &mut Process) -> Result<String, RehearsalError> {
    let lines = panel.0.stdout.take().map(|output| BufReader::new(output).lines());
    let mut lines = lines.into_iter().flatten().map_while(Result::ok);
    lines
        .find_map(|line| line.strip_prefix("ready ").map(str::to_owned))
        .ok_or_else(|| RehearsalError::Shape("the panel's start", "it ended".to_owned()))
}

/// Waits until both functions answer.
async fn serves(http: &reqwest::Client) -> Result<(), RehearsalError> {
    let begun = Instant::now();
    for path in ["/health", "/login"] {
        loop {
            let reply = http.get(format!("{WATCHED}{path}")).send().await;
            if reply.is_ok_and(|reply| reply.status().is_success()) {
                break;
            }
            if begun.elapsed() > PATIENCE {
                return Err(RehearsalError::Emulator);
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
    }
    Ok(())
}
