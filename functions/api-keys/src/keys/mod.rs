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

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use ipnet::IpNet;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shared::{
    account::{User, user_key},
    auth::{ApiKey, Caller, Scope, api_key_key},
    error::{Code, Error},
    http::json_reply,
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
    /// Its version, for `If-Match`.
    #[schema(example = "\"1\"")]
    etag: String,
}

impl From<ApiKey> for KeyReply {
    fn from(key: ApiKey) -> Self {
        Self {
            etag: etag(&key),
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

/// A key's version as a header has it.
fn etag(key: &ApiKey) -> String {
    format!("\"{}\"", key.version)
}

/// A key with its secret, which is shown once.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct SecretReply {
    #[serde(flatten)]
    key: KeyReply,
    /// `mxk_...`: send it as `Authorization: Bearer`.
    secret: String,
}

/// A reply as it is sent, and kept for the same request sent again, byte for byte.
fn body(reply: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string(reply).map_err(|error| Error::fault(Code::Internal, error))
}

/// A key as JSON, now or again, with its version as a header.
fn reply(status: StatusCode, body: String) -> Response {
    #[derive(Deserialize)]
    struct Tagged {
        etag: String,
    }
    let tagged: Option<Tagged> = serde_json::from_str(&body).ok();
    let etag = tagged.and_then(|it| HeaderValue::from_str(&it.etag).ok());
    let mut reply = json_reply(status, body);
    if let Some(etag) = etag {
        reply.headers_mut().insert(header::ETAG, etag);
    }
    reply
}

/// One of the client's keys, and who is about to change it. What happens to a key is dated after this:
/// the word of it goes where the user was reached at that moment.
async fn find_with_user(caller: &Caller, id: &str) -> Result<(ApiKey, User), Error> {
    let id: KeyId = id.parse().map_err(|_| Code::NotFound)?;
    let tenant = caller.tenant;
    let keys = [api_key_key(tenant, id), user_key(tenant, caller.person()?)];
    let mut items = caller.app.table.batch(&keys, Read::Strong).await?;
    let key = items.take(&keys[0])?.ok_or(Code::NotFound)?;
    let user = items.take(&keys[1])?.ok_or(Code::Unauthenticated)?;
    Ok((key, user))
}

/// One of the client's keys.
async fn find(caller: &Caller, id: &str) -> Result<ApiKey, Error> {
    let id: KeyId = id.parse().map_err(|_| Code::NotFound)?;
    let key = api_key_key(caller.tenant, id);
    let stored: Option<ApiKey> = caller.app.table.get(&key, Read::Strong).await?;
    stored.ok_or_else(|| Code::NotFound.into())
}
