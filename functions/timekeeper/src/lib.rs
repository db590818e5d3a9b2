//! Moves what is due to the queue of its kind, every minute.
//!
//! It asks its own clock and not the event: a minute that fires twice, late or beside another moves what is
//! due, and what was moved twice acts once, under its timer's version. A timer leaves the index only once its
//! message was taken, so that a minute that dies is made up for by the next.

#[cfg(feature = "testing")]
mod specimens;

#[cfg(feature = "testing")]
pub use specimens::specimens;

use std::collections::BTreeMap;

use futures::future::try_join_all;
use serde::Serialize;
use shared::{
    app::App,
    config::{NotAskedFor, Setting},
    function::{Function, Trigger},
    outbox::{Job, OutboxRecord, Queue},
    queue::{MOST_MESSAGES, QueueError},
    table::TableError,
    timer::{DueTimers, TimerRef},
};

/// How it is deployed.
pub const FUNCTION: Function = Function::new(
    "timekeeper",
    &[
        Setting::Table,
        Setting::Queue(Queue::Notices),
        Setting::Queue(Queue::UsageWatch),
        Setting::Queue(Queue::TicketClock),
        Setting::Queue(Queue::Closing),
        Setting::Queue(Queue::Payments),
    ],
    Trigger::EveryMinute,
)
.timeout(60);

/// What a minute came to.
#[derive(Debug, Default, Serialize)]
pub struct Moved {
    /// How many timers were due.
    pub moved: usize,
}

/// Why a minute's work was not done to its end. The next one does the rest.
#[derive(Debug, thiserror::Error)]
pub enum TimekeeperError {
    /// The table failed.
    #[error("the table failed")]
    Table(#[from] TableError),
    /// A queue failed.
    #[error("a queue failed")]
    Queue(#[from] QueueError),
    /// A queue's address is not there.
    #[error("a setting is not there")]
    Setting(#[from] NotAskedFor),
}

/// Moves what is due.
///
/// # Errors
/// When the table or a queue fails; what was not moved is still due.
pub async fn handle(app: App, _minute: serde_json::Value) -> Result<Moved, TimekeeperError> {
    let mut due = DueTimers::at(app.clock.now());
    let mut moved = 0;
    while let Some(timers) = due.next(&app).await? {
        moved += timers.len();
        // Of timers of one kind the queue is one.
        let mut queues: BTreeMap<Queue, Vec<TimerRef>> = BTreeMap::new();
        for timer in timers {
            queues.entry(timer.kind.queue()).or_default().push(timer);
        }
        for (queue, timers) in queues {
            for some in timers.chunks(MOST_MESSAGES) {
                move_to(&app, queue, some).await?;
            }
        }
    }
    Ok(Moved { moved })
}

async fn move_to(app: &App, queue: Queue, timers: &[TimerRef]) -> Result<(), TimekeeperError> {
    let now = app.clock.now();
    let message = |timer: &TimerRef| {
        let record = OutboxRecord::new(Job::Due { timer: timer.clone() }, now, &app.random);
        serde_json::to_string(&record).unwrap_or_default()
    };
    let messages = timers.iter().map(message).collect();
    app.queues.send(app.config.queue(queue)?, messages).await?;
    try_join_all(timers.iter().map(|timer| timer.moved(app))).await?;
    Ok(())
}
