//! Word that waits: for the morning, for the day's digest, or for others of its kind. What waits together is
//! one timer, which lists it and is set in the transaction that holds it back.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Channel, Hold, NoticeKind};
use crate::{
    account::{Email, address_hash},
    app::App,
    audit::EventKind,
    id::{NotificationId, UserId},
    table::{Condition, Key, Tenant, Transaction, Value},
    timer::{Timer, TimerKind, set_timer, timers_prefix},
};

/// Followers of a mail wait so long for each other.
const GATHERED_FOR: SignedDuration = SignedDuration::from_mins(5);

/// So many are told one by one; what comes beyond is counted. With what is read and written beside them they
/// fit into one batch and one transaction.
pub const MOST_HELD: u32 = 90;

/// What waits together.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Held {
    /// Whose it is.
    pub user: UserId,
    /// Where it goes.
    pub channel: Channel,
    /// Why it waits.
    pub hold: Hold,
    /// What waits.
    #[serde(default)]
    pub notices: BTreeSet<NotificationId>,
    /// How many there are beyond those.
    #[serde(default)]
    pub more: u64,
}

/// The timer of what waits together.
pub type HeldTimer = Timer<Held>;

/// A way to one of a tenant's users.
#[derive(Debug, Clone, Copy)]
pub struct Way {
    /// Whose user.
    pub tenant: Tenant,
    /// The user.
    pub user: UserId,
    /// The channel.
    pub channel: Channel,
}

/// What one waits for with others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wait {
    /// Why.
    pub hold: Hold,
    /// Until when.
    pub until: Timestamp,
    /// What tells apart what waits for the same reason: a kind and an address.
    pub apart: String,
}

/// What sort keys of the timers begin with of what waits for a user.
#[must_use]
pub fn held_prefix(user: UserId) -> String {
    timers_prefix(TimerKind::Held, &format!("{user}#"))
}

/// Adds to a transaction that somebody is to be told later. `refused` tells that so many wait that more are only
/// counted.
pub fn hold<R: Clone>(
    app: &App,
    Way { tenant, user, channel }: Way,
    wait: &Wait,
    what: &Waiting,
    transaction: &mut Transaction<'_, R>,
    refused: R,
) {
    let Wait { hold, until, apart } = wait;
    let name =
        format!("{user}#{}#{}#{apart}#{}", channel.as_str(), hold.as_str(), until.as_second());
    let (key, update) = set_timer(app, tenant, TimerKind::Held, &name, *until);
    let update = update
        .set("user", user.to_string())
        .set("channel", channel.as_str())
        .set("hold", hold.as_str());
    let update = match what {
        Waiting::Notices { ids, more } => {
            let room =
                vec![Condition::Without("count"), Condition::Less("count", MOST_HELD.into())];
            let count = ids.len() as u64;
            let ids = Value::set_of(ids.iter().map(ToString::to_string));
            let update = update.add("notices", ids).add("count", count).add("more", *more);
            update.when(Condition::Any(room))
        }
        // Those that it is counted with still wait.
        Waiting::More(more) => {
            update.add("more", *more).when(Condition::Greater("count", 0u32.into()))
        }
    };
    transaction.update(&key, update, Some(refused));
}

/// What waits.
#[derive(Debug, Clone)]
pub enum Waiting {
    /// Notifications.
    Notices {
        /// Which.
        ids: Vec<NotificationId>,
        /// How many there are beside them, which are only counted.
        more: u64,
    },
    /// So many more beside them, which are only counted.
    More(u64),
}

/// What was mailed a moment ago, so that followers wait for each other.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Gathering {
    /// Until when they do; seconds since 1970.
    pub until: i64,
    /// When the table drops it; seconds since 1970.
    pub expires_at: i64,
}

impl Gathering {
    /// One that begins now.
    #[must_use]
    pub fn from(now: Timestamp) -> Self {
        let until = (now + GATHERED_FOR).as_second();
        Self { until, expires_at: until }
    }

    /// When it ends, unless it is over.
    #[must_use]
    pub fn end(&self, now: Timestamp) -> Option<Timestamp> {
        let end = Timestamp::from_second(self.until).ok()?;
        (now < end).then_some(end)
    }

    /// That none is under way.
    #[must_use]
    pub fn is_over(now: Timestamp) -> Condition {
        let over = Condition::AtMost("until", now.as_second().into());
        Condition::Any(vec![Condition::Without("until"), over])
    }
}

/// What tells apart what is gathered: mails of a kind to an address. Of changes to security each kind of change is
/// one of its own: who renames keys first delays no word of a new password.
#[must_use]
pub fn gathered_as(kind: NoticeKind, change: Option<EventKind>, to: &Email) -> String {
    let what = change.map_or(kind.as_str(), EventKind::as_str);
    format!("{what}:{}", &address_hash(&to.normalised())[..16])
}

/// Where it stands that followers wait.
#[must_use]
pub fn gathering_key(tenant: Tenant, user: UserId, channel: Channel, apart: &str) -> Key {
    Key::of(tenant, format_args!("GATHERING#{user}#{}#{apart}", channel.as_str()))
}
