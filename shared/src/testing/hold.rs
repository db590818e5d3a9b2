//! A process that stands still before a call leaves, so that a test decides what happens meanwhile.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::sync::{Notify, Semaphore};

use super::faults::{Call, Faults};
use crate::wire::Wire;

/// Holds one call, and whatever comes later of its operation, until they are let go.
#[derive(Debug, Clone)]
pub struct Hold {
    operation: &'static str,
    /// How many are let pass before it.
    passing: usize,
    seen: Arc<AtomicUsize>,
    reached: Arc<Notify>,
    /// Has nothing to give; whoever waits goes on when it is closed.
    gate: Arc<Semaphore>,
}

impl Hold {
    /// Before the first call of an operation: `TransactWriteItems`, `Query` ...
    #[must_use]
    pub fn before(operation: &'static str) -> Self {
        let gate = Arc::new(Semaphore::new(0));
        Self { operation, passing: 0, seen: Arc::default(), reached: Arc::default(), gate }
    }

    /// Lets so many calls of the operation pass first.
    #[must_use]
    pub fn after(self, passing: usize) -> Self {
        Self { passing, ..self }
    }

    /// The way to the services that it stands in.
    #[must_use]
    pub fn wire(&self) -> Wire {
        Faults::none().held(self.clone()).wire()
    }

    /// Until such a call is about to leave.
    pub async fn reached(&self) {
        self.reached.notified().await;
    }

    /// Lets what is held go on, and whatever comes later.
    pub fn release(&self) {
        self.gate.close();
    }

    /// Until the call may leave.
    pub(super) async fn pass(&self, call: &Call) {
        if call.operation == self.operation
            && self.seen.fetch_add(1, Ordering::SeqCst) >= self.passing
        {
            self.reached.notify_one();
            let _closed = self.gate.acquire().await;
        }
    }
}
