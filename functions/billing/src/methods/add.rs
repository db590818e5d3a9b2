//! A card is set up on a page of the provider's: no number of it ever reaches us.

use axum::{http::StatusCode, response::Response};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use shared::{
    auth::{Caller, Client, Limit, Sudo, commit_within},
    error::{Code, Conflicts, Error},
    http::{Once, Repeatable, json_reply},
    id::MethodId,
    payments::Pending,
    provider::Back,
};

use super::read;

/// The page is open for so long.
const PAGE_OPEN: SignedDuration = SignedDuration::from_hours(23);

/// Where the client comes back to unless it says otherwise.
pub(crate) const HERE: &str = "/billing/methods";

/// A card to be set up.
#[derive(Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MethodInput {
    /// Where the client comes back to: a path of the portal's.
    #[serde(default)]
    #[schema(example = "/billing/methods")]
    return_to: Option<String>,
}

impl MethodInput {
    /// A path of the portal's and of nobody else's.
    fn path(&self) -> Result<&str, Error> {
        let path = self.return_to.as_deref().unwrap_or(HERE);
        let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '\\' | '"' | '<' | '>' | '#');
        let ours = path.starts_with('/') && !path.starts_with("//") && path.len() <= 512;
        let sound = ours && path.chars().all(plain);
        sound.then_some(path).ok_or_else(|| Error::field("return_to", "path_invalid"))
    }
}

/// A card that is being set up.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct SetupReply {
    id: MethodId,
    /// Where its number is typed: a page of the payment provider's.
    pub(crate) setup_url: String,
    /// When that page is over.
    #[schema(value_type = String, format = "date-time")]
    expires_at: Timestamp,
}

/// Opens a page on which a card is set up.
pub(crate) async fn add(
    caller: &Caller,
    input: &MethodInput,
    once: Option<&Once>,
) -> Result<SetupReply, Error> {
    let path = input.path()?;
    let mut conflicts = Conflicts::default();
    loop {
        match open(caller, path, once).await {
            Ok(reply) => return Ok(reply),
            Err(error) => conflicts.put_up_with(error)?,
        }
    }
}

async fn open(caller: &Caller, path: &str, once: Option<&Once>) -> Result<SetupReply, Error> {
    let (app, tenant, now) = (&caller.app, caller.tenant, caller.app.clock.now());
    let before = read(app, tenant).await?.wallet;
    let mut wallet = before.clone();
    wallet.forget_expired(now);
    if wallet.is_full() {
        return Err(Code::PaymentMethodLimitReached.into());
    }
    let customer = match wallet.customer.clone() {
        Some(customer) => customer,
        None => app.provider.customer(tenant.account(), &caller.account.company).await?,
    };
    wallet.customer = Some(customer.clone());
    let (id, expires_at) = (MethodId::new(now, &app.random), now + PAGE_OPEN);
    let url = app.config.public_url()?;
    let sign = if path.contains('?') { '&' } else { '?' };
    let (done, cancelled) = (format!("{url}{path}{sign}method={id}"), format!("{url}{path}"));
    let back = Back { done: &done, cancelled: &cancelled };
    let whose = (tenant.account(), customer.as_str());
    let session = app.provider.set_up(whose, id, expires_at.as_second(), back).await?;
    let url = session.url.ok_or(Code::Unavailable)?;
    let reply = SetupReply { id, setup_url: url.clone(), expires_at };
    wallet.pending.push(Pending { id, session: session.id, url, expires_at });

    let mut transaction = app.table.transaction();
    wallet.put(&before, &mut transaction, Code::Conflict);
    if let Some(once) = once {
        let body = body(&reply)?;
        once.keep(app, StatusCode::CREATED, &body, &mut transaction, Code::Conflict)?;
    }
    commit_within(caller, Limit::PAYMENT_METHODS, transaction).await?;
    Ok(reply)
}

fn body(reply: &SetupReply) -> Result<String, Error> {
    serde_json::to_string(reply).map_err(|error| Error::fault(Code::Internal, error))
}

/// Opens a page of the payment provider's on which a card is set up.
#[utoipa::path(
    post, path = "/v1/payment-methods", operation_id = "add_payment_method", tag = "billing",
    request_body = MethodInput,
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255, description = "Sent again, the request gets the first reply again")),
    responses(
        (status = 201, description = "Where its number is typed", body = SetupReply),
        (status = 409, description = "There are as many as there can be", body = shared::http::Problem),
        (status = 422, description = "A field is not valid, or the idempotency key was used with another body", body = shared::http::Problem),
        (status = 429, description = "So many were set up in the last hour", body = shared::http::Problem),
    )
)]
pub(crate) async fn json(
    Sudo(Client(signed_in)): Sudo<Client>,
    repeatable: Repeatable<MethodInput>,
) -> Result<Response, Error> {
    let app = &signed_in.app;
    let (input, once) = repeatable.once(&signed_in, "POST /v1/payment-methods")?;
    if let Some((status, body)) = once.earlier(app).await? {
        return Ok(json_reply(status, body));
    }
    match add(&signed_in, &input, Some(&once)).await {
        Ok(reply) => Ok(json_reply(StatusCode::CREATED, body(&reply)?)),
        Err(error) => {
            let (status, body) = once.other(app, error).await?;
            Ok(json_reply(status, body))
        }
    }
}
