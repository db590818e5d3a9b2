//! Service keys: what the company's own machines (the AI gateway) are known by. They belong to the
//! company and not to whom of its people made them: another one can withdraw them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::token::{Secret, Token, TokenKind, last4, prefix};
use crate::{
    app::App,
    id::KeyId,
    table::{Key, Tenant},
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
    /// What its token begins with.
    pub prefix: String,
    /// What its token ends with.
    pub last4: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Which of the company's people made it; nobody's is an operator's.
    pub created_by: Option<String>,
}

/// What the sort keys of service keys begin with.
pub const SERVICE_KEYS: &str = "SERVICEKEY#";

/// Where a service key lies.
#[must_use]
pub fn service_key(id: KeyId) -> Key {
    Key::of(Tenant::company(), format_args!("{SERVICE_KEYS}{id}"))
}

/// A service key that is about to be: its item, and the token that leaves once.
pub struct NewServiceKey {
    /// Where the item lies.
    pub key: Key,
    /// The item.
    pub item: ServiceKey,
    /// The token.
    pub token: String,
}

impl NewServiceKey {
    /// A new key, made by one of the company's people, or by an operator.
    #[must_use]
    pub fn new(app: &App, name: String, created_by: Option<String>) -> Self {
        let now = app.clock.now();
        let id = KeyId::new(now, &app.random);
        let secret = Secret::new(&app.random);
        let secret_hash = secret.hash();
        let kind = TokenKind::Service;
        let account = Tenant::company().account();
        let token = Token { kind, account, id: id.to_bytes(), secret }.to_string();
        let (prefix, last4) = (prefix(&token), last4(&token));
        let item = ServiceKey { id, name, secret_hash, prefix, last4, created_at: now, created_by };
        Self { key: service_key(id), item, token }
    }
}
