//! The company's people at a client's account.

use std::ops::Deref;

use super::{Caller, Principal, SignedIn, Staff};
use crate::{
    account::{Account, AccountKind, account_key},
    error::{Code, Error},
    id::AccountId,
    table::{Read, Tenant},
    text::required_line,
};

/// A reason has at most so many characters.
const MOST_REASON_CHARACTERS: usize = 200;

/// A client's account that one of the staff looked up.
pub struct ClientAccount(Account);

impl Deref for ClientAccount {
    type Target = Account;

    fn deref(&self) -> &Account {
        &self.0
    }
}

impl Staff {
    /// The account of a client, looked up for one of the company's people; 404 where there is none.
    pub async fn client(&self, id: &str) -> Result<ClientAccount, Error> {
        let id: AccountId = id.parse().map_err(|_| Code::NotFound)?;
        let key = account_key(Tenant::claimed(id));
        let account: Option<Account> = self.app.table.get(&key, Read::Strong).await?;
        let client = account.filter(|it| it.kind == AccountKind::Client);
        client.map(ClientAccount).ok_or_else(|| Code::NotFound.into())
    }

    /// Acting in a client's account, for a reason that the client reads. It is no session of the client's:
    /// what wants one, or an elevated one, cannot be asked for with it.
    pub fn acting(self, client: ClientAccount, reason: &str) -> Result<Caller, Error> {
        let reason = required_line(reason, MOST_REASON_CHARACTERS)
            .map_err(|error| Error::field("reason", error.code()))?;
        let Self(SignedIn { caller, session }) = self;
        let principal = Principal::Staff {
            home: caller.tenant,
            id: session.user,
            name: session.name,
            epoch: session.epoch,
            reason,
        };
        let ClientAccount(account) = client;
        Ok(Caller { tenant: Tenant::of_record(&account), account, principal, ..caller })
    }
}
