//! Paying an invoice: the card is charged while the client waits, and what came of it is told.

use axum::{http::StatusCode, response::Response};
use serde::Deserialize;
use shared::{
    auth::{Allowed, BillingWriteScope, Caller, Client},
    billing::{Balance, Invoice, InvoiceState, balance_key},
    error::{Code, Error, FieldError},
    http::{Form, Path, Repeatable, json_reply},
    id::{InvoiceId, MethodId},
    payments::{AttemptState, Charged, Reason, TriedBy, Wallet, charge, wallet_key},
    table::Read,
    web::{Text, see_other},
};

use crate::reply::{InvoiceReply, NextAttempt};

/// With what it is paid.
#[derive(Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PayInput {
    /// The card; without it the default one.
    #[serde(default)]
    #[schema(value_type = Option<MethodId>)]
    payment_method_id: Option<String>,
}

/// What came of paying: the invoice as it stands, charged or with the charge on its way, or why the payment failed.
type Paid = Result<Invoice, Reason>;

async fn pay(caller: &Caller, id: &str, input: &PayInput) -> Result<Paid, Error> {
    let (app, tenant) = (&caller.app, caller.tenant);
    let id: InvoiceId = id.parse().map_err(|_| Code::NotFound)?;
    let method = match input.payment_method_id.as_deref().filter(|it| !it.is_empty()) {
        Some(named) => Some(known(caller, named).await?),
        None => None,
    };
    match charge(app, tenant, id, TriedBy::Client, method).await? {
        Charged::NothingDue(_) => Err(Code::NothingDue.into()),
        Charged::NoMethod(_) => Err(Code::PaymentMethodRequired.into()),
        Charged::InFlight(invoice) => Ok(Ok(invoice)),
        Charged::Tried(invoice) => Ok(failure(&invoice).map_or(Ok(invoice), Err)),
    }
}

/// A card of the caller's, by what it calls its id.
async fn known(caller: &Caller, id: &str) -> Result<MethodId, Error> {
    let unknown = || Error::field("payment_method_id", "choice_unknown");
    let id: MethodId = id.parse().map_err(|_| unknown())?;
    let key = wallet_key(caller.tenant);
    let wallet: Option<Wallet> = caller.app.table.get(&key, Read::Strong).await?;
    let known = wallet.is_some_and(|it| it.method(id).is_some());
    if known { Ok(id) } else { Err(unknown()) }
}

/// Why the last attempt failed, if it did and something is still due.
fn failure(invoice: &Invoice) -> Option<Reason> {
    let last = invoice.attempts.last().filter(|_| invoice.state == InvoiceState::Open)?;
    last.reason.filter(|_| last.state == AttemptState::Failed)
}

/// The body that is kept of what came of paying.
async fn body(caller: &Caller, paid: Paid) -> Result<(StatusCode, String), Error> {
    let (status, body) = match paid {
        Ok(invoice) => {
            let app = &caller.app;
            let key = balance_key(caller.tenant);
            let balance: Option<Balance> = app.table.get(&key, Read::Strong).await?;
            let balance = balance.unwrap_or_else(|| Balance::none(caller.tenant));
            let next = NextAttempt::by(&balance, app.clock.now());
            let text = Text::new(caller.context.preferences());
            let reply = InvoiceReply::new(invoice, &text, &next);
            (StatusCode::OK, serde_json::to_string(&reply))
        }
        Err(reason) => (StatusCode::PAYMENT_REQUIRED, serde_json::to_string(&reason)),
    };
    Ok((status, body.map_err(|it| Error::fault(Code::Internal, it))?))
}

/// The reply by its body: a failure is told in the words of whoever asks now.
fn reply(status: StatusCode, body: String) -> Result<Response, Error> {
    if status != StatusCode::PAYMENT_REQUIRED {
        return Ok(json_reply(status, body));
    }
    let reason: Reason =
        serde_json::from_str(&body).map_err(|it| Error::fault(Code::Internal, it))?;
    let field = FieldError::new("payment_method_id", reason.as_str());
    Err(Error { fields: vec![field], ..Code::PaymentFailed.into() })
}

/// Pays what is due on an invoice.
#[utoipa::path(
    post, path = "/v1/invoices/{id}/pay", operation_id = "pay_invoice", tag = "billing",
    request_body = PayInput,
    params(
        ("id" = InvoiceId, Path, description = "The invoice"),
        ("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255, description = "Sent again, the request gets the first reply again"),
    ),
    responses(
        (status = 200, description = "The invoice: paid, on its way (`processing`), or waiting for the client at `payment_url` (`action_required`)", body = InvoiceReply),
        (status = 402, description = "The payment failed, and why; or there is nothing to pay with", body = shared::http::Problem),
        (status = 404, description = "There is no such invoice", body = shared::http::Problem),
        (status = 409, description = "Nothing is due", body = shared::http::Problem),
        (status = 422, description = "The card is none of the account's", body = shared::http::Problem),
        (status = 429, description = "So much was tried in the last hour", body = shared::http::Problem),
    )
)]
pub(crate) async fn json(
    allowed: Allowed<BillingWriteScope>,
    Path(id): Path<String>,
    repeatable: Repeatable<PayInput>,
) -> Result<Response, Error> {
    let app = &allowed.app;
    let (input, once) = repeatable.once(&allowed, &format!("POST /v1/invoices/{id}/pay"))?;
    if let Some((status, body)) = once.earlier(app).await? {
        return reply(status, body);
    }
    let paid = pay(&allowed, &id, &input).await?;
    let (status, body) = body(&allowed, paid).await?;
    let mut transaction = app.table.transaction();
    once.keep(app, status, &body, &mut transaction, Code::Conflict)?;
    if !transaction.is_empty() {
        // Sent twice at once: both tell how the invoice stands.
        let _kept = transaction.commit().await;
    }
    reply(status, body)
}

/// The form on the invoice's page.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PayForm {
    #[serde(default)]
    method: String,
}

pub(crate) async fn submit(
    Client(signed_in): Client,
    Path(id): Path<String>,
    Form(PayForm { method }): Form<PayForm>,
) -> Result<Response, Error> {
    let input = PayInput { payment_method_id: Some(method) };
    let here = format!("/billing/invoices/{id}");
    match pay(&signed_in, &id, &input).await {
        // The page tells of the attempt, and of one that failed why.
        Ok(_) => Ok(see_other(&format!("{here}?from=pay"))),
        Err(error) if error.code == Code::NothingDue => Ok(see_other(&here)),
        Err(error) if error.code == Code::PaymentMethodRequired => {
            Ok(see_other("/billing/methods?from=pay"))
        }
        Err(error) => Err(error),
    }
}
