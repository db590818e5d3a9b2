//! What a user wants to be told, where, and when.

use std::collections::BTreeMap;

use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};

use super::{Channel, NoticeKind, QuietHours, next_digest};
use crate::{
    id::UserId,
    table::{Condition, Key, Tenant},
};

/// How often what can wait is mailed.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Digest {
    /// Each by itself, at once.
    #[default]
    Off,
    /// All of a day in one mail, in the morning.
    Daily,
}

/// What a user said about being told, as it is stored.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticePreferences {
    /// Where a kind goes and where not, as far as somebody said.
    #[serde(default)]
    pub kinds: BTreeMap<NoticeKind, BTreeMap<Channel, bool>>,
    /// When what can wait waits.
    #[serde(default)]
    pub quiet_hours: Option<QuietHours>,
    /// How often what can wait is mailed.
    #[serde(default)]
    pub digest: Digest,
    /// Counts its changes.
    #[serde(default)]
    pub version: u64,
}

/// Where a user's preferences lie.
#[must_use]
pub fn preferences_key(tenant: Tenant, user: UserId) -> Key {
    Key::of(tenant, format_args!("NOTICEPREFERENCES#{user}"))
}

/// Why word waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hold {
    /// It is night.
    QuietHours,
    /// The user wants one mail a day.
    Digest,
    /// One of its kind went a moment ago.
    Gathered,
}

impl Hold {
    /// Its name in keys, in replies and in message ids.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::QuietHours => "quiet_hours",
            Self::Digest => "digest",
            Self::Gathered => "gathered",
        }
    }
}

impl NoticePreferences {
    /// That nobody has changed them since they were read; those that nobody ever set are not stored.
    #[must_use]
    pub fn is_as_read(&self) -> Condition {
        match self.version {
            0 => Condition::Absent,
            version => Condition::Equals("version", version.into()),
        }
    }

    /// Whether a kind goes to a channel.
    #[must_use]
    pub fn wants(&self, kind: NoticeKind, channel: Channel) -> bool {
        let said = self.kinds.get(&kind).and_then(|channels| channels.get(&channel));
        kind.is_locked(channel) || said.copied().unwrap_or_else(|| kind.goes_by_default(channel))
    }

    /// Until when word of a kind waits, and why; nothing if it need not.
    #[must_use]
    pub fn holds(
        &self,
        kind: NoticeKind,
        channel: Channel,
        at: Timestamp,
        zone: &TimeZone,
    ) -> Option<(Hold, Timestamp)> {
        if channel == Channel::InApp || !kind.can_wait() {
            return None;
        }
        if self.digest == Digest::Daily && channel == Channel::Email {
            return Some((Hold::Digest, next_digest(at, zone, self.quiet_hours)));
        }
        self.quiet_until(at, zone).map(|end| (Hold::QuietHours, end))
    }

    /// When the quiet ends that a moment lies in.
    #[must_use]
    pub fn quiet_until(&self, at: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        self.quiet_hours?.end(at, zone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_and_channel_switched_off_is_off_alone() {
        for kind in NoticeKind::ALL {
            for channel in Channel::ALL {
                let off = BTreeMap::from([(*kind, BTreeMap::from([(*channel, false)]))]);
                let preferences = NoticePreferences { kinds: off, ..NoticePreferences::default() };
                for (other, place) in NoticeKind::ALL
                    .iter()
                    .flat_map(|kind| Channel::ALL.iter().map(move |channel| (*kind, *channel)))
                {
                    let is_it = (other, place) == (*kind, *channel) && !kind.is_locked(*channel);
                    let expected = !is_it && other.goes_by_default(place);
                    assert_eq!(preferences.wants(other, place), expected, "{other:?} {place:?}");
                }
            }
        }
    }
}
