//! The rehearsal: the packages that Lambda would run, deployed with the operator's own commands to
//! an emulated AWS, and the journeys walked against the API's address.

#![expect(clippy::print_stdout, reason = "a command-line program speaks on standard output")]

mod bridge;
mod emulator;
mod sam;
mod watch;

use std::path::{Path, PathBuf};

use clap::{Parser, Subcommand};
use local::StaffLogin;
use serde_json::{Value, json};
use shared::clock::Clock;
use tests::{PostOffice, Site, http_client_for, journeys};
use tokio::task::LocalSet;

use emulator::Emulator;
use sam::Sam;

/// Walks the journeys where the functions run as packages of their own.
#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    stage: Stage,
}

/// `sam`, `cargo-lambda` and `ministack` have to be on the PATH.
#[derive(Subcommand)]
enum Stage {
    /// Builds the packages, deploys the template to an emulated AWS and walks the journeys there.
    Aws {
        /// Where packages and logs are put.
        #[arg(long, default_value = ".local/rehearsal")]
        folder: PathBuf,
    },
    /// Walks the journeys under `cargo lambda watch`, beside `panel --cloud-only`.
    Watch {
        /// The panel's binary.
        #[arg(long)]
        panel: PathBuf,
    },
}

/// Why the rehearsal could not be held.
#[derive(Debug, thiserror::Error)]
enum RehearsalError {
    /// A tool could not be started, or a file not be used.
    #[error("{0}")]
    Io(String, #[source] std::io::Error),
    /// A tool failed.
    #[error("{command} failed:\n{output}")]
    Tool { command: String, output: String },
    /// The emulator is not there.
    #[error("the emulated AWS does not answer")]
    Emulator,
    /// Something was not shaped as expected.
    #[error("{0} is not what was expected: {1}")]
    Shape(&'static str, String),
    /// A journey ended early; what it missed is printed above.
    #[error("a journey failed")]
    Journey,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), RehearsalError> {
    match Cli::parse().stage {
        Stage::Aws { folder } => on_aws(&folder).await,
        Stage::Watch { panel } => watch::rehearse(&panel).await,
    }
}

async fn on_aws(folder: &Path) -> Result<(), RehearsalError> {
    std::fs::create_dir_all(folder)
        .map_err(|error| RehearsalError::Io(folder.display().to_string(), error))?;
    let emulator = Emulator::start(folder).await?;
    let sam = Sam::new(emulator.environment());
    println!("building the packages");
    let built = sam.build(&folder.join("build"))?;
    println!("deploying them");
    sam.deploy(&bridge::bridged(&built)?)?;
    let site = found(&sam, &emulator)?;
    let walked = walk(site).await;
    if walked.is_err() {
        println!("{}", emulator.last_words());
    }
    walked
}

/// Walks the journeys; one that fails panics, as tests do, in a task of its own.
async fn walk(site: Site) -> Result<(), RehearsalError> {
    println!("walking the journeys at {}", site.url);
    let journeys = LocalSet::new();
    let walk = journeys.spawn_local(async move { journeys::all(&site).await });
    journeys.await;
    walk.await.map_err(|_| RehearsalError::Journey)?;
    println!("the rehearsal is done");
    Ok(())
}

/// The deployed panel, with the staff's login and the gateway's key as an operator makes them.
fn found(sam: &Sam, emulator: &Emulator) -> Result<Site, RehearsalError> {
    let url = sam.output("Address")?;
    let staff = json!({"create_staff": {"email": "staff@panel.example", "name": "Sam Staff"}});
    let staff = sam.operate(&staff)?["staff"].clone();
    let key = json!({"create_service_key": {"account": staff["account"], "name": "gateway"}});
    let key = sam.operate(&key)?["service_key"].clone();
    let text = |value: &Value| {
        let text = value.as_str().map(str::to_owned);
        text.ok_or_else(|| RehearsalError::Shape("the operator's reply", value.to_string()))
    };
    let host = url.trim_start_matches("http://").split(':').next().unwrap_or_default();
    Ok(Site {
        http: http_client_for(host, emulator.address()),
        clock: Clock::system(),
        service_key: text(&key)?,
        staff: StaffLogin { email: text(&staff["email"])?, password: text(&staff["password"])? },
        mail: PostOffice::Ses(emulator.mails()),
        url,
    })
}
