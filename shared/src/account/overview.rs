//! What an account has how many of: numbers that each change keeps up in its own transaction.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, de::IgnoredAny};

use crate::{
    app::App,
    id::UserId,
    table::{Condition, Key, TableError, Tenant, Transaction, Update, Written},
};

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
            /// What is counted for each user, among whatever else the item has.
            #[serde(flatten)]
            others: BTreeMap<String, Other>,
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
    /// Those among them that wait for the client.
    TicketsWaiting tickets_waiting;
    /// Tickets that there ever were: each takes its number from here.
    Tickets tickets_ever;
}

/// An attribute that has no name of its own.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Other {
    Number(i64),
    Else(IgnoredAny),
}

impl Overview {
    /// How many notifications a user has not read.
    #[must_use]
    pub fn unread(&self, user: UserId) -> u64 {
        match self.others.get(&Unread::of(user).0) {
            Some(Other::Number(number)) => u64::try_from(*number).unwrap_or(0),
            Some(Other::Else(_)) | None => 0,
        }
    }
}

/// The count of the notifications that a user has not read: each user's is an attribute of its own.
#[derive(Debug, Clone)]
pub struct Unread(String);

impl Unread {
    /// A user's.
    #[must_use]
    pub fn of(user: UserId) -> Self {
        Self(format!("unread_{user}"))
    }

    /// One more.
    pub fn more<R: Clone>(self, tenant: Tenant, transaction: &mut Transaction<'_, R>) {
        let update = Update::new().add(self.0, 1u64);
        transaction.update(&overview_key(tenant), update, None);
    }

    /// So many fewer.
    pub fn fewer<R: Clone>(self, tenant: Tenant, by: usize, transaction: &mut Transaction<'_, R>) {
        let by = i64::try_from(by).unwrap_or(i64::MAX);
        let update = Update::new().add(self.0, -by);
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
        let as_seen = Condition::Is(self.0.clone(), seen.into());
        let update = Update::new().set(self.0, 0u64).when(as_seen);
        transaction.update(&overview_key(tenant), update, Some(refused));
    }
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

    /// So many fewer.
    pub fn fewer<R: Clone>(self, tenant: Tenant, by: usize, transaction: &mut Transaction<'_, R>) {
        let by = i64::try_from(by).unwrap_or(i64::MAX);
        let update = Update::new().add(self.attribute(), -by);
        transaction.update(&overview_key(tenant), update, None);
    }
}

/// Changes of several counts in one write.
#[derive(Default)]
pub struct Counts(Vec<(Count, i64)>);

impl Counts {
    /// No changes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// So many more of something, or fewer.
    #[must_use]
    pub fn add(mut self, count: Count, by: i64) -> Self {
        self.0.extend((by != 0).then_some((count, by)));
        self
    }

    /// Adds them to a transaction; what grows to more than there may be is refused.
    pub fn write<R: Clone>(
        self,
        tenant: Tenant,
        (limited, most): (Count, u32),
        transaction: &mut Transaction<'_, R>,
        refused: R,
    ) {
        if self.0.is_empty() {
            return;
        }
        let grows = self.0.iter().any(|(count, by)| *count == limited && *by > 0);
        let changes = |update: Update, (count, by): (Count, i64)| update.add(count.attribute(), by);
        let update = self.0.into_iter().fold(Update::new(), changes);
        let name = limited.attribute();
        let room = vec![Condition::Without(name), Condition::Less(name, most.into())];
        if grows {
            transaction.update(
                &overview_key(tenant),
                update.when(Condition::Any(room)),
                Some(refused),
            );
        } else {
            transaction.update(&overview_key(tenant), update, None);
        }
    }
}

/// The number of the next thing of a kind, which nothing else gets: of what is then not made there is none.
///
/// # Errors
/// When the table fails.
pub async fn next_number(app: &App, tenant: Tenant, count: Count) -> Result<u64, TableError> {
    let name = count.attribute();
    let update = Update::new().add(name, 1u64);
    let written = app.table.update::<serde_json::Value>(&overview_key(tenant), update).await?;
    let (Written::Done(item) | Written::Refused(Some(item))) = written else { return Ok(0) };
    Ok(item.get(name).and_then(serde_json::Value::as_u64).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::json;

    use super::*;
    use crate::random::Random;

    #[test]
    fn each_user_has_a_count_of_its_own_that_is_never_below_zero() {
        let random = Random::seeded(1);
        let [ada, bob, eve] = [(); 3].map(|()| UserId::new(Timestamp::UNIX_EPOCH, &random));
        let stored = json!({"PK": "A#acc", "SK": "OVERVIEW", "api_keys": 2,
            Unread::of(ada).0: 3, Unread::of(bob).0: -1});
        let overview: Overview = serde_json::from_value(stored).unwrap();
        assert_eq!(overview.api_keys, 2);
        assert_eq!([ada, bob, eve].map(|user| overview.unread(user)), [3, 0, 0]);
    }
}
