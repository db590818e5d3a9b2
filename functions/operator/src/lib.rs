//! What an operator does by hand: the first staff login, the gateway's key, a client's plan. There is no route to
//! it: whoever may invoke the function is an operator. What was made is logged without its secret,
//! and an alarm tells of every invocation.

mod plan;
mod service_key;
#[cfg(feature = "testing")]
mod specimens;
mod staff;

#[cfg(feature = "testing")]
pub use specimens::specimens;

pub use plan::{PlanSet, set_plan};
pub use service_key::issue_key;
pub use staff::{StaffLogin, create_staff};

use serde::{Deserialize, Serialize};
use shared::{
    account::{FoundingRefused, InvalidEmail},
    app::App,
    boot::BootError,
    config::Setting,
    error::Error,
    function::{Function, Trigger},
    queue::chain,
    table::{Cancelled, TableError},
    text::TextError,
};

/// How it is deployed.
pub const FUNCTION: Function = Function::new("operator", &[Setting::Table], Trigger::Hand)
    // It hashes passwords.
    .memory(1024);

/// A name has at most so many characters.
const MOST_NAME_CHARACTERS: usize = 100;

/// What is to be done, as the operator writes it:
/// `{"create_staff": {"email": "sam@example.com", "name": "Sam"}}`.
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
        /// What the key is called.
        name: String,
    },
    /// Puts a client on a plan, at once and without a charge.
    SetPlan {
        /// The client's account.
        account: String,
        /// The plan; its newest version is meant.
        plan: String,
    },
}

/// What came of it. Secrets are in here once and are kept nowhere; it has no `Debug`.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The login that was made.
    Staff(StaffLogin),
    /// The key that was made.
    ServiceKey(String),
    /// The plan that a client has now.
    Plan(PlanSet),
    /// Why nothing was: what was asked for cannot be.
    Refused(String),
}

/// Why a command is not carried out.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The name is empty, too long or not one line.
    #[error("the name is not valid")]
    Name(#[from] TextError),
    /// The address does not parse.
    #[error("the e-mail address is not valid")]
    Email(#[from] InvalidEmail),
    /// Somebody signs in with it.
    #[error("the address has an account")]
    AddressTaken,
    /// Nobody's account.
    #[error("there is no such client")]
    UnknownClient,
    /// No plan of the catalogue's.
    #[error("there is no such plan")]
    UnknownPlan,
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
        Self::Failed(error.source.unwrap_or_else(|| error.code.as_str().into()))
    }
}

/// Carries out a command.
///
/// # Errors
/// When the panel failed: the invocation fails, and may be tried again.
pub async fn handle(app: App, command: Command) -> Result<Outcome, BootError> {
    let done = match command {
        Command::CreateStaff { email, name } => {
            create_staff(&app, &email, &name).await.map(Outcome::Staff)
        }
        Command::CreateServiceKey { name } => issue_key(&app, &name).await.map(Outcome::ServiceKey),
        Command::SetPlan { account, plan } => {
            set_plan(&app, &account, &plan).await.map(Outcome::Plan)
        }
    };
    match done {
        Err(Refused::Failed(error)) => Err(error),
        Err(refused) => Ok(Outcome::Refused(chain(&refused))),
        Ok(outcome) => {
            tracing::info!(done = outcome.kind(), "a command was carried out");
            Ok(outcome)
        }
    }
}

impl Outcome {
    /// What was done, without secrets.
    fn kind(&self) -> &'static str {
        match self {
            Self::Staff(_) => "staff login",
            Self::ServiceKey(_) => "service key",
            Self::Plan(_) => "plan",
            Self::Refused(_) => "nothing",
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use shared::testing::TestApp;

    use super::handle;

    /// Carries out a command as an operator writes it.
    pub(crate) async fn run(world: &TestApp, command: Value) -> Value {
        let outcome = handle(world.app.clone(), serde_json::from_value(command).unwrap()).await;
        json!(outcome.unwrap())
    }
}
