//! What all starts came to, and the limits they have to hold.

use std::{fmt, fs, io::Write, path::Path, time::Duration};

use flate2::{Compression, write::DeflateEncoder};

use crate::{process::Sample, subject::Subject};

/// Of ten: how long a start may take beside that of a function that does nothing. All take at most 15;
/// the aim is 15, and a busy machine has room for one more.
const INIT: u32 = 16;
/// Of ten: how long the first invocation may take beside a later one.
const FIRST: u32 = 25;
/// What a package may weigh, in bytes.
const MOST_ZIPPED: usize = 3_000_000;

#[derive(Default)]
pub(crate) struct Report {
    rows: Vec<Row>,
}

struct Row {
    binary: &'static str,
    zipped: usize,
    init: Duration,
    connecting: Duration,
    init_cpu: Duration,
    first: Duration,
    warm: Duration,
    peak_kib: u64,
    buffer_kib: u64,
    memory: u64,
    opened: Vec<String>,
}

impl Report {
    pub(crate) fn add(
        &mut self,
        subject: &Subject,
        bootstrap: &Path,
        samples: &[Sample],
        opened: Vec<String>,
    ) {
        self.rows.push(Row {
            binary: subject.binary,
            zipped: zipped(bootstrap),
            init: median(samples.iter().map(|sample| sample.init)),
            connecting: median(samples.iter().map(|sample| sample.connecting)),
            init_cpu: median(samples.iter().map(|sample| sample.init_cpu)),
            first: median(samples.iter().map(|sample| sample.first)),
            warm: median(samples.iter().map(|sample| sample.warm)),
            peak_kib: median(samples.iter().map(|sample| sample.peak_kib)),
            buffer_kib: subject.buffer_kib,
            memory: subject.memory,
            opened,
        });
    }

    /// The limits that some function exceeds.
    pub(crate) fn exceeded(&self) -> Vec<String> {
        let (hello, functions) = self.rows.split_first().expect("rows");
        let mut exceeded = Vec::new();
        for row in functions {
            let mut limit = |holds: bool, what: String| {
                if !holds {
                    exceeded.push(format!("{}: {what}", row.binary));
                }
            };
            limit(row.zipped <= MOST_ZIPPED, format!("{} bytes zipped", row.zipped));
            // A machine that does something else meanwhile makes one of the two look worse, not both.
            let in_time = row.init * 10 <= hello.init * INIT;
            let in_work = row.init_cpu * 10 <= hello.init_cpu * INIT;
            limit(in_time || in_work, format!("starts in {:?}", row.init));
            limit(row.first * 10 <= row.warm * FIRST, format!("first work in {:?}", row.first));
            let most_kib = hello.peak_kib * row.memory / 10 + row.buffer_kib;
            limit(row.peak_kib <= most_kib, format!("{} KiB resident", row.peak_kib));
            limit(row.opened.is_empty(), format!("opens {:?}", row.opened));
        }
        exceeded
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| function | zipped, kB | start, ms | connection, ms | CPU of the start, ms \
             | first, ms | warm, ms | peak, MiB | files opened |"
        )?;
        writeln!(f, "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")?;
        for row in &self.rows {
            writeln!(
                f,
                "| {} | {} | {} | {} | {} | {} | {} | {} | {} |",
                row.binary,
                row.zipped.div_ceil(1000),
                millis(row.init),
                millis(row.connecting),
                millis(row.init_cpu),
                millis(row.first),
                millis(row.warm),
                tenths(row.peak_kib * 10 / 1024),
                row.opened.len(),
            )?;
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

fn millis(time: Duration) -> String {
    format!("{}.{:02}", time.as_millis(), time.subsec_micros() % 1000 / 10)
}

fn tenths(value: u64) -> String {
    format!("{}.{}", value / 10, value % 10)
}
