//! Where usage lies in the table.
//!
//! `USAGE#M#2026-11`, `USAGE#D#2026-11-22` (days and months of the account's zone),
//! `USAGE#H#2026-11-22T14:00:00Z` (the hour's first instant). Per key and per instance the day
//! comes first, `USAGE#KD#2026-11-22#key_...`: a report asks for a range of days over all keys,
//! and that is then one range of sort keys.
//!
//! An event lies in `A#<acc>#E#<day>#<shard>` under its time and the hash of its identity: its
//! item is request log and dedupe record in one, and a redelivery finds it again.

use data_encoding::HEXLOWER;
use jiff::civil::Date;
use sha2::{Digest, Sha256};

use super::UsageEvent;
use crate::{
    id::{InstanceId, KeyId},
    table::{Key, Tenant},
};

/// Events are kept so many days.
pub const EVENT_DAYS_KEPT: i64 = 400;
/// Hours are kept so many days.
pub const HOUR_DAYS_KEPT: i64 = 62;

/// How long a time one counter item covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
pub fn counter_key(tenant: Tenant, grain: Grain, span: &str) -> Key {
    Key::of(tenant, format_args!("{}{span}", grain_prefix(grain)))
}

/// Where the totals of one API key lie.
#[must_use]
pub fn key_counter_key(tenant: Tenant, grain: Grain, span: &str, key: KeyId) -> Key {
    Key::of(tenant, format_args!("{}{span}#{key}", by_key_prefix(grain)))
}

/// Where the totals of one instance lie.
#[must_use]
pub fn instance_counter_key(tenant: Tenant, grain: Grain, span: &str, instance: InstanceId) -> Key {
    Key::of(tenant, format_args!("{}{span}#{instance}", by_instance_prefix(grain)))
}

/// The partition of a day's events, without the account.
#[must_use]
pub fn event_partition(day: Date) -> String {
    format!("E#{day}#0")
}

/// Where an event lies; `day` is its day in the account's zone.
#[must_use]
pub fn event_key(tenant: Tenant, day: Date, event: &UsageEvent) -> Key {
    // Lengths keep ("ab", "c") and ("a", "bc") apart.
    let identity = Sha256::new()
        .chain_update((event.source.len() as u64).to_be_bytes())
        .chain_update(&event.source)
        .chain_update(&event.id)
        .finalize();
    let hash = HEXLOWER.encode(&identity[..16]);
    Key::within(tenant, event_partition(day), format_args!("{:.9}#{hash}", event.time))
}
