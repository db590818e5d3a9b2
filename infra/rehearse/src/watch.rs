//! The journeys under `cargo lambda watch`: each function a process of its own, the routes those of
//! `Cargo.toml`, the cloud the embedded one.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{ChildStdout, Command, Stdio},
    time::Duration,
};

use local::WATCHED;
use reqwest::Client;
use serde_json::Value;
use tests::{PostOffice, Site, http_client};

use crate::{RehearsalError, process::Process, walk};

/// The first request waits until its function is compiled.
const PATIENCE: Duration = Duration::from_mins(20);

/// Starts both and walks the journeys.
pub(crate) async fn rehearse(panel: &Path) -> Result<(), RehearsalError> {
    let http = http_client();
    if http.get(WATCHED).send().await.is_ok() {
        // Whoever that is, it is not to be walked through.
        return Err(RehearsalError::Taken(WATCHED));
    }
    // Declared first and so dropped last: the panel says when it ends, to whom listens.
    let mut said;
    let mut cloud = Process::start(
        Command::new(panel)
            .args(["--cloud-only", "--memory", "--no-demo", "--port", "0"])
            .stdout(Stdio::piped()),
    )?;
    said = cloud.stdout().map(BufReader::new);
    let desk = said.as_mut().and_then(ready);
    let desk = desk.ok_or_else(|| RehearsalError::Silent("panel".to_owned()))?;
    let mut watch =
        Process::start(Command::new("cargo").args(["lambda", "watch", "--ignore-changes"]))?;
    // One of each function: each is built when it is asked for the first time.
    for function in local::functions() {
        let mut rows = function.routes.table().iter();
        let page = rows.find(|row| row.method == "GET" && !row.path.contains('{'));
        let path = page.map_or("/", |row| row.path);
        watch.awaited(PATIENCE, async || answers(&http, path).await).await?;
    }
    walk(site(http, desk).await?, None).await
}

/// The address of the panel's desk, once it answers; nothing if it ended.
fn ready(said: &mut BufReader<ChildStdout>) -> Option<String> {
    let mut lines = said.lines().map_while(Result::ok);
    lines.find_map(|line| line.strip_prefix("ready ").map(str::to_owned))
}

/// Whatever a stranger is told: the function runs.
async fn answers(http: &Client, path: &str) -> Option<()> {
    let reply = http.get(format!("{WATCHED}{path}")).send().await.ok()?;
    (!reply.status().is_server_error()).then_some(())
}

async fn site(http: Client, desk: String) -> Result<Site, RehearsalError> {
    let reply = http.get(format!("{desk}/_local/info")).send().await;
    let text = match reply {
        Ok(reply) => reply.text().await.unwrap_or_default(),
        Err(error) => return Err(RehearsalError::Shape("the panel's desk", error.to_string())),
    };
    let info: Value = serde_json::from_str(&text).unwrap_or_default();
    Site::told(WATCHED, http, &info["service_key"], &info["staff"], PostOffice::Desk(desk))
        .ok_or(RehearsalError::Shape("the panel's introduction", text))
}
