//! Service keys: what the company's own machines are known by. They belong to all its people.

pub(crate) mod create;
pub(crate) mod list;
pub(crate) mod revoke;

use jiff::Timestamp;
use serde::Serialize;
use shared::{auth::ServiceKey, id::KeyId};

/// A service key; the secret is not in it.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct ServiceKeyReply {
    id: KeyId,
    name: String,
    /// What the key begins with.
    prefix: String,
    /// What it ends with.
    last4: String,
    #[schema(value_type = String, format = "date-time")]
    created_at: Timestamp,
    /// The name of whom of the staff made it; an operator's has none.
    created_by: Option<String>,
}

impl From<ServiceKey> for ServiceKeyReply {
    fn from(key: ServiceKey) -> Self {
        Self {
            id: key.id,
            name: key.name,
            prefix: key.prefix,
            last4: key.last4,
            created_at: key.created_at,
            created_by: key.created_by,
        }
    }
}
