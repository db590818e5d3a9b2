//! Why a payment failed, as clients are told it.

use serde::{Deserialize, Serialize};

use crate::provider::Decline;

/// Why a payment failed. Each has its words in `field-<reason>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The card's bank said no, and not why.
    Declined,
    /// There is not enough money on it.
    InsufficientFunds,
    /// The card is over.
    CardExpired,
    /// The card's bank wants to ask its owner.
    AuthenticationRequired,
    /// Its owner said no to the card's bank, or was not recognised.
    AuthenticationFailed,
    /// The card's bank takes it for lost, stolen or closed: it is not tried again.
    CardBlocked,
    /// Something went wrong on the way: another time it may work.
    ProcessingError,
    /// There is no card to charge.
    NoMethod,
    /// The page on which it was to be paid was left.
    NotCompleted,
    /// The provider does not take it.
    Refused,
}

impl Reason {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Declined,
        Self::InsufficientFunds,
        Self::CardExpired,
        Self::AuthenticationRequired,
        Self::AuthenticationFailed,
        Self::CardBlocked,
        Self::ProcessingError,
        Self::NoMethod,
        Self::NotCompleted,
        Self::Refused,
    ];

    /// Its name in the API and in message ids.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Declined => "declined",
            Self::InsufficientFunds => "insufficient_funds",
            Self::CardExpired => "card_expired",
            Self::AuthenticationRequired => "authentication_required",
            Self::AuthenticationFailed => "authentication_failed",
            Self::CardBlocked => "card_blocked",
            Self::ProcessingError => "processing_error",
            Self::NoMethod => "no_method",
            Self::NotCompleted => "not_completed",
            Self::Refused => "refused",
        }
    }

    /// The message that tells it.
    #[must_use]
    pub fn words(self) -> String {
        format!("field-{}", self.as_str())
    }

    /// Whether the same card is not to be tried again.
    #[must_use]
    pub fn is_hard(self) -> bool {
        self == Self::CardBlocked
    }
}

impl From<&Decline> for Reason {
    /// Source: <https://docs.stripe.com/declines/codes>.
    fn from(decline: &Decline) -> Self {
        let more = decline.decline_code.as_deref().unwrap_or_default();
        match (decline.code.as_str(), more) {
            ("authentication_required", _) | (_, "authentication_required") => {
                Self::AuthenticationRequired
            }
            ("payment_intent_authentication_failure", _) => Self::AuthenticationFailed,
            (_, "insufficient_funds" | "withdrawal_count_limit_exceeded") => {
                Self::InsufficientFunds
            }
            ("expired_card", _) | (_, "expired_card") => Self::CardExpired,
            (
                _,
                "stolen_card"
                | "lost_card"
                | "pickup_card"
                | "restricted_card"
                | "do_not_try_again"
                | "revocation_of_all_authorizations"
                | "revocation_of_authorization"
                | "stop_payment_order"
                | "security_violation"
                | "account_closed"
                | "fraudulent"
                | "merchant_blacklist"
                | "no_action_taken_closed_account",
            ) => Self::CardBlocked,
            ("processing_error", _)
            | (
                _,
                "processing_error"
                | "try_again_later"
                | "issuer_not_available"
                | "reenter_transaction",
            ) => Self::ProcessingError,
            _ => Self::Declined,
        }
    }
}
