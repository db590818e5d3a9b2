//! The rows of COSTS.md, and their comparison with what was agreed.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    path::Path,
};

use local::{HttpFunction, all_routes, functions};
use reqwest::RequestBuilder;
use serde_json::Value;
use shared::{
    config::Setting,
    http::Route,
    testing::{Bill, EventSpecimen, Tally},
};
use tests::{World, read};

/// On-demand prices of us-east-1 in November 2026, in 1/10,000 of a dollar for a million: half a
/// read unit, a write unit, an SQS request of 64 KB, a mail.
const HALF_READ_UNIT: u64 = 625;
const WRITE_UNIT: u64 = 6_250;
const QUEUE_REQUEST: u64 = 4_000;
const MAIL: u64 = 1_000_000;

const HEAD: &str = "\
# What each request and event costs

Counted by an interceptor in the SDK against the embedded table: calls to AWS, how many of them
come one after the other, DynamoDB's capacity units, and US dollars for a million at on-demand
prices (us-east-1: $0.625 a million write units, $0.125 a million read units, $0.40 a million SQS
requests of 64 KB, $0.10 a thousand mails). API Gateway ($1.00) and Lambda ($0.20 and its time)
come on top of every request; receiving and deleting, two requests a batch, on top of every worker.

A number that rises fails the tests; one that falls wants this file written anew:
`UPDATE=1 cargo nextest run -p tests costs`. A refused condition is billed like the write it
stopped; the emulator says nothing of those, so they are counted as one unit, two in a transaction.

";

/// The most that a row may cost, whatever is agreed.
#[derive(Clone, Copy)]
pub(crate) struct Budget {
    pub(crate) in_sequence: usize,
    pub(crate) half_read_units: u64,
}

/// What was measured so far.
pub(crate) struct Book<'a> {
    world: &'a World,
    tally: Tally,
    /// The rows of each route, by its place in the tables.
    requests: BTreeMap<usize, Vec<String>>,
    events: Vec<String>,
    /// What each function asked of AWS, as IAM names it.
    used: BTreeMap<&'static str, BTreeSet<&'static str>>,
    /// The settings that each function read.
    read: BTreeMap<&'static str, BTreeSet<Setting>>,
    last: Bill,
    budget: Option<Budget>,
}

impl<'a> Book<'a> {
    pub(crate) fn new(world: &'a World, tally: Tally) -> Self {
        Self {
            world,
            tally,
            requests: BTreeMap::new(),
            events: Vec::new(),
            used: BTreeMap::new(),
            read: BTreeMap::new(),
            last: Bill::default(),
            budget: None,
        }
    }

    /// The budget of the next row.
    pub(crate) fn within(&mut self, budget: Budget) -> &mut Self {
        self.budget = Some(budget);
        self
    }

    /// Sends a request and writes its cost down.
    pub(crate) async fn row(
        &mut self,
        method: &str,
        route: &str,
        situation: &str,
        status: u16,
        request: RequestBuilder,
    ) -> Value {
        let config = &self.world.panel.app.config;
        let (_bill, _read) = (self.tally.take(), config.take_read());
        let reply = read(request).await;
        let settings = config.take_read();
        self.last = self.tally.take();
        assert_eq!(reply.status.as_u16(), status, "{method} {route} {situation}: {}", reply.text);
        if let Some(budget) = self.budget.take() {
            assert!(self.last.depth() <= budget.in_sequence, "{route}: {:?}", self.last);
            assert!(
                self.last.half_read_units() <= budget.half_read_units,
                "{route}: {:?}",
                self.last
            );
        }
        let is_it = |it: &Route| it.method == method && it.path == route;
        let serves = |it: &HttpFunction| it.routes.table().iter().any(is_it);
        let function = functions().into_iter().find(serves).unwrap().function.name;
        self.uses(function);
        self.read.entry(function).or_default().extend(settings);
        // Whoever comes with a credential may be the first in five minutes, which is noted
        // (`shared/src/auth/extract.rs`, `shared/src/auth/api_key.rs`).
        self.used.entry(function).or_default().insert("dynamodb:UpdateItem");
        let place = all_routes().table().iter().position(is_it).unwrap();
        let row = line(&format!("`{method} {route}`"), situation, &self.last, 1);
        let rows = self.requests.entry(place).or_default();
        assert!(!rows.contains(&row), "twice: {row}");
        rows.push(row);
        self.world.drain().await;
        reply.json()
    }

    /// Writes down what events cost a worker together, each one's share of it.
    pub(crate) fn event(
        &mut self,
        worker: &'static str,
        specimen: &EventSpecimen,
        bill: Bill,
        read: &[Setting],
    ) {
        let EventSpecimen { what, situation, count, .. } = specimen;
        self.events.push(line(what, situation, &bill, *count));
        self.last = bill;
        self.uses(worker);
        self.read.entry(worker).or_default().extend(read);
    }

    fn uses(&mut self, function: &'static str) {
        let used = self.used.entry(function).or_default();
        used.extend(self.last.actions());
    }

    /// The settings that each function read in all rows.
    pub(crate) fn read(&self) -> &BTreeMap<&'static str, BTreeSet<Setting>> {
        &self.read
    }

    /// What each function asked of AWS in all rows, as IAM names it.
    pub(crate) fn used(&self) -> &BTreeMap<&'static str, BTreeSet<&'static str>> {
        &self.used
    }

    /// What the last row cost.
    pub(crate) fn last(&self) -> &Bill {
        &self.last
    }

    /// Compares with what was agreed.
    #[expect(clippy::disallowed_methods, reason = "a developer's switch, not a setting")]
    pub(crate) fn compare(&self) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../COSTS.md");
        let text = self.text();
        if std::env::var("UPDATE").is_ok() {
            std::fs::write(&path, &text).unwrap();
        }
        let agreed = std::fs::read_to_string(path).unwrap_or_default();
        let known: BTreeSet<&str> = agreed.lines().collect();
        let new: Vec<&str> = text.lines().filter(|line| !known.contains(line)).collect();
        assert!(agreed == text, "not as agreed in COSTS.md:\n{}", new.join("\n"));
    }

    fn text(&self) -> String {
        let columns = "| in sequence | read units | write units | $ a million |\n";
        let rule = "| ---: | ---: | ---: | ---: |\n";
        let mut text = HEAD.to_owned();
        text.push_str("## Requests\n\n");
        let _written =
            write!(text, "| request | situation | calls {columns}| --- | --- | --- {rule}");
        text.extend(self.requests.values().flatten().map(String::as_str));
        text.push_str("\n## Events\n\nUnits and dollars are for one event.\n\n");
        let _written =
            write!(text, "| event | situation | calls {columns}| --- | --- | --- {rule}");
        text.push_str(&self.events.concat());
        text
    }
}

fn line(what: &str, situation: &str, bill: &Bill, count: u64) -> String {
    let (read, write) = (bill.half_read_units(), bill.write_units());
    let price = bill.count("SendRawEmail") as u64 * MAIL
        + bill.queue_requests() * QUEUE_REQUEST
        + read * HALF_READ_UNIT
        + write * WRITE_UNIT;
    format!(
        "| {what} | {situation} | {} | {} | {} | {} | {} |\n",
        names(bill),
        bill.depth(),
        decimal(read * 5_000, count),
        decimal(write * 10_000, count),
        decimal(price, count),
    )
}

/// The calls by name, in the order of each name's first.
fn names(bill: &Bill) -> String {
    let mut names: Vec<(&str, usize)> = Vec::new();
    for charge in &bill.charges {
        match names.iter_mut().find(|(name, _)| *name == charge.operation) {
            Some((_, times)) => *times += 1,
            None => names.push((charge.operation, 1)),
        }
    }
    let names = names.into_iter().map(|(name, times)| match times {
        1 => name.to_owned(),
        _ => format!("{name} ×{times}"),
    });
    names.collect::<Vec<_>>().join(", ")
}

/// A number of 1/10,000, shared among `count`, rounded up.
fn decimal(number: u64, count: u64) -> String {
    let number = number.div_ceil(count);
    let text = format!("{}.{:04}", number / 10_000, number % 10_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
