//! What an operator does by hand: the first staff login, the gateway's key. There is no route to
//! it: whoever may invoke the function is an operator, and AWS keeps the record of who was.

mod service_key;
mod staff;

pub use service_key::issue_key;
pub use staff::{StaffLogin, create_staff};

use serde::{Deserialize, Serialize};
use shared::{
    account::{FoundingRefused, InvalidEmail},
    app::App,
    error::{Code, Error},
    id::AccountId,
    queue::chain,
    table::{Cancelled, TableError},
};

/// What is to be done, as the operator writes it: `{"create_staff": {"email": "..."}}`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Command {
    /// Makes a staff account with one login.
    CreateStaff {
        /// What it signs in with.
        email: String,
        /// The person's name.
        name: String,
    },
    /// Makes a key for the gateway that reports usage.
    CreateServiceKey {
        /// The staff's account.
        account: AccountId,
        /// What the key is called.
        name: String,
    },
}

/// What came of it. Secrets are in here once and are kept nowhere.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The login that was made.
    Staff(StaffLogin),
    /// The key that was made.
    ServiceKey(String),
    /// Why nothing was.
    Error(String),
}

/// Why a command is not carried out.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The address does not parse.
    #[error("the e-mail address is not valid")]
    Email(#[from] InvalidEmail),
    /// Somebody signs in with it.
    #[error("the address has an account")]
    AddressTaken,
    /// The account is not there, or is a client's.
    #[error("there is no such staff account")]
    NoStaffAccount,
    /// The panel failed; trying again may help.
    #[error("the command failed")]
    Failed(#[from] Box<dyn std::error::Error + Send + Sync>),
}

impl From<TableError> for Refused {
    fn from(error: TableError) -> Self {
        Self::Failed(Box::new(error))
    }
}

impl From<Cancelled<FoundingRefused>> for Refused {
    fn from(cancelled: Cancelled<FoundingRefused>) -> Self {
        match cancelled {
            Cancelled::Refused(_) => Self::AddressTaken,
            Cancelled::Failed(error) => error.into(),
        }
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        let code: Code = error.code;
        Self::Failed(error.source.unwrap_or_else(|| code.as_str().into()))
    }
}

/// Carries out a command.
pub async fn handle(app: App, command: Command) -> Outcome {
    let done = match command {
        Command::CreateStaff { email, name } => {
            create_staff(&app, &email, name).await.map(Outcome::Staff)
        }
        Command::CreateServiceKey { account, name } => {
            issue_key(&app, account, &name).await.map(Outcome::ServiceKey)
        }
    };
    done.unwrap_or_else(|refused| {
        let reason = chain(&refused);
        tracing::warn!(reason, "a command was refused");
        Outcome::Error(reason)
    })
}
