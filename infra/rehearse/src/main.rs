//! The rehearsal: the packages that Lambda would run, deployed with the operator's own commands to
//! an emulated AWS, and the journeys walked against the API's address.

#![expect(clippy::print_stdout, reason = "a command-line program speaks on standard output")]

mod bridge;
mod emulator;
mod sam;

use std::path::PathBuf;

use clap::Parser;
use local::StaffLogin;
use serde_json::{Value, json};
use shared::clock::Clock;
use tests::{PostOffice, Site, http_client_for, journeys};
use tokio::task::LocalSet;

use emulator::Emulator;
use sam::Sam;

/// Builds, deploys to an emulated AWS, and walks the journeys there. `sam`, `cargo-lambda` and
/// `ministack` have to be on the PATH.
#[derive(Parser)]
struct Cli {
    /// Where packages and logs are put.
    #[arg(long, default_value = ".local/rehearsal")]
    folder: PathBuf,
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
    let cli = Cli::parse();
    std::fs::create_dir_all(&cli.folder)
        .map_err(|error| RehearsalError::Io(cli.folder.display().to_string(), error))?;
    let emulator = Emulator::start(&cli.folder).await?;
    let sam = Sam::new(emulator.environment());

    println!("building the packages");
    let built = sam.build(&cli.folder.join("build"))?;
    println!("deploying them");
    let bridged = bridge::bridged(&built)?;
    sam.deploy(&bridged)?;
    let site = found(&sam, &emulator).await?;
    println!("walking the journeys at {}", site.url);
    // A journey that fails panics, as tests do: in a task of its own.
    let journeys = LocalSet::new();
    let walk = journeys.spawn_local(async move { journeys::all(&site).await });
    journeys.await;
    if walk.await.is_err() {
        println!("{}", emulator.last_words());
        return Err(RehearsalError::Journey);
    }
    println!("the rehearsal is done");
    Ok(())
}

/// The deployed panel, with the staff's login and the gateway's key as an operator makes them.
async fn found(sam: &Sam, emulator: &Emulator) -> Result<Site, RehearsalError> {
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
