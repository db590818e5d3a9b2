//! API keys: what a client's own programs sign their requests with. Made with a session alone,
//! shown once, as many as the plan has.

pub(crate) mod change;
pub(crate) mod create;
mod input;
pub(crate) mod list;
pub(crate) mod page;
pub(crate) mod revoke;
pub(crate) mod rotate;

use std::collections::BTreeSet;

use ipnet::IpNet;
use jiff::Timestamp;
use serde::Serialize;
use shared::{
    auth::{ApiKey, Scope, SignedIn, api_key_key},
    error::{Code, Error},
    http::json_reply as reply,
    id::KeyId,
    money::Money,
    table::Read,
};

/// An API key as its owner sees it; the secret is not in it.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct KeyReply {
    id: KeyId,
    name: String,
    /// What the key begins with.
    prefix: String,
    /// What it ends with.
    last4: String,
    scopes: BTreeSet<Scope>,
    /// When it stops working.
    #[schema(value_type = Option<String>, format = "date-time")]
    expires_at: Option<Timestamp>,
    /// The networks it works from; from everywhere if there are none.
    #[schema(value_type = Vec<String>, example = json!(["192.0.2.0/24"]))]
    allowed_ips: Vec<IpNet>,
    /// The most that it may cost in a billing period.
    monthly_cost_limit: Option<Money>,
    #[schema(value_type = String, format = "date-time")]
    created_at: Timestamp,
    /// Give or take five minutes.
    #[schema(value_type = Option<String>, format = "date-time")]
    last_used_at: Option<Timestamp>,
}

impl From<ApiKey> for KeyReply {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id,
            name: key.name,
            prefix: key.prefix,
            last4: key.last4,
            scopes: key.scopes,
            expires_at: key.ends_at,
            allowed_ips: key.allowed_ips,
            monthly_cost_limit: key.monthly_cost_limit.map(Money::from),
            created_at: key.created_at,
            last_used_at: key.last_used_at,
        }
    }
}

/// A key with its secret, which is shown once.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct SecretReply {
    #[serde(flatten)]
    key: KeyReply,
    /// `mxk_...`: send it as `Authorization: Bearer`.
    secret: String,
}

/// A reply that is kept for the same request sent again, byte for byte.
fn body(reply: &SecretReply) -> Result<String, Error> {
    serde_json::to_string(reply).map_err(|error| Error::fault(Code::Internal, error))
}

/// One of the client's keys.
async fn find(signed_in: &SignedIn, id: &str) -> Result<ApiKey, Error> {
    let id: KeyId = id.parse().map_err(|_| Code::NotFound)?;
    let key = api_key_key(signed_in.tenant, id);
    let stored: Option<ApiKey> = signed_in.app.table.get(&key, Read::Strong).await?;
    stored.ok_or_else(|| Code::NotFound.into())
}
