//! Ending all sessions of a user at once, however many there are, by a number: those of earlier epochs are
//! over, and so is one that a sign-in under way is going to begin. User and account get the same number in
//! one transaction, and the user's version rises: the order of a user's changes is told by it.

use super::{Account, User, account_key, user_key};
use crate::{
    id::UserId,
    table::{Condition, Tenant, Transaction, Update},
};

/// That all sessions of a user end, with what else changes of the user for it.
pub struct EndSessions {
    user: UserId,
    epoch: u64,
    change: Update,
    conditions: Vec<Condition>,
}

impl User {
    /// Ends the sessions of an epoch and of all before it, if it is still the user's.
    #[must_use]
    pub fn end_sessions(user: UserId, epoch: u64) -> EndSessions {
        let same = Condition::Equals("epoch", epoch.into());
        EndSessions { user, epoch: epoch + 1, change: Update::new(), conditions: vec![same] }
    }

    /// Ends the sessions of an epoch and of as many after it as a leap is long: whoever else is in the
    /// account can begin epochs too.
    #[must_use]
    pub fn end_sessions_far(user: UserId, epoch: u64, leap: u64) -> EndSessions {
        let epoch = epoch + leap;
        let not_yet = Condition::Less("epoch", epoch.into());
        EndSessions { user, epoch, change: Update::new(), conditions: vec![not_yet] }
    }
}

impl Account {
    /// Ends all sessions of all of the account's users: what of it is the account's own change is added to the one
    /// that is given.
    pub fn end_all_sessions<R: Clone>(
        &self,
        change: Update,
        transaction: &mut Transaction<'_, R>,
        refused: &R,
    ) -> Update {
        let tenant = Tenant::of_record(self);
        self.epochs.iter().fold(change, |change, (user, epoch)| {
            let same = Condition::Equals("epoch", (*epoch).into());
            let over = Update::new().set("epoch", epoch + 1).add("version", 1u64).when(same);
            transaction.update(&user_key(tenant, *user), over, Some(refused.clone()));
            change.set_entry("epochs", user.to_string(), epoch + 1)
        })
    }
}

impl EndSessions {
    /// The epoch that begins.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// What else changes of the user in the same write.
    #[must_use]
    pub fn with(self, change: Update) -> Self {
        Self { change, ..self }
    }

    /// What else has to hold of the user.
    #[must_use]
    pub fn when(mut self, condition: Condition) -> Self {
        self.conditions.push(condition);
        self
    }

    /// Adds it to a transaction.
    pub fn write<R: Clone>(self, tenant: Tenant, transaction: &mut Transaction<'_, R>, refused: R) {
        let Self { user, epoch, change, conditions } = self;
        let change = change.set("epoch", epoch).add("version", 1u64);
        let change = change.when(Condition::All(conditions));
        transaction.update(&user_key(tenant, user), change, Some(refused.clone()));
        let over = Update::new().set_entry("epochs", user.to_string(), epoch);
        let over = over.when(Condition::Exists);
        transaction.update(&account_key(tenant), over, Some(refused));
    }
}
