//! What an account has how many of: numbers that each change keeps up in its own transaction.

use serde::{Deserialize, Deserializer};

use crate::table::{Condition, Key, Tenant, Transaction, Update};

/// Where the account's counts lie that its dashboard shows.
#[must_use]
pub fn overview_key(tenant: Tenant) -> Key {
    Key::of(tenant, "OVERVIEW")
}

/// A count that went wrong is none, and stops no dashboard.
fn not_below_zero<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    Ok(u64::try_from(i64::deserialize(deserializer)?).unwrap_or(0))
}

macro_rules! counts {
    ($($(#[$doc:meta])* $count:ident $attribute:ident;)*) => {
        /// Something that is counted.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Count {
            $($(#[$doc])* $count,)*
        }

        /// All counts of an account.
        #[derive(Debug, Default, Clone, Deserialize)]
        #[serde(default)]
        pub struct Overview {
            $($(#[$doc])* #[serde(deserialize_with = "not_below_zero")] pub $attribute: u64,)*
        }

        impl Count {
            fn attribute(self) -> &'static str {
                match self { $(Self::$count => stringify!($attribute),)* }
            }
        }
    };
}

counts! {
    /// API keys.
    ApiKeys api_keys;
    /// Instances that are not deleted.
    Instances instances_total;
    /// Instances that run.
    InstancesRunning instances_running;
    /// Tickets that are not closed.
    TicketsOpen tickets_open;
    /// Notifications that were not read.
    NotificationsUnread notifications_unread;
}

impl Count {
    /// One more, if there are fewer than the most that there may be.
    pub fn one_more<R: Clone>(
        self,
        tenant: Tenant,
        most: u32,
        transaction: &mut Transaction<'_, R>,
        refused: R,
    ) {
        let name = self.attribute();
        let room = vec![Condition::Without(name), Condition::Less(name, most.into())];
        let update = Update::new().add(name, 1u64).when(Condition::Any(room));
        transaction.update(&overview_key(tenant), update, Some(refused));
    }

    /// One more, however many there are.
    pub fn more<R: Clone>(self, tenant: Tenant, transaction: &mut Transaction<'_, R>) {
        let update = Update::new().add(self.attribute(), 1u64);
        transaction.update(&overview_key(tenant), update, None);
    }

    /// None, if there are as many as were seen.
    pub fn none<R: Clone>(
        self,
        tenant: Tenant,
        seen: u64,
        transaction: &mut Transaction<'_, R>,
        refused: R,
    ) {
        let name = self.attribute();
        let update = Update::new().set(name, 0u64).when(Condition::Equals(name, seen.into()));
        transaction.update(&overview_key(tenant), update, Some(refused));
    }

    /// So many fewer.
    pub fn fewer<R: Clone>(self, tenant: Tenant, by: usize, transaction: &mut Transaction<'_, R>) {
        let by = i64::try_from(by).unwrap_or(i64::MAX);
        let update = Update::new().add(self.attribute(), -by);
        transaction.update(&overview_key(tenant), update, None);
    }
}
