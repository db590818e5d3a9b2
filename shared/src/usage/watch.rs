//! Looking at what was used after it was counted: the meter sets a timer that is due at once with what it
//! counts, and the alerts worker looks under the timer's version. What is counted while it looks sets the timer
//! anew, so that no crossing is missed; what is counted within a minute is looked at once.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{
    account::BillingPeriod,
    app::App,
    id::KeyId,
    table::{Key, Tenant, Update},
    timer::{TimerKind, set_timer},
};

/// Whose use is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Watched {
    /// The account's, against its limits.
    Account,
    /// A key's, against its own limit.
    Key(KeyId),
}

/// What its timer has beside.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Watch {
    /// The month whose use is looked at, as its first day.
    month: Date,
    /// The key whose use it is; the account's if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<KeyId>,
}

impl Watch {
    /// The month whose use is looked at.
    #[must_use]
    pub fn period(&self) -> BillingPeriod {
        BillingPeriod::of(self.month)
    }
}

/// The change that has a month's use looked at. Meters of a hot account use several, one a shard, so that they
/// are not in each other's way.
#[must_use]
pub fn watch(
    app: &App,
    tenant: Tenant,
    period: BillingPeriod,
    watched: Watched,
    shard: u16,
) -> (Key, Update) {
    let name = match watched {
        Watched::Account => format!("{period}#{shard}"),
        Watched::Key(key) => format!("{period}#{key}"),
    };
    // The index is written anew only where this changes.
    let minute = app.clock.now().as_second().div_euclid(60) * 60;
    let due = Timestamp::from_second(minute).unwrap_or_default();
    let (key, update) = set_timer(app, tenant, TimerKind::Usage, &name, due);
    let update = update.set("month", period.first().to_string());
    match watched {
        Watched::Account => (key, update),
        Watched::Key(id) => (key, update.set("key", id.to_string())),
    }
}
