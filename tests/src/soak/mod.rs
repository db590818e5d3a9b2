//! A soak of the meter: many deliveries of a known set of events, duplicated, reordered, packed
//! anew, with faults at every call and processes that die, by several meters side by side. At the
//! end every counter must hold exactly what the set adds up to.

mod report;
mod schedule;
mod set;

pub use report::Report;

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use shared::{
    queue::Deliveries,
    random::Random,
    testing::{Fault, Faults, TestApp, delivery},
};
use tokio::{runtime::Runtime, task::JoinSet};

use set::EventSet;

/// What a function is handed at most.
const MESSAGES_A_BATCH: usize = 10;
/// One acknowledgement of so many is lost: the queue delivers again what was done.
const ACKNOWLEDGEMENTS_A_LOSS: u64 = 100;

/// How hard to soak.
#[derive(Debug, Clone, Copy)]
pub struct Soak {
    /// The same seed, the same events, packing and, for each meter, plan of faults.
    pub seed: u64,
    /// Events in the set.
    pub events: usize,
    /// How often each is delivered, redeliveries after faults not counted.
    pub copies: usize,
    /// Meters side by side.
    pub meters: usize,
    /// Of a thousand calls so many meet a fault.
    pub faults_per_mille: u64,
}

/// A message that is delivered so often would lie in the dead letters long ago.
const MOST_DELIVERIES: u32 = 100;

/// Events of one client that travel together, by their places in the set.
#[derive(Debug, Clone)]
struct Message {
    places: Vec<usize>,
    deliveries: u32,
}

struct Run {
    soak: Soak,
    world: TestApp,
    set: EventSet,
    queue: Mutex<VecDeque<Message>>,
    way: Arc<Way>,
}

/// What happened on the way.
#[derive(Debug, Default)]
struct Way {
    faults: AtomicUsize,
    deaths: AtomicUsize,
    redelivered: AtomicUsize,
}

impl Soak {
    /// Runs it: the cloud on one set of threads, the meters on another.
    #[must_use]
    pub fn run(self) -> Report {
        let (cloud, meters) = (threads("cloud"), threads("meter"));
        let run = Arc::new(cloud.block_on(Run::begin(self)));
        let before = [report::cpu_millis("meter"), report::cpu_millis("cloud")];
        let began = Instant::now();
        meters.block_on(Arc::clone(&run).all_meters());
        let took = began.elapsed();
        let count = |counter: &AtomicUsize| counter.load(Ordering::Relaxed);
        let (difference, log_difference) = cloud.block_on(run.set.difference(&run.world));
        Report {
            soak: self,
            took,
            meter_cpu_millis: report::cpu_millis("meter").saturating_sub(before[0]),
            cloud_cpu_millis: report::cpu_millis("cloud").saturating_sub(before[1]),
            faults: count(&run.way.faults),
            deaths: count(&run.way.deaths),
            redelivered: count(&run.way.redelivered),
            difference,
            log_difference,
        }
    }
}

impl Run {
    async fn begin(soak: Soak) -> Self {
        let world = TestApp::start().await;
        let set = EventSet::begin(&world, soak.seed, soak.events).await;
        let queue = Mutex::new(schedule::messages(&set, soak));
        Self { soak, world, set, queue, way: Arc::default() }
    }

    async fn all_meters(self: Arc<Self>) {
        let mut meters = JoinSet::new();
        for meter in 0..self.soak.meters {
            let random = Random::seeded(self.soak.seed.rotate_left(16) ^ meter as u64);
            meters.spawn(Arc::clone(&self).meter(random));
        }
        meters.join_all().await;
    }

    /// One meter: a process after another, each until it dies.
    async fn meter(self: Arc<Self>, random: Random) {
        loop {
            let faults = self.bad_day(&random);
            let app = self.world.process(&faults.wire());
            loop {
                let batch = self.next_batch();
                if batch.is_empty() {
                    return;
                }
                let deliveries = self.deliveries(&batch);
                let Some(reply) = faults.run(usage_meter::handle(app.clone(), deliveries)).await
                else {
                    self.way.deaths.fetch_add(1, Ordering::Relaxed);
                    self.deliver_again(batch);
                    break;
                };
                let lost = random.below(ACKNOWLEDGEMENTS_A_LOSS) == 0;
                let failed: Vec<String> =
                    reply.batch_item_failures.into_iter().map(|it| it.item_identifier).collect();
                let again = batch.into_iter().enumerate();
                let again = again.filter(|(place, _)| lost || failed.contains(&place.to_string()));
                self.deliver_again(again.map(|(_, message)| message).collect());
            }
        }
    }

    /// A process's calls meet every kind of fault.
    fn bad_day(&self, random: &Random) -> Faults {
        let (random, way) = (random.clone(), Arc::clone(&self.way));
        let faults_per_mille = self.soak.faults_per_mille;
        Faults::new(move |_call| {
            if random.below(1000) >= faults_per_mille {
                return None;
            }
            way.faults.fetch_add(1, Ordering::Relaxed);
            let kind = usize::try_from(random.below(Fault::ALL.len() as u64)).unwrap_or(0);
            Some(Fault::ALL[kind])
        })
    }

    fn next_batch(&self) -> Vec<Message> {
        let mut queue = self.queue();
        let most = MESSAGES_A_BATCH.min(queue.len());
        let batch = queue.drain(..most).map(|message| {
            let deliveries = message.deliveries + 1;
            assert!(deliveries <= MOST_DELIVERIES, "it never ends: {message:?}");
            Message { deliveries, ..message }
        });
        batch.collect()
    }

    fn deliver_again(&self, messages: Vec<Message>) {
        self.way.redelivered.fetch_add(messages.len(), Ordering::Relaxed);
        self.queue().extend(messages);
    }

    fn deliveries(&self, batch: &[Message]) -> Deliveries {
        let records = batch
            .iter()
            .enumerate()
            .map(|(place, message)| delivery(&place.to_string(), self.set.body(&message.places)));
        Deliveries { records: records.collect() }
    }

    fn queue(&self) -> MutexGuard<'_, VecDeque<Message>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn threads(name: &str) -> Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name(name)
        .enable_all()
        .build()
        .expect("threads")
}
