//! Where an event lies, as a text that a client can be given.

use std::{fmt, str::FromStr};

use jiff::{Timestamp, civil::Date};

use super::{StoredEvent, event_partition};
use crate::table::{Key, Tenant};

/// What tells a counted event from all others of its account: its time and the hash of its identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventPlace {
    time: Timestamp,
    hash: [u8; 16],
}

/// The text is no place of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the place of an event")]
pub struct InvalidPlace;

impl EventPlace {
    /// An event's.
    #[must_use]
    pub fn of(event: &StoredEvent) -> Self {
        Self { time: event.time, hash: super::keys::identity(&event.source, &event.id) }
    }

    /// When the request was made.
    #[must_use]
    pub fn time(&self) -> Timestamp {
        self.time
    }

    /// Where it lies; `day` is its day in the account's zone, spread over `partitions`.
    #[must_use]
    pub fn key(&self, tenant: Tenant, day: Date, partitions: u16) -> Key {
        let partition = u16::from_be_bytes([self.hash[14], self.hash[15]]) % partitions.max(1);
        let sort = format!("{:.9}#{}", self.time, hex::encode(self.hash));
        Key::within(tenant, event_partition(day, partition), sort)
    }
}

impl fmt::Display for EventPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.9}~{}", self.time, hex::encode(self.hash))
    }
}

impl FromStr for EventPlace {
    type Err = InvalidPlace;

    fn from_str(text: &str) -> Result<Self, InvalidPlace> {
        let (time, hash) = text.split_once('~').ok_or(InvalidPlace)?;
        let mut place = Self { time: time.parse().map_err(|_| InvalidPlace)?, hash: [0; 16] };
        hex::decode_to_slice(hash, &mut place.hash).map_err(|_| InvalidPlace)?;
        // The canonical spelling only.
        (place.to_string() == text).then_some(place).ok_or(InvalidPlace)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::usage::event_sort;

    #[test]
    fn a_place_is_read_as_it_was_written_and_leads_to_where_the_event_was_put() {
        let time: Timestamp = "2026-11-22T11:59:00.25Z".parse().unwrap();
        let place = EventPlace { time, hash: super::super::keys::identity("gateway", "e1") };
        assert_eq!(place.to_string().parse(), Ok(place.clone()));
        assert_eq!(place.to_string().replace('~', "#"), event_sort("gateway", "e1", time));
        for bad in ["", "e1", "~", "2026-11-22T11:59:00Z~00", &place.to_string().to_uppercase()] {
            assert_eq!(bad.parse::<EventPlace>(), Err(InvalidPlace), "{bad}");
        }
    }
}
