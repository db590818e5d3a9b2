//! What a call to the payment provider comes to when it does not come to what it was made for.

use serde::Deserialize;

/// Why a call did not do what it was made for.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// The card's bank, or the provider, does not want the payment.
    #[error("declined: {0:?}")]
    Declined(Decline),
    /// There is no such object.
    #[error("there is no such object")]
    NotFound,
    /// The provider does not take the call as it is: the object does not stand so, or it is a defect of ours.
    #[error("refused with {status}: {message}")]
    Refused {
        /// The status of the reply.
        status: u16,
        /// The provider's words.
        message: String,
    },
    /// The idempotency key was used for another call.
    #[error("the idempotency key was used for another call")]
    Reused,
    /// Nobody knows whether it was done: no answer, or a failure of the provider's.
    #[error("no answer: {0}")]
    Unsure(String),
    /// The function does not ask for what it is reached by.
    #[error(transparent)]
    Setting(#[from] crate::config::NotAskedFor),
}

/// Why a card's bank says no.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Decline {
    /// `card_declined`, `expired_card`, `authentication_required` ...
    #[serde(default)]
    pub code: String,
    /// More exactly: `insufficient_funds`, `stolen_card` ...
    #[serde(default)]
    pub decline_code: Option<String>,
}

impl From<ProviderError> for crate::error::Error {
    fn from(error: ProviderError) -> Self {
        use crate::error::Code;
        let code = match error {
            ProviderError::Unsure(_) => Code::Unavailable,
            _ => Code::Internal,
        };
        Self::fault(code, error)
    }
}

/// The body of a reply that is none of what was asked for.
#[derive(Deserialize)]
pub(super) struct Reply {
    pub(super) error: Said,
}

/// What the provider says is wrong.
#[derive(Deserialize)]
pub(super) struct Said {
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    message: String,
    #[serde(flatten)]
    decline: Decline,
}

impl ProviderError {
    /// What a status and a body mean.
    pub(super) fn of(status: u16, body: &[u8]) -> Self {
        let said = serde_json::from_slice::<Reply>(body).map(|it| it.error);
        match (status, said) {
            (402, Ok(said)) if said.kind == "card_error" => Self::Declined(said.decline),
            (_, Ok(said)) if said.kind == "idempotency_error" => Self::Reused,
            (404, _) => Self::NotFound,
            // It is at the same call already, has too much to do, or does not know us: it did nothing, and that says
            // nothing of the object.
            (401 | 403 | 409 | 429 | 500.., _) => Self::Unsure(status.to_string()),
            (_, Ok(said)) => Self::Refused { status, message: said.message },
            (_, Err(_)) => Self::Refused { status, message: "unreadable".to_owned() },
        }
    }
}
