//! The rehearsal: the packages that Lambda would run, deployed with the operator's commands to an
//! emulated AWS, and the journeys walked against the API's address, with what the schedule and SES set off;
//! and the same journeys under `cargo lambda watch`.

#![expect(clippy::print_stdout, reason = "a command-line program speaks on standard output")]

mod bridge;
mod emulator;
mod outside;
mod process;
mod sam;
mod watch;

use std::{
    io,
    path::{Path, PathBuf},
    process::{ExitCode, ExitStatus},
    sync::Arc,
};

use clap::{Parser, Subcommand};
use cloud::bank::{BANK_KEY, Bank};
use serde_json::json;
use shared::{clock::Clock, queue::chain};
use tests::{PostOffice, Site, http_client, journeys};
use tokio::{
    signal::unix::{SignalKind, signal},
    task::LocalSet,
};

use emulator::Emulator;
use outside::Outside;
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
    /// A program could not be started, or a file not be used.
    #[error("{0}")]
    Io(String, #[source] io::Error),
    /// The bank did not open.
    #[error("the bank")]
    Bank(#[from] cloud::CloudError),
    /// A tool failed.
    #[error("{command} failed:\n{output}")]
    Tool { command: String, output: String },
    /// A program ended that was still needed.
    #[error("{0} has ended: {1}")]
    Ended(String, ExitStatus),
    /// A program did not answer in time.
    #[error("{0} does not answer")]
    Silent(String),
    /// Somebody else listens where the functions are to be served.
    #[error("somebody listens at {0} already")]
    Taken(&'static str),
    /// Something was not shaped as expected.
    #[error("{0} is not what was expected: {1}")]
    Shape(&'static str, String),
    /// A journey ended early; what it missed is printed above.
    #[error("a journey failed")]
    Journey,
    /// Somebody asked to stop.
    #[error("stopped")]
    Stopped,
}

impl RehearsalError {
    fn io(what: &str, error: io::Error) -> Self {
        Self::Io(what.to_owned(), error)
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let held = tokio::select! {
        held = hold(Cli::parse().stage) => held,
        () = stopped() => Err(RehearsalError::Stopped),
    };
    match held {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("{}", chain(&error));
            ExitCode::FAILURE
        }
    }
}

async fn hold(stage: Stage) -> Result<(), RehearsalError> {
    match stage {
        Stage::Aws { folder } => on_aws(&folder).await,
        Stage::Watch { panel } => watch::rehearse(&panel).await,
    }
}

/// Somebody asks to stop: what was started is ended first.
async fn stopped() {
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

async fn on_aws(folder: &Path) -> Result<(), RehearsalError> {
    std::fs::create_dir_all(folder)
        .map_err(|error| RehearsalError::io(&folder.display().to_string(), error))?;
    let emulator = Emulator::start(folder).await?;
    let rehearsed = deployed(&emulator, folder).await;
    if rehearsed.is_err() {
        println!("{}", emulator.last_words());
    }
    rehearsed
}

async fn deployed(emulator: &Emulator, folder: &Path) -> Result<(), RehearsalError> {
    // The payment provider is no part of AWS: the bank of the laptop stands for it.
    let clock = Clock::system();
    let bank = Bank::open(None, 0, Arc::new(move || clock.now().as_second())).await?;
    let sam = Sam::new(folder, emulator.environment(), &bank.url())?;
    outside::keep_secret(&emulator.environment(), "panel/payments-key", BANK_KEY)?;
    let secret = bank.secret();
    outside::keep_secret(&emulator.environment(), "panel/payments-webhook-secret", secret)?;
    println!("building the packages");
    let built = sam.build(&folder.join("build"))?;
    println!("deploying them");
    sam.deploy(&bridge::bridged(&built)?)?;
    let site = site(&sam, emulator)?;
    bank.tell(format!("{}/v1/webhooks/stripe", site.url));
    let outside = Outside::new(emulator.environment(), sam.output("Table")?, sam);
    walk(site, Some(outside)).await
}

/// The deployed panel, with the staff's login and the gateway's key as an operator makes them.
fn site(sam: &Sam, emulator: &Emulator) -> Result<Site, RehearsalError> {
    let url = bridge::address(&sam.output("Address")?, emulator.address());
    let staff = json!({"create_staff": {"email": "staff@panel.example", "name": "Sam Staff"}});
    let staff = sam.operate(&staff)?["staff"].clone();
    let key = json!({"create_service_key": {"name": "gateway"}});
    let key = sam.operate(&key)?["service_key"].clone();
    Site::told(&url, http_client(), &key, &staff, PostOffice::Ses(emulator.mails()))
        .ok_or(RehearsalError::Shape("the operator's login", staff["account"].to_string()))
}

/// Walks the journeys; one that fails panics, as tests do, in a task of its own.
async fn walk(site: Site, outside: Option<Outside>) -> Result<(), RehearsalError> {
    println!("walking the journeys at {}", site.url);
    let journeys = LocalSet::new();
    let walk = journeys.spawn_local(async move {
        journeys::all(&site).await;
        match outside {
            Some(outside) => outside.walk(&site).await,
            None => Ok(()),
        }
    });
    journeys.await;
    walk.await.map_err(|_| RehearsalError::Journey)??;
    println!("the rehearsal is done");
    Ok(())
}
