//! What all starts came to, and the limits they have to hold.

use std::{fmt, fs, io::Write, path::Path, time::Duration};

use flate2::{Compression, write::DeflateEncoder};

use crate::{Pair, count::Counts, process::Work, subject::Subject};

/// What every function's start and first invocation may take beyond that of a function that does nothing
/// and beyond a later one, each as quick as ever it was: what takes longer waits for something. How long
/// they work is told by instructions, which a busy machine does not change.
const WAIT: Duration = Duration::from_millis(50);
/// Of ten: the instructions of the first invocation beside those of a later one.
const FIRST: u64 = 25;
/// What a package may weigh, in bytes.
const MOST_ZIPPED: usize = 5_000_000;

#[derive(Default)]
pub(crate) struct Report {
    rows: Vec<Row>,
}

/// All that was seen of one function.
pub(crate) struct Seen {
    pub(crate) starts: Vec<Pair>,
    pub(crate) work: Vec<Work>,
    /// Of instructions.
    pub(crate) counts: Counts,
    /// Files, name servers and the like.
    pub(crate) opened: Vec<String>,
}

struct Row {
    binary: &'static str,
    zipped: usize,
    start: Times,
    /// Of the function that does nothing, right before each start.
    beside: Times,
    connecting: Times,
    cpu: Times,
    counts: Counts,
    first: Times,
    warm: Times,
    peak_kib: u64,
    opened: Vec<String>,
}

/// One thing, timed often.
struct Times {
    median: Duration,
    quickest: Duration,
}

impl Report {
    pub(crate) fn add(&mut self, subject: &Subject, bootstrap: &Path, seen: Seen) {
        let Seen { starts, work, counts, opened } = seen;
        self.rows.push(Row {
            binary: subject.binary,
            zipped: zipped(bootstrap),
            start: times(&starts, |pair| pair.start.init),
            beside: times(&starts, |pair| pair.beside.init),
            connecting: times(&starts, |pair| pair.start.connecting),
            cpu: times(&starts, |pair| pair.start.cpu),
            counts,
            first: times(&work, |it| it.first),
            warm: times(&work, |it| it.warm),
            peak_kib: median(work.iter().map(|it| it.peak_kib)),
            opened,
        });
    }

    /// The limits that some function exceeds.
    pub(crate) fn exceeded(&self) -> Vec<String> {
        self.rows.iter().flat_map(Row::exceeded).collect()
    }
}

impl Row {
    fn exceeded(&self) -> Vec<String> {
        let Self { start, beside, counts, first, warm, .. } = self;
        let exceeded = [
            (self.zipped > MOST_ZIPPED, format!("{} bytes zipped", self.zipped)),
            (
                counts.first * 10 > counts.later * FIRST,
                format!("{} instructions at first, {} later", counts.first, counts.later),
            ),
            (
                start.quickest > beside.quickest + WAIT,
                format!("starts in {:?}, hello in {:?}", start.quickest, beside.quickest),
            ),
            (
                first.quickest > warm.quickest + WAIT,
                format!("first work in {:?}, later in {:?}", first.quickest, warm.quickest),
            ),
            (!self.opened.is_empty(), format!("opens {:?}", self.opened)),
        ];
        let told = exceeded.into_iter().filter(|(is_exceeded, _)| *is_exceeded);
        told.map(|(_, what)| format!("{}: {what}", self.binary)).collect()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| function | zipped, kB | start, ms | connection, ms | CPU of the start, ms \
             | instructions, k | beside hello | first, ms | warm, ms | first, k | warm, k | peak, KiB \
             | files opened |"
        )?;
        writeln!(f, "| --- |{}", " ---: |".repeat(12))?;
        for row in &self.rows {
            let cells = [
                row.binary.to_owned(),
                row.zipped.div_ceil(1000).to_string(),
                millis(row.start.median),
                millis(row.connecting.median),
                millis(row.cpu.median),
                row.counts.start.div_ceil(1000).to_string(),
                hundredths(row.start.median, row.beside.median),
                millis(row.first.median),
                millis(row.warm.median),
                row.counts.first.div_ceil(1000).to_string(),
                row.counts.later.div_ceil(1000).to_string(),
                row.peak_kib.to_string(),
                row.opened.len().to_string(),
            ];
            writeln!(f, "| {} |", cells.join(" | "))?;
        }
        Ok(())
    }
}

/// What the function weighs as a package, as `sam` compresses it.
fn zipped(bootstrap: &Path) -> usize {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    let bytes = fs::read(bootstrap).expect("the packaged function");
    encoder.write_all(&bytes).and_then(|()| encoder.finish()).expect("memory").len()
}

fn median<T: Ord + Default>(values: impl Iterator<Item = T>) -> T {
    let mut values: Vec<T> = values.collect();
    values.sort_unstable();
    let middle = values.len() / 2;
    values.into_iter().nth(middle).unwrap_or_default()
}

fn times<T>(samples: &[T], time: impl Fn(&T) -> Duration) -> Times {
    let quickest = samples.iter().map(&time).min().unwrap_or_default();
    Times { median: median(samples.iter().map(time)), quickest }
}

fn millis(time: Duration) -> String {
    format!("{}.{:02}", time.as_millis(), time.subsec_micros() % 1000 / 10)
}

/// How many times the one the other is.
fn hundredths(time: Duration, beside: Duration) -> String {
    let ratio = time.as_micros() * 100 / beside.as_micros().max(1);
    format!("{}.{:02}", ratio / 100, ratio % 100)
}
