//! The set of events, each made from the seed and its place alone, and what they add up to.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use shared::{
    account::Founded,
    money::Pico,
    random::Random,
    table::Range,
    testing::TestApp,
    usage::{Counters, Grain, Totals, grain_prefix},
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

    /// What the counters of each client must hold, added up without the panel's own code.
    fn expected(&self) -> Vec<[i128; 4]> {
        let mut sums = vec![[0; 4]; self.clients.len()];
        for place in 0..self.count {
            let event = self.event(place);
            let (_, request, input, output) = PRICES[event.price];
            let (tokens_in, tokens_out) =
                (i128::from(event.input_tokens), i128::from(event.output_tokens));
            let sum = &mut sums[event.client];
            sum[0] += 1;
            sum[1] += tokens_in;
            sum[2] += tokens_out;
            sum[3] += request + tokens_in * input + tokens_out * output;
        }
        sums
    }

    /// How far all counters of all clients are from what they must hold: requests, tokens in,
    /// tokens out and 10^-12 dollars, by month, day and hour.
    pub(super) async fn difference(&self, world: &TestApp) -> BTreeMap<String, i128> {
        let mut differences = BTreeMap::new();
        for (client, expected) in self.clients.iter().zip(self.expected()) {
            for (name, grain) in
                [("month", Grain::Month), ("day", Grain::Day), ("hour", Grain::Hour)]
            {
                let totals = self.counted(world, *client, grain).await;
                let counted = [
                    i128::from(totals.requests),
                    i128::from(totals.input_tokens),
                    i128::from(totals.output_tokens),
                    Pico::get(totals.cost),
                ];
                for (expected, counted) in expected.into_iter().zip(counted) {
                    *differences.entry(name.to_owned()).or_default() += (counted - expected).abs();
                }
            }
        }
        differences
    }

    async fn counted(&self, world: &TestApp, client: Founded, grain: Grain) -> Totals {
        let range = Range::prefix(world.tenant(client), grain_prefix(grain));
        let records = world.app.table.records(range).await.expect("the counters");
        let mut sum = Counters::default();
        for record in &records {
            sum.merge(&Counters::read(record));
        }
        sum.totals
    }
}
