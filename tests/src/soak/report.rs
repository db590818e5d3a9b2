//! What a soak came to.

use std::{fmt, fs, time::Duration};

use super::Soak;

/// The figures of one soak.
#[derive(Debug)]
pub struct Report {
    /// How hard it was.
    pub soak: Soak,
    /// By how much the counters are wrong, all of them added up: 0, or it is a bug.
    pub difference: i128,
    /// By how many events the log is wrong.
    pub log_difference: i128,
    /// From the first delivery to the last.
    pub took: Duration,
    /// Time that the meters' threads computed.
    pub meter_cpu_millis: u64,
    /// Time that the embedded cloud's threads computed.
    pub cloud_cpu_millis: u64,
    /// Calls that met a fault.
    pub faults: usize,
    /// Meter processes that died of one.
    pub deaths: usize,
    /// Messages that were delivered again because of it.
    pub redelivered: usize,
}

impl Report {
    /// Whether every counter is exact.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.difference == 0 && self.log_difference == 0
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Soak { seed, events, copies, meters, faults_per_mille } = self.soak;
        let deliveries = (events * copies) as u64;
        let millis = u64::try_from(self.took.as_millis()).unwrap_or(u64::MAX).max(1);
        let each = |millis: u64| millis * 1000 / deliveries.max(1);
        writeln!(f, "seed {seed}: {deliveries} deliveries of {events} events, {meters} meters")?;
        writeln!(
            f,
            "  {} faults ({faults_per_mille} ‰ of calls), {} deaths, {} messages delivered again",
            self.faults, self.deaths, self.redelivered
        )?;
        writeln!(
            f,
            "  difference of all counters: {}; of the log: {} events",
            self.difference, self.log_difference
        )?;
        writeln!(
            f,
            "  {} s, {} deliveries a second; CPU of a delivery: meter {} µs, embedded cloud {} µs",
            millis / 1000,
            deliveries * 1000 / millis,
            each(self.meter_cpu_millis),
            each(self.cloud_cpu_millis)
        )
    }
}

/// The time that this process's threads of a name have computed so far.
pub(super) fn cpu_millis(name: &str) -> u64 {
    /// Linux counts in hundredths of a second.
    const MILLIS_A_TICK: u64 = 10;
    let threads = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let ticks = threads.filter_map(|thread| {
        let stat = fs::read_to_string(thread.path().join("stat")).ok()?;
        let (before, after) = stat.rsplit_once(')')?;
        let named = before.split_once('(')?.1 == name;
        let mut fields = after.split_whitespace().skip(11).map(str::parse::<u64>);
        let (user, system) = (fields.next()?.ok()?, fields.next()?.ok()?);
        named.then_some(user + system)
    });
    ticks.sum::<u64>() * MILLIS_A_TICK
}
