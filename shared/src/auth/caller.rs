//! Who acts: what an operation is told of whoever asked for it. An operation takes a [`Caller`] and never a
//! session, so that a person, a program, one of the staff and a schedule do the same thing by the same code.

use super::{ApiKey, ServiceKey, Session, api_key_key, service_key};
use crate::{
    account::{Account, Role, user_key},
    app::App,
    audit::Actor,
    error::{Code, Error},
    http::Context,
    id::{KeyId, SessionId, UserId},
    table::{Condition, Tenant, Transaction},
};

/// Who acts, in whose account, from where. Only authentication, staff that looked a client up and a schedule
/// make one.
#[non_exhaustive]
pub struct Caller {
    /// The services.
    pub app: App,
    /// Whose data may be seen.
    pub tenant: Tenant,
    /// The account, as authentication read it.
    pub account: Account,
    /// Who acts.
    pub principal: Principal,
    /// The request's surroundings.
    pub context: Context,
}

/// Who acts.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Principal {
    /// Somebody who is signed in.
    User {
        /// The user.
        id: UserId,
        /// What the user is called.
        name: String,
        /// The session.
        session: SessionId,
        /// The session's epoch; a later epoch of the user ends the session.
        epoch: u64,
    },
    /// A client's own program.
    ApiKey {
        /// The key.
        id: KeyId,
        /// What the key is called.
        name: String,
        /// Who made it: the program asks in that user's name.
        user: UserId,
    },
    /// One of the rental company's machines.
    ServiceKey {
        /// The key.
        id: KeyId,
        /// What the key is called.
        name: String,
    },
    /// One of the rental company's people, in a client's account. It has no session of the client's and
    /// never becomes one.
    Staff {
        /// The account of the staff.
        home: Tenant,
        /// The user there.
        id: UserId,
        /// What the user is called.
        name: String,
        /// The epoch of the session there.
        epoch: u64,
        /// Why the account is acted in. The client reads it.
        reason: String,
    },
    /// Something that happens at a time, by the name of its schedule.
    Schedule(&'static str),
}

impl Principal {
    pub(super) fn of_session(session: &Session) -> Self {
        let (name, epoch) = (session.name.clone(), session.epoch);
        Self::User { id: session.user, name, session: session.id, epoch }
    }

    pub(super) fn of_api_key(key: &ApiKey) -> Self {
        Self::ApiKey { id: key.id, name: key.name.clone(), user: key.user }
    }

    pub(super) fn of_service_key(key: &ServiceKey) -> Self {
        Self::ServiceKey { id: key.id, name: key.name.clone() }
    }

    /// What tells one who acts from all others, whatever they are called.
    #[must_use]
    pub fn identity(&self) -> String {
        match self {
            Self::User { id, .. } | Self::Staff { id, .. } => id.to_string(),
            Self::ApiKey { id, .. } | Self::ServiceKey { id, .. } => id.to_string(),
            Self::Schedule(name) => format!("schedule {name}"),
        }
    }
}

impl Caller {
    /// A schedule that acts in an account.
    #[must_use]
    pub fn schedule(app: &App, account: Account, name: &'static str) -> Self {
        Self {
            tenant: Tenant::of_record(&account),
            account,
            principal: Principal::Schedule(name),
            context: Context::of_schedule(name, &app.random),
            app: app.clone(),
        }
    }

    /// The account's user who asks, or in whose name a program does.
    pub fn user(&self) -> Result<UserId, Error> {
        match self.principal {
            Principal::User { id, .. } | Principal::ApiKey { user: id, .. } => Ok(id),
            _ => Err(Code::Forbidden.into()),
        }
    }

    /// The account's user who is signed in. No program, nobody of the staff and no schedule changes what
    /// protects an account, or gives out what opens it.
    pub fn person(&self) -> Result<UserId, Error> {
        match self.principal {
            Principal::User { id, .. } => Ok(id),
            _ => Err(Code::Forbidden.into()),
        }
    }

    /// What the user may do who asks, or in whose name a program does.
    pub fn role(&self) -> Result<Role, Error> {
        let role = self.account.role_of(self.user()?);
        role.ok_or_else(|| Code::Forbidden.into())
    }

    /// Who acts, as it is written down.
    #[must_use]
    pub fn actor(&self) -> Actor {
        match self.principal.clone() {
            Principal::User { id, name, .. } => Actor::User { id, name },
            Principal::ApiKey { id, name, user } => Actor::ApiKey { id, name, user },
            Principal::ServiceKey { id, name } => Actor::ServiceKey { id, name },
            Principal::Staff { id, name, .. } => Actor::Staff { id, name },
            Principal::Schedule(name) => Actor::Schedule { name: name.to_owned() },
        }
    }

    /// Why, where whoever acts had to say so.
    #[must_use]
    pub fn reason(&self) -> Option<String> {
        match &self.principal {
            Principal::Staff { reason, .. } => Some(reason.clone()),
            _ => None,
        }
    }
}

/// Adds to a transaction that whoever acts still may: nobody ended the user's sessions since this one was
/// checked, nobody revoked the key. Whatever opens an account beside the password is given out under it
/// (secrets of API keys and of second factors, backup codes), so nothing more is given out once sessions were
/// ended. It comes first in a transaction: a session that is over is told of before anything else.
pub fn if_still_signed_in<R: Clone>(
    caller: &Caller,
    transaction: &mut Transaction<'_, R>,
    refused: R,
) {
    let same = |epoch: u64| Condition::Equals("epoch", epoch.into());
    match caller.principal {
        Principal::User { id, epoch, .. } => {
            transaction.check(&user_key(caller.tenant, id), same(epoch), refused);
        }
        Principal::Staff { home, id, epoch, .. } => {
            transaction.check(&user_key(home, id), same(epoch), refused);
        }
        Principal::ApiKey { id, .. } => {
            transaction.check(&api_key_key(caller.tenant, id), Condition::Exists, refused);
        }
        Principal::ServiceKey { id, .. } => {
            transaction.check(&service_key(id), Condition::Exists, refused);
        }
        Principal::Schedule(_) => {}
    }
}
