//! `cargo run -- replay`: a trace through the public API, and again, and nothing moves.

use std::{fmt::Write as _, fs, path::PathBuf};

use clap::Parser;
use jiff::{ToSpan, tz::TimeZone};
use local::replay::{self, Arguments};
use serde_json::json;
use shared::{clock::Clock, wire::Wire};
use tests::World;

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    arguments: Arguments,
}

/// A folder of this test's own, gone with it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("panel-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

#[tokio::test]
async fn a_trace_is_counted_exactly_and_a_second_time_not_at_all() {
    let world = World::at(Clock::system(), Wire::default()).await;
    let acme = world.client("acme").await;
    let folder = Folder::new("replay");
    let file = folder.0.join("trace.csv");
    let mut trace = String::from("TIMESTAMP,ContextTokens,GeneratedTokens\n");
    for number in 0..150 {
        let (minute, second) = (number / 60, number % 60);
        let output = number * 2;
        writeln!(trace, "2023-11-16 18:{minute:02}:{second:02}.1234567,{number},{output}").unwrap();
    }
    fs::write(&file, trace).unwrap();

    // The trace ends now, and may begin in another month.
    let today = world.panel.app.clock.now().to_zoned(TimeZone::UTC).date();
    let (from, to) = (today - 2.days(), today + 2.days());
    let usage = format!("/v1/usage?from={from}&to={to}");
    let run = async |extra: &[&str]| {
        let mut words = vec!["replay", file.to_str().unwrap(), "--account", &acme.account];
        words.extend(["--url", &world.panel.url]);
        words.extend(extra);
        replay::run(Cli::parse_from(words).arguments, &folder.0).await.unwrap();
        acme.get(&usage).await.json()["totals"].clone()
    };
    let first = run(&[]).await;
    assert_eq!(first["requests"], 150);
    assert_eq!((&first["input_tokens"], &first["output_tokens"]), (&json!(11_175), &json!(22_350)));
    // 11,175 × 0.50/10^6 + 22,350 × 1.50/10^6 + 150 × 0.0001
    assert_eq!(first["cost"]["amount"], "0.0541125");
    assert_eq!(run(&["--duplicate", "3", "--shuffle"]).await, first);
    let afresh = run(&["--source", "another"]).await;
    assert_eq!(afresh["requests"], 300);
}
