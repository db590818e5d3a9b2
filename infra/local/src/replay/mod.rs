//! `replay`: a trace of real requests as CloudEvents through the public API, shifted so that it
//! ends now, and at the end what was sent beside what was counted.
//!
//! An event's identity includes its time, so the moment that a trace ends at is remembered for
//! each account, source and file: sent again, it is the same events, and no count moves.

mod client;
mod trace;

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use futures::{StreamExt, stream};
use indicatif::{ProgressBar, ProgressStyle};
use jiff::{SignedDuration, Timestamp};
use shared::{clock::Clock, id::AccountId, random::Random};

use client::{Client, Counted};
use trace::Trace;

/// Events of one request.
const BATCH: usize = 1000;
/// Requests under way at once.
const PARALLEL: usize = 4;
/// A remembered end may be so old: the trace stays inside the dedupe horizon.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What to send, to whom.
#[derive(clap::Args)]
pub struct Arguments {
    /// A CSV file: TIMESTAMP,ContextTokens,GeneratedTokens.
    file: PathBuf,
    /// The account whose use it is.
    #[arg(long)]
    account: AccountId,
    /// Where the panel is.
    #[arg(long, default_value = "http://127.0.0.1:9000")]
    url: String,
    /// The kind of work.
    #[arg(long, default_value = "text")]
    ai_type: String,
    /// The model.
    #[arg(long, default_value = "atlas-large")]
    model: String,
    /// The events' source.
    #[arg(long, default_value = "replay")]
    source: String,
    /// Send every event so many times.
    #[arg(long, default_value_t = 1)]
    duplicate: usize,
    /// Send them in no order.
    #[arg(long)]
    shuffle: bool,
    /// The gateway's key; by default the local panel tells it.
    #[arg(long)]
    service_key: Option<String>,
    /// A session token of the account, to read its usage; by default the local panel gives one.
    #[arg(long)]
    token: Option<String>,
    /// Forget where the trace ended before: it ends now, and counts as new events.
    #[arg(long)]
    afresh: bool,
}

/// Why a replay did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The file cannot be read.
    #[error("{0}")]
    File(PathBuf, #[source] io::Error),
    /// A line of the file is no request.
    #[error("line {line} of the trace: {reason}")]
    Line {
        /// Its number, from 1.
        line: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// The panel cannot be reached.
    #[error("the panel at {0}")]
    Unreachable(String, #[source] reqwest::Error),
    /// The panel said no.
    #[error("the panel answered {0}: {1}")]
    Refused(u16, String),
    /// Events were sent that the panel does not take.
    #[error("{0} events were rejected, the first because {1}")]
    Rejected(usize, String),
    /// Something was counted wrongly.
    #[error("what was counted is not what was sent")]
    Differs,
}

/// Replays and compares.
///
/// # Errors
/// When the file or the panel does not allow it, or the counts differ.
pub async fn run(arguments: Arguments, data: &Path) -> Result<(), ReplayError> {
    let trace = Trace::read(&arguments.file)?;
    let end = remembered_end(&arguments, data)?;
    let client = Client::connect(&arguments).await?;
    let (from, to) = (end - trace.length(), end);
    let before = client.usage(from, to).await?;
    say(&format!(
        "{} requests over {} minutes, ending {end}",
        trace.requests.len(),
        trace.length().as_mins(),
    ));

    let order = order(trace.requests.len(), arguments.duplicate, arguments.shuffle);
    let began = Instant::now();
    send(&client, &trace, &order, end, &arguments).await?;
    let sent_in = began.elapsed();
    let after = client.settled(from, to, before, &trace).await?;
    report(&trace, &order, sent_in, began.elapsed(), before, after);
    let unmoved = after == before && before.covers(&trace);
    if unmoved || after == before.plus(&trace) { Ok(()) } else { Err(ReplayError::Differs) }
}

async fn send(
    client: &Client,
    trace: &Trace,
    order: &[usize],
    end: Timestamp,
    arguments: &Arguments,
) -> Result<(), ReplayError> {
    let bar = ProgressBar::new(order.len() as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} events, {per_sec}, {eta}")
    {
        bar.set_style(style);
    }
    let mut sending = stream::iter(order.chunks(BATCH))
        .map(|places| async move {
            let events = places.iter().map(|place| trace.event(*place, end, arguments)).collect();
            client.send(events).await.map(|()| places.len())
        })
        .buffer_unordered(PARALLEL);
    while let Some(sent) = sending.next().await {
        bar.inc(sent? as u64);
    }
    bar.finish();
    Ok(())
}

/// The places of the trace to send, in the order to send them in.
fn order(length: usize, duplicate: usize, shuffle: bool) -> Vec<usize> {
    let mut order: Vec<usize> = (0..length).cycle().take(length * duplicate.max(1)).collect();
    if shuffle {
        let random = Random::seeded(1);
        for place in (1..order.len()).rev() {
            let other = usize::try_from(random.below(place as u64 + 1)).unwrap_or(0);
            order.swap(place, other);
        }
    }
    order
}

fn remembered_end(arguments: &Arguments, data: &Path) -> Result<Timestamp, ReplayError> {
    let path = data.join("replays.json");
    let failed = |error| ReplayError::File(path.clone(), error);
    let mut ends: BTreeMap<String, Timestamp> = fs::read(&path)
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or_default();
    let file = fs::canonicalize(&arguments.file).unwrap_or_else(|_| arguments.file.clone());
    let name = format!("{} {} {}", arguments.account, arguments.source, file.display());
    let now = Clock::system().now();
    let known = ends.get(&name).filter(|end| now.duration_since(**end) < REMEMBERED);
    match known {
        Some(end) if !arguments.afresh => Ok(*end),
        _ => {
            ends.insert(name, now);
            fs::create_dir_all(data).map_err(failed)?;
            let text = serde_json::to_vec_pretty(&ends).unwrap_or_default();
            fs::write(&path, text).map_err(failed)?;
            Ok(now)
        }
    }
}

fn report(
    trace: &Trace,
    order: &[usize],
    sent_in: Duration,
    counted_in: Duration,
    before: Counted,
    after: Counted,
) {
    let rate = |time: Duration| order.len() as u128 * 1000 / time.as_millis().max(1);
    say(&format!("sent     {} events in {sent_in:.1?}, {} a second", order.len(), rate(sent_in)));
    say(&format!("counted  after {counted_in:.1?}, {} a second", rate(counted_in)));
    say("                 requests    input tokens   output tokens");
    let line = |name: &str, counted: &Counted| {
        say(&format!(
            "{name:<12} {:>12} {:>15} {:>15}   {}",
            counted.requests, counted.input_tokens, counted.output_tokens, counted.cost,
        ));
    };
    line("trace", &Counted::of(trace));
    line("usage before", &before);
    line("usage now", &after);
}

#[expect(clippy::print_stdout, reason = "a command-line program speaks on standard output")]
fn say(text: &str) {
    println!("{text}");
}
