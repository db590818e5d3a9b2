//! What was used in a billing period. A hot account's counters lie in several shards; here they are
//! summed.

use jiff::Timestamp;

use super::{
    Counted, Counters, Grain, UPDATED_AT, counted_span, counter_key, grain_prefix, key_counter_key,
};
use crate::{
    account::BillingPeriod,
    id::KeyId,
    table::{Batch, Key, Record, Tenant},
};

/// What was used in one billing period.
#[derive(Debug, Clone, Default)]
pub struct MonthUsage {
    /// The sums of all shards.
    pub counters: Counters,
    /// When they were added to last.
    pub updated_at: Option<Timestamp>,
    /// The month whose close bills what is in them by now, as the meter has set it.
    pub closes_with: Option<BillingPeriod>,
}

/// The attribute that says with which month's close a counter is billed.
pub const CLOSES_WITH: &str = "closes_with";

impl MonthUsage {
    /// The sum of a period's shards among some counters.
    #[must_use]
    pub fn among(records: &[Record], period: BillingPeriod) -> Self {
        let mut usage = Self::default();
        let span = period.to_string();
        for record in records {
            let place = record.sort().strip_prefix(grain_prefix(Grain::Month));
            if place.is_some_and(|place| counted_span(place) == (&span, None)) {
                usage.add(record);
            }
        }
        usage
    }

    /// Where the account's counters of a period lie, one key a shard.
    #[must_use]
    pub fn keys(tenant: Tenant, period: BillingPeriod, shards: std::ops::Range<u16>) -> Vec<Key> {
        let span = period.to_string();
        shards.map(|shard| counter_key(tenant, Grain::Month, &span, shard)).collect()
    }

    /// Where those of one API key lie.
    #[must_use]
    pub fn keys_of(
        tenant: Tenant,
        period: BillingPeriod,
        key: KeyId,
        shards: std::ops::Range<u16>,
    ) -> Vec<Key> {
        let (span, key) = (period.to_string(), Counted::Known(key));
        shards.map(|shard| key_counter_key(tenant, Grain::Month, &span, key, shard)).collect()
    }

    /// Adds what a read found at these keys.
    pub fn take(&mut self, items: &mut Batch, keys: &[Key]) {
        for record in keys.iter().filter_map(|key| items.record(key)) {
            self.add(&record);
        }
    }

    fn add(&mut self, record: &Record) {
        self.counters.merge(&Counters::read(record));
        self.updated_at = self.updated_at.max(record.text(UPDATED_AT).parse().ok());
        let closes_with = record.text(CLOSES_WITH).parse().ok().map(BillingPeriod::of);
        self.closes_with = self.closes_with.max(closes_with);
    }
}
