//! One attempt to have an invoice paid.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{MethodShown, Reason};
use crate::{id::EntryId, money::Pico};

/// Who wanted it tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TriedBy {
    /// The client, who is there.
    Client,
    /// The clock.
    Clock,
}

/// Where an attempt stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AttemptState {
    /// Nobody knows yet.
    Processing,
    /// The client is wanted.
    ActionRequired,
    /// It was paid.
    Succeeded,
    /// It was not.
    Failed,
}

/// A page of the provider's on which an attempt is paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hosted {
    /// The provider's name for it.
    pub session: String,
    /// Where it is.
    pub url: String,
    /// When it is over.
    pub expires_at: Timestamp,
}

/// An attempt as it is stored with its invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// 1 for the first one at the invoice.
    pub number: u32,
    /// The movement that tells of it.
    pub entry: EntryId,
    /// Who wanted it.
    pub by: TriedBy,
    /// What was to be paid.
    pub amount: Pico,
    /// With which card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<MethodShown>,
    /// The provider's name for that card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<String>,
    /// The provider's name for the payment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intent: Option<String>,
    /// Where the client pays it, if it is wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hosted: Option<Hosted>,
    /// Where it stands.
    pub state: AttemptState,
    /// Why it failed, or why the client is wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// When it began.
    pub at: Timestamp,
}

impl AttemptState {
    /// Whether money came of it.
    #[must_use]
    pub fn is_paid(self) -> bool {
        self == Self::Succeeded
    }
}

impl Attempt {
    /// Whether it may still come to something.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.state, AttemptState::Processing | AttemptState::ActionRequired)
    }

    /// Where the client pays it, while that is possible.
    #[must_use]
    pub fn payment_url(&self, now: Timestamp) -> Option<&str> {
        let waits = self.state == AttemptState::ActionRequired;
        let hosted = self.hosted.as_ref().filter(|it| waits && now < it.expires_at)?;
        Some(&hosted.url)
    }
}
