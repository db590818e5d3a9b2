//! Where usage lies in the table.
//!
//! `USAGE#M#2026-11`, `USAGE#D#2026-11-22` (days and months of the account's zone),
//! `USAGE#H#2026-11-22T14:00:00Z` (the hour's first instant). Per key and per instance the day
//! comes first, `USAGE#KD#2026-11-22#key_...`: a report asks for a range of days over all keys,
//! and that is then one range of sort keys. Every counter's key ends with the number of its shard
//! (`#0`): a hot account's numbers are added to several items and summed where they are read, by a
//! range that finds them all.
//!
//! An event lies in `A#<acc>#E#<day>#<partition>` under its time and the hash of its identity: its
//! item is request log and dedupe record in one, and a redelivery finds it again. The hash picks
//! the partition.

use jiff::{Timestamp, civil::Date};
use sha2::{Digest, Sha256};

use super::{Counted, UsageEvent, Void};
use crate::{
    id::{InstanceId, KeyId},
    table::{Key, Tenant},
};

/// Events are kept so many days.
pub const EVENT_DAYS_KEPT: i32 = 400;
/// Hours are kept so many days.
pub const HOUR_DAYS_KEPT: i64 = 62;

/// How long a time one counter item covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, utoipa::ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum Grain {
    /// A billing period.
    Month,
    /// A day in the account's zone.
    Day,
    /// An hour, by its first instant.
    Hour,
}

/// What the sort keys of a grain begin with.
#[must_use]
pub fn grain_prefix(grain: Grain) -> &'static str {
    match grain {
        Grain::Month => "USAGE#M#",
        Grain::Day => "USAGE#D#",
        Grain::Hour => "USAGE#H#",
    }
}

/// What the sort keys of per-key counters begin with; hours are not kept per key.
#[must_use]
pub fn by_key_prefix(grain: Grain) -> &'static str {
    match grain {
        Grain::Month => "USAGE#KM#",
        Grain::Day | Grain::Hour => "USAGE#KD#",
    }
}

/// What the sort keys of per-instance counters begin with; hours are not kept per instance.
#[must_use]
pub fn by_instance_prefix(grain: Grain) -> &'static str {
    match grain {
        Grain::Month => "USAGE#IM#",
        Grain::Day | Grain::Hour => "USAGE#ID#",
    }
}

/// Where the counters of a span lie; `span` is `2026-11`, `2026-11-22` or an hour's start.
#[must_use]
pub fn counter_key(tenant: Tenant, grain: Grain, span: &str, shard: u16) -> Key {
    Key::of(tenant, format_args!("{}{span}#{shard}", grain_prefix(grain)))
}

/// Where the totals of one API key lie.
#[must_use]
pub fn key_counter_key(
    tenant: Tenant,
    grain: Grain,
    span: &str,
    key: Counted<KeyId>,
    shard: u16,
) -> Key {
    Key::of(tenant, format_args!("{}{span}#{key}#{shard}", by_key_prefix(grain)))
}

/// Where the totals of one instance lie.
#[must_use]
pub fn instance_counter_key(
    tenant: Tenant,
    grain: Grain,
    span: &str,
    instance: Counted<InstanceId>,
    shard: u16,
) -> Key {
    Key::of(tenant, format_args!("{}{span}#{instance}#{shard}", by_instance_prefix(grain)))
}

/// A counter's sort key read again, without its prefix: the span, and the key or instance if it
/// counts one. A key without a shard is its only one's.
#[must_use]
pub fn counted_span(rest: &str) -> (&str, Option<&str>) {
    let sharded = rest.rsplit_once('#').filter(|(_, shard)| shard.parse::<u16>().is_ok());
    let place = sharded.map_or(rest, |(place, _)| place);
    place.split_once('#').map_or((place, None), |(span, owner)| (span, Some(owner)))
}

/// One partition of a day's events, without the account.
#[must_use]
pub fn event_partition(day: Date, partition: u16) -> String {
    format!("E#{day}#{partition}")
}

/// What tells an event from every other of its account: `<time>#<hash of source and id>`. In order
/// of time.
#[must_use]
pub fn event_sort(source: &str, id: &str, time: Timestamp) -> String {
    format!("{time:.9}#{}", hex::encode(identity(source, id)))
}

/// Where an event lies; `day` is its day in the account's zone, spread over `partitions`.
#[must_use]
pub fn event_key(tenant: Tenant, day: Date, partitions: u16, event: &UsageEvent) -> Key {
    let partition = shard(&event.source, &event.id, partitions);
    let sort = event_sort(&event.source, &event.id, event.time);
    Key::within(tenant, event_partition(day, partition), sort)
}

/// Where the event lies that a void names.
#[must_use]
pub fn void_key(tenant: Tenant, day: Date, partitions: u16, void: &Void) -> Key {
    let partition = shard(&void.source, &void.id, partitions);
    let sort = event_sort(&void.source, &void.id, void.time);
    Key::within(tenant, event_partition(day, partition), sort)
}

/// The shard of `shards` that an event's identity picks: the same one every time.
#[must_use]
pub fn shard(source: &str, id: &str, shards: u16) -> u16 {
    let hash = identity(source, id);
    u16::from_be_bytes([hash[14], hash[15]]) % shards.max(1)
}

/// What an event's identity is known by in keys.
pub(super) fn identity(source: &str, id: &str) -> [u8; 16] {
    // Lengths keep ("ab", "c") and ("a", "bc") apart.
    let hash = Sha256::new()
        .chain_update((source.len() as u64).to_be_bytes())
        .chain_update(source)
        .chain_update(id)
        .finalize();
    let mut identity = [0; 16];
    identity.copy_from_slice(&hash[..16]);
    identity
}
