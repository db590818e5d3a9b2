//! Service keys: what the company's own machines (the AI gateway) are known by. They lie in the
//! staff's account.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::token::{Secret, Token, TokenKind};
use crate::{
    app::App,
    id::KeyId,
    table::{Key, TableError, Tenant},
};

/// A service key as it is stored.
#[derive(Clone, Serialize, Deserialize)]
pub struct ServiceKey {
    /// Its id.
    pub id: KeyId,
    /// What it is called.
    pub name: String,
    /// The hash of its token's secret.
    pub(super) secret_hash: String,
    /// When it was made.
    pub created_at: Timestamp,
}

pub(super) fn service_key(tenant: Tenant, id: KeyId) -> Key {
    Key::of(tenant, format_args!("SERVICEKEY#{id}"))
}

/// Makes a service key in the staff's account; the token leaves once.
pub async fn issue_service_key(app: &App, staff: Tenant, name: &str) -> Result<String, TableError> {
    let now = app.clock.now();
    let id = KeyId::new(now, &app.random);
    let secret = Secret::new(&app.random);
    let key = ServiceKey { id, name: name.to_owned(), secret_hash: secret.hash(), created_at: now };
    app.table.put(&service_key(staff, id), &key).await?;
    let kind = TokenKind::Service;
    Ok(Token { kind, account: staff.account(), id: id.to_bytes(), secret }.to_string())
}
