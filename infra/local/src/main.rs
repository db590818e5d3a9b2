//! `cargo run`: the panel on a laptop. `cargo run -- replay FILE`: a trace through its API.

#![expect(clippy::print_stdout, reason = "a command-line program speaks on standard output")]

use std::{
    fs,
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use clap::{Parser, Subcommand};
use local::{Options, Panel, replay};
use shared::{clock::Clock, wire::Wire};
use tokio::signal::unix::{SignalKind, signal};

const FUNCTIONS_ENV: &str = ".local/functions.env";

/// The AI rental panel on this machine.
#[derive(Parser)]
#[command(name = "panel")]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    /// The port of pages and API on 127.0.0.1; 0 picks a free one. [default: 9000; 9001 with
    /// `--cloud-only`]
    #[arg(long)]
    port: Option<u16>,
    /// Keep nothing: the data is gone when the panel stops.
    #[arg(long)]
    memory: bool,
    /// Where the data lies.
    #[arg(long, default_value = ".local")]
    data: PathBuf,
    /// Start without the demo company.
    #[arg(long)]
    no_demo: bool,
    /// Only the embedded cloud and the workers, for `cargo lambda watch` beside; the functions'
    /// environment is written to `.local/functions.env`.
    #[arg(long)]
    cloud_only: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Send a trace of requests as usage events through the API and compare what was counted.
    Replay(replay::Arguments),
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let cli = Cli::parse();
    log();
    match cli.command {
        Some(Command::Replay(arguments)) => replay::run(arguments, &cli.data).await?,
        None => serve(cli).await?,
    }
    Ok(())
}

async fn serve(cli: Cli) -> Result<(), Box<dyn std::error::Error>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let cloud_only = cli.cloud_only;
    let options = Options {
        port: cli.port.unwrap_or(if cli.cloud_only { 9001 } else { 9000 }),
        dynamodb_port: 8000,
        aws_port: 4566,
        data: (!cli.memory).then_some(cli.data),
        demo: !cli.no_demo,
        cloud_only: cli.cloud_only,
        clock: Clock::system(),
        wire: Wire::default(),
    };
    let panel = tokio::select! {
        started = Panel::start(options) => started?,
        _ = terminate.recv() => return Ok(()),
    };
    if cloud_only {
        write_environment(&panel, Path::new(FUNCTIONS_ENV))?;
    }
    introduce(&panel);
    println!("ready {}", panel.url);
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted?,
        _ = terminate.recv() => {}
    }
    panel.stop().await?;
    println!("stopped");
    Ok(())
}

/// What `cargo lambda watch` hands to the functions, as `Cargo.toml` tells it.
fn write_environment(panel: &Panel, file: &Path) -> std::io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    // The panel's secret is among them.
    let mut file =
        fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(file)?;
    panel.environment.iter().try_for_each(|(name, value)| writeln!(file, "{name}={value}"))
}

fn introduce(panel: &Panel) {
    println!("panel        {}", panel.url);
    println!("mails        {}/_local/mail", panel.url);
    println!("DynamoDB     {}", panel.cloud.dynamodb_endpoint());
    println!("SQS, SES     {}", panel.cloud.aws_endpoint());
    println!("bank         {}", panel.cloud.bank().url());
    println!("service key  {}", panel.people.service_key);
    let staff = &panel.people.staff;
    println!("staff        {}  {}", staff.email, staff.password);
    for demo in &panel.people.demo {
        println!("demo client  {}  {}  {}", demo.email, demo.password, demo.account);
    }
}

fn log() {
    use tracing_subscriber::{
        Layer as _,
        filter::{LevelFilter, Targets},
        fmt::layer,
        layer::SubscriberExt as _,
    };
    // A refused condition is an answer, not a warning.
    let targets = Targets::new()
        .with_default(LevelFilter::WARN)
        .with_target("dynoxide::server", LevelFilter::ERROR);
    let lines = layer().with_writer(std::io::stderr).with_filter(targets);
    let subscriber = tracing_subscriber::registry().with(lines);
    // A second subscriber in one process could only be a test's.
    let _already = tracing::subscriber::set_global_default(subscriber);
}
