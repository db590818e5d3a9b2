//! Who can sign in on a laptop.

use serde::{Deserialize, Serialize};
use shared::id::AccountId;

/// The first logins and the gateway's key. Secrets are written here and nowhere else.
#[derive(Clone, Serialize, Deserialize)]
pub struct People {
    /// The gateway's key.
    pub service_key: String,
    /// The staff's login.
    pub staff: StaffLogin,
    /// Clients that were made up.
    pub demo: Vec<DemoLogin>,
}

/// The staff's login.
#[derive(Clone, Serialize, Deserialize)]
pub struct StaffLogin {
    /// What it signs in with.
    pub email: String,
    /// Its password.
    pub password: String,
}

/// A client that was made up.
#[derive(Clone, Serialize, Deserialize)]
pub struct DemoLogin {
    /// What it signs in with.
    pub email: String,
    /// Its password.
    pub password: String,
    /// Its account.
    pub account: AccountId,
}
