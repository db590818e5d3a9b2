//! What a function says of itself: how it is deployed, what sets it off, which settings it reads. Its part of
//! `template.yaml` (resource, role, logs, alarms, routes) is written from this by a test.

use crate::{config::Setting, outbox::Queue};

/// A Lambda function.
#[derive(Debug, Clone, Copy)]
pub struct Function {
    /// Its folder, its crate and its binary.
    pub name: &'static str,
    /// Memory in MB, and with it processor.
    pub memory: u32,
    /// How long a run may take, in seconds.
    pub timeout: u32,
    /// The settings that it reads. A queue among them is one that it sends to.
    pub settings: &'static [Setting],
    /// What sets it off.
    pub trigger: Trigger,
}

/// What sets a function off.
#[derive(Debug, Clone, Copy)]
pub enum Trigger {
    /// Requests to these places of the HTTP API; the one without a place gets all others.
    Http(&'static [Place]),
    /// Messages of queues. What waits in one holds up no other.
    Queues(&'static [Feed]),
    /// What is written into the outbox, by the table's stream.
    Outbox,
    /// The clock: every minute.
    EveryMinute,
    /// An operator, by hand.
    Hand,
}

/// A queue that feeds a function. It comes with its dead letters and their alarms.
#[derive(Debug, Clone, Copy)]
pub struct Feed {
    /// Which.
    pub queue: Queue,
    /// The most messages that are handed over at once.
    pub batch: u16,
    /// The most runs side by side, with the reason.
    pub side_by_side: u16,
}

/// A place of the HTTP API that leads to a function.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// The logical name of its route, without `Route`. It stays when the path changes: a stack knows the
    /// route by it.
    pub name: &'static str,
    /// A path, or all below one that ends with `/*`.
    pub path: &'static str,
}

impl Function {
    /// One that takes 512 MB and up to 15 seconds, as most do.
    #[must_use]
    pub const fn new(name: &'static str, settings: &'static [Setting], trigger: Trigger) -> Self {
        Self { name, memory: 512, timeout: 15, settings, trigger }
    }

    /// With more memory, and so processor.
    #[must_use]
    pub const fn memory(self, memory: u32) -> Self {
        Self { memory, ..self }
    }

    /// With more time.
    #[must_use]
    pub const fn timeout(self, timeout: u32) -> Self {
        Self { timeout, ..self }
    }
}

/// Places of the HTTP API by the names of their routes.
#[macro_export]
macro_rules! places {
    ($($name:ident $path:literal;)*) => {
        &[$($crate::function::Place { name: stringify!($name), path: $path }),*]
    };
}
