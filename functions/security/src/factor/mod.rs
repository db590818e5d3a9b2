//! The second factor: a program that makes time-based codes (RFC 6238), and ten backup codes for
//! the day it is lost.
//!
//! The program's secret is sealed at rest. A code works once: its step is stored in the
//! transaction of what it opens, and neither it nor an older one works again. A backup code names
//! its slot, so that one hash is compared, and goes in the transaction of what it opens.

mod backup;
pub(crate) mod backup_codes;
pub(crate) mod disable;
pub(crate) mod enable;
pub(crate) mod page;
mod proof;
pub(crate) mod show;
mod totp;
pub(crate) mod verify;

pub(crate) use backup::Slot;
pub(crate) use proof::{Judged, Proof, ProofInput, at_its_field};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use shared::{
    app::App,
    error::{Code, Error},
    id::UserId,
    table::{Key, Read, TableError, Tenant},
};

/// A secret that was begun with waits so long for its first code.
const PATIENCE: SignedDuration = SignedDuration::from_mins(30);

/// A second factor as it is stored.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Factor {
    /// The secret that makes the codes, sealed.
    pub(crate) sealed: String,
    /// When it was begun.
    pub(crate) started_at: Timestamp,
    /// When a first code showed that the user has the secret; it is not on before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) enabled_at: Option<Timestamp>,
    /// The step of the last code that was used.
    #[serde(default)]
    pub(crate) last_step: u64,
    /// The backup codes.
    #[serde(default)]
    pub(crate) slots: Vec<Slot>,
    /// When backup codes were made anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) codes_made_at: Option<Timestamp>,
    /// Counts how often backup codes were made.
    #[serde(default)]
    pub(crate) generation: u64,
}

impl Factor {
    /// Whether it is asked for.
    pub(crate) fn is_on(&self) -> bool {
        self.enabled_at.is_some()
    }

    /// Whether it was begun a short while ago: a secret does not wait for its first code for ever.
    pub(crate) fn is_fresh(&self, now: Timestamp) -> bool {
        now.duration_since(self.started_at) < PATIENCE
    }

    /// How many backup codes are left.
    pub(crate) fn backup_codes_left(&self) -> u64 {
        self.slots.iter().filter(|slot| slot.is_left()).count() as u64
    }
}

/// Where a user's second factor lies.
pub(crate) fn factor_key(tenant: Tenant, user: UserId) -> Key {
    Key::of(tenant, format_args!("TOTP#{user}"))
}

/// What its sealed secret is bound to.
fn sealed_for(tenant: Tenant, user: UserId) -> String {
    format!("second factor {} {user}", tenant.account())
}

/// A user's second factor, on or just begun.
pub(crate) async fn find(
    app: &App,
    tenant: Tenant,
    user: UserId,
) -> Result<Option<Factor>, TableError> {
    app.table.get(&factor_key(tenant, user), Read::Strong).await
}

/// The factor if it is on.
pub(crate) fn on(factor: Option<Factor>) -> Result<Factor, Error> {
    factor.filter(Factor::is_on).ok_or_else(|| Code::SecondFactorOff.into())
}
