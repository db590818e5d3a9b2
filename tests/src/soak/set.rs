//! The set of events, each made from the seed and its place alone, and what they add up to.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use serde_json::{Value, json};
use shared::{
    account::{Founded, SpreadPlan, account_key},
    random::Random,
    table::{Range, Update, Written},
    testing::TestApp,
    usage::{Counters, Grain, Totals, counted_span, event_partition, grain_prefix},
};

/// The first is hot: it has more events than all the others together.
const CLIENTS: [&str; 6] = ["hot", "acme", "umbrella", "globex", "initech", "hooli"];
/// The events lie in so many days before now.
const DAYS: i64 = 12;

/// What the plan of a new account asks, in 10^-12 dollars: a request, a token in, a token out.
const PRICES: [(&str, i128, i128, i128); 2] =
    [("text", 100_000_000, 500_000, 1_500_000), ("embedding", 10_000_000, 20_000, 0)];

/// The events and whose they are.
pub(super) struct EventSet {
    clients: Vec<Founded>,
    seed: u64,
    count: usize,
    first: Timestamp,
}

struct Event {
    client: usize,
    time: Timestamp,
    price: usize,
    input_tokens: u64,
    output_tokens: u64,
}

impl EventSet {
    pub(super) async fn begin(world: &TestApp, seed: u64, count: usize) -> Self {
        let mut clients = Vec::new();
        for name in CLIENTS {
            clients.push(world.client(name).await);
        }
        let first = world.app.clock.now() - SignedDuration::from_hours(24 * DAYS);
        // The hot one's usage is spread wide from the middle of its days on.
        let middle = (first + SignedDuration::from_hours(12 * DAYS)).to_zoned(TimeZone::UTC).date();
        let spread = SpreadPlan::default().widened(middle).expect("it is plain");
        let update = Update::new().set_serialized("spread", &spread).expect("it serialises");
        let key = account_key(world.tenant(clients[0]));
        let _written: Written<Value> =
            world.app.table.update(&key, update).await.expect("the hot account");
        Self { clients, seed, count, first }
    }

    pub(super) fn len(&self) -> usize {
        self.count
    }

    pub(super) fn client(&self, place: usize) -> usize {
        self.event(place).client
    }

    /// The message's body as the ingest queues it.
    pub(super) fn body(&self, places: &[usize]) -> String {
        let events = places.iter().map(|place| {
            let event = self.event(*place);
            json!({
                "source": "soak", "id": place.to_string(), "time": event.time.to_string(),
                "account": self.clients[event.client].account,
                "data": {
                    "ai_type": PRICES[event.price].0, "model": "m", "requests": 1,
                    "input_tokens": event.input_tokens, "output_tokens": event.output_tokens,
                },
            })
        });
        json!({ "events": events.collect::<Vec<_>>() }).to_string()
    }

    fn event(&self, place: usize) -> Event {
        let [who, price, input, output] = {
            let bytes: [u8; 32] = Random::seeded(self.seed.rotate_left(32) ^ place as u64).bytes();
            let number =
                |at: usize| bytes[at..at + 4].iter().fold(0, |n, b| n * 256 + u64::from(*b));
            [number(0), number(4), number(8), number(12)]
        };
        // Six in ten are the hot client's.
        let client = if who % 10 < 6 { 0 } else { 1 + (who / 10) % (CLIENTS.len() as u64 - 1) };
        let span = i128::from(DAYS) * 86_400_000 - 1;
        let millis = span * place as i128 / self.count.max(1) as i128;
        Event {
            client: usize::try_from(client).unwrap_or(0),
            time: self.first + SignedDuration::from_millis(i64::try_from(millis).unwrap_or(0)),
            price: usize::from(price % 5 == 0),
            input_tokens: input % 100_000,
            output_tokens: output % 8_000,
        }
    }

    /// What the counters must hold, added up without the panel's own code: for each client, span of
    /// time and type of work the requests, tokens in, tokens out and 10^-12 dollars.
    fn expected(&self) -> Sums {
        let mut sums = Sums::new();
        for place in 0..self.count {
            let event = self.event(place);
            let (ai_type, request, input, output) = PRICES[event.price];
            let (tokens_in, tokens_out) =
                (i128::from(event.input_tokens), i128::from(event.output_tokens));
            let cost = request + tokens_in * input + tokens_out * output;
            // Universal time, as a new account has it: 2026-11-22T10:30:00Z.
            let time = event.time.to_string();
            for span in [&time[..7], &time[..10], &format!("{}:00:00Z", &time[..13])] {
                let sum = sums.entry((event.client, span.to_owned(), ai_type)).or_default();
                for (sum, part) in sum.iter_mut().zip([1, tokens_in, tokens_out, cost]) {
                    *sum += part;
                }
            }
        }
        sums
    }

    async fn counted(&self, world: &TestApp) -> Sums {
        let mut sums = Sums::new();
        for (place, client) in self.clients.iter().enumerate() {
            for grain in [Grain::Month, Grain::Day, Grain::Hour] {
                let prefix = grain_prefix(grain);
                let range = Range::prefix(world.tenant(*client), prefix);
                for record in world.app.table.records(range).await.expect("the counters") {
                    let (span, _) = counted_span(record.sort().strip_prefix(prefix).unwrap_or(""));
                    let counters = Counters::read(&record);
                    for (ai_type, _, _, _) in PRICES {
                        let ai_type_totals = counters.by_type.iter();
                        for (_, totals) in ai_type_totals.filter(|(it, _)| it.as_str() == ai_type) {
                            let key = (place, span.to_owned(), ai_type);
                            let sum = sums.entry(key).or_default();
                            for (sum, part) in sum.iter_mut().zip(numbers(totals)) {
                                *sum += part;
                            }
                        }
                    }
                }
            }
        }
        sums
    }

    /// By how much each counter of each client is wrong, all added up; and by how many events the
    /// log is.
    pub(super) async fn difference(&self, world: &TestApp) -> (i128, i128) {
        let (expected, counted) = (self.expected(), self.counted(world).await);
        let keys: BTreeSet<_> = expected.keys().chain(counted.keys()).collect();
        let difference = keys.into_iter().map(|key| {
            let numbers = |sums: &Sums| sums.get(key).copied().unwrap_or_default();
            let pairs = numbers(&expected).into_iter().zip(numbers(&counted));
            pairs.map(|(expected, counted)| (expected - counted).abs()).sum::<i128>()
        });
        let logged = i128::try_from(self.logged(world).await).unwrap_or(i128::MAX);
        (difference.sum(), (logged - self.count as i128).abs())
    }

    /// The events of the log, wherever they lie.
    async fn logged(&self, world: &TestApp) -> usize {
        let mut count = 0;
        let days: BTreeSet<Date> = (0..self.count)
            .map(|place| self.event(place).time.to_zoned(TimeZone::UTC).date())
            .collect();
        for client in &self.clients {
            for (day, partition) in days.iter().flat_map(|day| (0..16).map(move |it| (*day, it))) {
                let partition = event_partition(day, partition);
                let range = Range::within(world.tenant(*client), &partition, " ", "~");
                count += world.app.table.records(range).await.expect("the log").len();
            }
        }
        count
    }
}

/// Requests, tokens in, tokens out, 10^-12 dollars.
type Numbers = [i128; 4];
/// By client, span of time and type of work.
type Sums = BTreeMap<(usize, String, &'static str), Numbers>;

fn numbers(totals: &Totals) -> Numbers {
    [
        i128::from(totals.requests),
        i128::from(totals.input_tokens),
        i128::from(totals.output_tokens),
        totals.cost.get(),
    ]
}
