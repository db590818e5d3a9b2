//! `cargo bench -p tests --bench authorize`: how many requests a second are let through that a limit holds room
//! for, of one hot account and of a hundred; see BENCHMARKS.md.

#![expect(clippy::print_stdout, reason = "a bench speaks on standard output")]
#![expect(clippy::expect_used, reason = "a bench ends where its world does")]

use std::{
    process::ExitCode,
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use clap::Parser;
use futures::future::join_all;
use serde_json::{Value, json};
use tests::gateway::{Gateway, ask, caller};

#[derive(Parser)]
struct Arguments {
    /// How many ask at once.
    #[arg(long, default_value_t = 16)]
    functions: usize,
    /// For how many seconds.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Fewer a second are a failure.
    #[arg(long, default_value_t = 500)]
    least: usize,
    /// Cargo says so to every bench.
    #[arg(long, hide = true)]
    bench: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let Arguments { functions, seconds, least, bench: _ } = Arguments::parse();
    let gateway = Gateway::start(functions).await;
    gateway.heat().await;
    let one = rate(&gateway, std::slice::from_ref(&gateway.client.secret), seconds).await;
    println!("one hot account: {one} a second");
    let mut secrets = Vec::new();
    for number in 0..100 {
        secrets.push(caller(&gateway.world, &format!("client{number}"), None).await.secret);
    }
    let many = rate(&gateway, &secrets, seconds).await;
    println!("a hundred accounts: {many} a second");
    if one >= least && many >= least { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// How many requests a second are let through, all of them with room.
async fn rate(gateway: &Gateway, secrets: &[String], seconds: u64) -> usize {
    let (allowed, begun) = (AtomicUsize::new(0), Instant::now());
    let (limit, small) = (Duration::from_secs(seconds), json!({"estimate": {"tokens": 1}}));
    let asking = gateway.functions.iter().enumerate().map(|(place, function)| {
        let (allowed, small) = (&allowed, &small);
        async move {
            let mut number = place;
            while begun.elapsed() < limit {
                let secret = &secrets[number % secrets.len()];
                let reply: Value = ask(function, &gateway.service_key, secret, small).await;
                assert_eq!(reply["allowed"], true, "there is room: {reply}");
                allowed.fetch_add(1, Ordering::SeqCst);
                number += gateway.functions.len();
            }
        }
    });
    join_all(asking).await;
    allowed.into_inner() / usize::try_from(seconds).expect("some seconds")
}
