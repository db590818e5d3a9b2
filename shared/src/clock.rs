//! Time, passed in. The only place that asks the system what time it is.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use jiff::{SignedDuration, Timestamp};

/// What time it is. Clones share one clock.
#[derive(Debug, Clone)]
pub struct Clock {
    base: Base,
    shift_ms: Arc<AtomicI64>,
}

#[derive(Debug, Clone, Copy)]
enum Base {
    System,
    Fixed(Timestamp),
}

impl Clock {
    /// The system's clock.
    #[must_use]
    pub fn system() -> Self {
        Self { base: Base::System, shift_ms: Arc::default() }
    }

    /// A clock that stands still until it is advanced. For tests.
    #[must_use]
    pub fn fixed(at: Timestamp) -> Self {
        Self { base: Base::Fixed(at), shift_ms: Arc::default() }
    }

    /// The present moment, to the millisecond.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let base = match self.base {
            #[expect(clippy::disallowed_methods, reason = "this is where the time comes in")]
            Base::System => Timestamp::now(),
            Base::Fixed(at) => at,
        };
        let millis = base.as_millisecond().saturating_add(self.shift_ms.load(Ordering::Relaxed));
        Timestamp::from_millisecond(millis).unwrap_or(Timestamp::MAX)
    }

    /// Moves this clock and its clones; backwards with a negative duration.
    pub fn advance(&self, by: SignedDuration) {
        let millis = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.shift_ms.fetch_add(millis, Ordering::Relaxed);
    }
}
