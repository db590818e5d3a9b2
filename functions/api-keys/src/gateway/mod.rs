//! `POST /v1/gateway/authorize`: whether the operator's gateway may serve a request with a client's
//! API key. One read, whoever asks for whom, one transaction more where a limit blocks, and a write every five
//! minutes that a key is used.
//!
//! The read is strongly consistent: a key that was revoked, an account that was suspended or a cap that was set
//! is seen at once.

mod quota;
pub(crate) mod release;
mod room;

use std::{collections::BTreeSet, net::IpAddr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shared::{
    account::{Account, AccountStatus, Bar, BillingPeriod, account_key},
    app::App,
    auth::{
        ApiKey, KeyRefused, Presented, Scope, ServiceClaim, Token, TokenKind, api_key_key,
        key_behind,
    },
    error::Error,
    headroom::{Ledger, Whose, ledger_key},
    http::{Json, Object},
    id::{AccountId, HoldId, KeyId},
    plan::AiType,
    table::{Batch, Key, Read, Tenant},
};

use quota::Quota;
use room::{Found, Room};

/// A request that the gateway is asked to serve.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AuthorizeInput {
    /// The key that the request came with.
    #[schema(example = "mxk_...")]
    api_key: String,
    /// The address that the request came from.
    #[serde(default)]
    #[schema(example = "192.0.2.7")]
    ip: Option<String>,
    /// What it asks for: text, if nothing is said.
    #[serde(default)]
    #[schema(value_type = Option<AiType>)]
    ai_type: Option<String>,
    /// What it is going to use. So much is held where a limit blocks.
    #[serde(default)]
    #[schema(value_type = Option<Estimate>)]
    estimate: Option<Object<Estimate>>,
}

/// What a request is going to use, as far as the gateway can tell.
#[derive(Default, Clone, Copy, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Estimate {
    /// One, if nothing is said.
    #[serde(default)]
    #[schema(value_type = Option<i64>, minimum = 0, maximum = 4_294_967_295_i64)]
    requests: Option<u32>,
    /// A thousand, if nothing is said.
    #[serde(default)]
    #[schema(value_type = Option<i64>, minimum = 0, maximum = 4_294_967_295_i64)]
    tokens: Option<u32>,
}

/// Whether the request may be served.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(untagged)]
pub(crate) enum Verdict {
    /// It may.
    Allowed(Box<AllowedReply>),
    /// It may not.
    Refused(RefusedReply),
}

/// A request that may be served.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct AllowedReply {
    allowed: bool,
    account: AccountId,
    key_id: KeyId,
    scopes: BTreeSet<Scope>,
    quota: Quota,
    /// What is held for the request, where a limit blocks: the usage event that names it settles it.
    #[serde(skip_serializing_if = "Option::is_none")]
    reservation_id: Option<HoldId>,
    /// When it is over, if nothing settles it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "date-time")]
    expires_at: Option<Timestamp>,
}

/// A request that may not be served.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct RefusedReply {
    allowed: bool,
    code: Refusal,
    /// The same in English, for the gateway's own log.
    detail: &'static str,
    /// The limit that has no room, where that is why.
    #[serde(skip_serializing_if = "Option::is_none")]
    quota: Option<Quota>,
}

/// Why a request may not be served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum Refusal {
    /// No such key: mistyped, revoked, or never made.
    KeyUnknown,
    /// The key's time is over.
    KeyExpired,
    /// The key is not for this address.
    AddressNotAllowed,
    /// The key has not the scope `inference`.
    ScopeMissing,
    /// The account is suspended.
    AccountSuspended,
    /// What is due has not been paid for a week.
    PaymentRequired,
    /// The subscription is over.
    SubscriptionCanceled,
    /// The plan is a hard one, and a limit of it has no room for the request.
    QuotaExceeded,
    /// The client's own cap of cost has no room for it.
    CostCap,
    /// The key's own limit of cost has no room for it.
    KeyCostLimit,
}

impl Refusal {
    fn of(bar: Bar) -> Self {
        match bar {
            Bar::PaymentRequired => Self::PaymentRequired,
            Bar::SubscriptionCanceled => Self::SubscriptionCanceled,
        }
    }

    fn detail(self) -> &'static str {
        match self {
            Self::KeyUnknown => "there is no such key",
            Self::KeyExpired => "the key's time is over",
            Self::AddressNotAllowed => "the key is not for this address",
            Self::ScopeMissing => "the key has not the scope inference",
            Self::AccountSuspended => "the account is suspended",
            Self::PaymentRequired => "what is due is not paid",
            Self::SubscriptionCanceled => "the subscription is over",
            Self::QuotaExceeded => "a limit of the plan has no room for it",
            Self::CostCap => "the client's cap of cost has no room for it",
            Self::KeyCostLimit => "the key's limit of cost has no room for it",
        }
    }
}

/// The key that a request came with, as it claims to be.
struct Claimed {
    tenant: Tenant,
    id: KeyId,
    token: Token,
}

impl Claimed {
    fn parse(text: &str) -> Option<Self> {
        let token: Token = text.parse().ok().filter(|it: &Token| it.kind == TokenKind::ApiKey)?;
        let (tenant, id) = key_behind(&token);
        Some(Self { tenant, id, token })
    }
}

/// What is valid of the input beside the key.
struct Asked {
    address: Option<IpAddr>,
    ai_type: AiType,
    estimate: Estimate,
}

impl AuthorizeInput {
    fn parse(&self) -> Result<Asked, Error> {
        let address = match &self.ip {
            Some(text) => Some(text.parse().map_err(|_| Error::field("ip", "network_invalid"))?),
            None => None,
        };
        let ai_type = self.ai_type.as_deref().map(str::parse::<AiType>).transpose();
        let ai_type = ai_type.map_err(|_| Error::field("ai_type", "choice_unknown"))?;
        let estimate = self.estimate.as_ref().map(|it| it.0).unwrap_or_default();
        Ok(Asked { address, ai_type: ai_type.unwrap_or(AiType::Text), estimate })
    }
}

async fn authorize(claim: &ServiceClaim, input: &AuthorizeInput) -> Result<Verdict, Error> {
    let app = &claim.app;
    let claimed = Claimed::parse(&input.api_key);
    let mut keys = vec![claim.key.clone()];
    if let Some(claimed) = &claimed {
        keys.extend([api_key_key(claimed.tenant, claimed.id), account_key(claimed.tenant)]);
        keys.extend(ledgers_on_earth(claimed.tenant, app.clock.now()));
    }
    let mut items = app.table.batch(&keys, Read::Strong).await?;
    claim.check(items.take(&claim.key)?)?;
    let asked = input.parse()?;
    let verdict = match &claimed {
        None => Err((Refusal::KeyUnknown, None)),
        Some(claimed) => judge(app, claimed, &keys, items, &asked).await?,
    };
    Ok(match verdict {
        Ok(allowed) => Verdict::Allowed(Box::new(allowed)),
        Err((code, quota)) => {
            Verdict::Refused(RefusedReply { allowed: false, code, detail: code.detail(), quota })
        }
    })
}

/// Where the account's ledger lies of the months that it can be somewhere on earth: its zone is not known yet.
fn ledgers_on_earth(tenant: Tenant, now: Timestamp) -> Vec<Key> {
    let [first, last] = BillingPeriod::on_earth(now);
    let mut keys = vec![ledger_key(tenant, Whose::Account, first, 0)];
    if last != first {
        keys.push(ledger_key(tenant, Whose::Account, last, 0));
    }
    keys
}

async fn judge(
    app: &App,
    claimed: &Claimed,
    keys: &[Key],
    mut items: Batch,
    asked: &Asked,
) -> Result<Result<AllowedReply, (Refusal, Option<Quota>)>, Error> {
    let now = app.clock.now();
    let key: Option<ApiKey> = items.take(&keys[1])?;
    let account: Option<Account> = items.take(&keys[2])?;
    let Some((key, account)) = key.zip(account) else {
        return Ok(Err((Refusal::KeyUnknown, None)));
    };
    let refused = if !key.is_of(&claimed.token.secret, now) {
        Some(Refusal::KeyUnknown)
    } else if account.status == AccountStatus::Suspended {
        Some(Refusal::AccountSuspended)
    } else if let Some(bar) = account.bar_at(now) {
        Some(Refusal::of(bar))
    } else {
        match key.check(now, asked.address) {
            Err(KeyRefused::Expired) => Some(Refusal::KeyExpired),
            Err(KeyRefused::Address) => Some(Refusal::AddressNotAllowed),
            Ok(()) if !key.may(Scope::Inference, account.role_of(key.user)) => {
                Some(Refusal::ScopeMissing)
            }
            Ok(()) => None,
        }
    };
    if let Some(refused) = refused {
        return Ok(Err((refused, None)));
    }
    let room = Room::new(app, &account, &key, (asked.ai_type, asked.estimate))?;
    let ledger = items.record(&ledger_key(claimed.tenant, Whose::Account, room.period(), 0));
    let (quota, held) = match room.find(ledger.map(|it| Ledger::read(&it))).await? {
        Found::Room(quota, held) => (quota, held),
        Found::None(refused, quota) => return Ok(Err((refused, Some(quota)))),
    };
    key.note_use(app, &keys[1]).await;
    let (account, key_id, scopes) = (account.id(), key.id, key.scopes);
    let (reservation_id, expires_at) = held.unzip();
    let allowed = true;
    Ok(Ok(AllowedReply { allowed, account, key_id, scopes, quota, reservation_id, expires_at }))
}

/// Whether a request with an API key may be served.
#[utoipa::path(
    post, path = "/v1/gateway/authorize", operation_id = "authorize", tag = "api-keys",
    request_body = AuthorizeInput,
    responses(
        (status = 200, description = "Whether it may", body = Verdict),
        (status = 422, description = "Fields are not valid", body = shared::http::Problem),
    )
)]
pub(crate) async fn json(
    presented: Presented,
    input: Result<Json<AuthorizeInput>, Error>,
) -> Result<axum::Json<Verdict>, Error> {
    let claim = presented.service_claim().await?;
    match input {
        Ok(Json(input)) => Ok(axum::Json(authorize(&claim, &input).await?)),
        // What is wrong with the question is told to services alone.
        Err(error) => {
            claim.checked().await?;
            Err(error)
        }
    }
}
