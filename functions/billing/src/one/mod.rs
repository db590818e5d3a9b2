//! One invoice.

mod page;

pub(crate) use page::page;

use axum::{
    Json,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use shared::{
    app::App,
    auth::{Allowed, Presented, ReadScope},
    billing::{Balance, Invoice, balance_key, invoice_key},
    error::{Code, Error},
    http::Path,
    id::InvoiceId,
    table::{Read, Tenant},
    web::Text,
};

use crate::reply::{InvoiceReply, NextAttempt};

/// An invoice, with what its account owes and has.
pub(crate) struct Found {
    pub(crate) invoice: Invoice,
    pub(crate) balance: Balance,
}

/// An invoice of a tenant's, by what somebody calls its id, with what the account owes and has.
pub(crate) async fn find_with_balance(
    app: &App,
    tenant: Tenant,
    id: &str,
) -> Result<Option<Found>, Error> {
    let Ok(id) = id.parse::<InvoiceId>() else { return Ok(None) };
    let keys = [invoice_key(tenant, id), balance_key(tenant)];
    let mut items = app.table.batch(&keys, Read::Strong).await?;
    let invoice: Option<Invoice> = items.take(&keys[0])?;
    let balance = items.take(&keys[1])?.unwrap_or_else(|| Balance::none(tenant));
    Ok(invoice.map(|invoice| Found { invoice, balance }))
}

/// An invoice.
#[utoipa::path(
    get, path = "/v1/invoices/{id}", operation_id = "invoice", tag = "billing",
    params(("id" = InvoiceId, Path, description = "The invoice")),
    responses(
        (status = 200, description = "The invoice, with its version as `ETag`", body = InvoiceReply),
        (status = 404, description = "There is no such invoice", body = shared::http::Problem),
    )
)]
pub(crate) async fn json(presented: Presented, Path(id): Path<String>) -> Result<Response, Error> {
    let read = async |app: &App, tenant: Tenant| find_with_balance(app, tenant, &id).await;
    let (allowed, found): (Allowed<ReadScope>, _) = presented.alongside(read).await?;
    let Found { invoice, balance } = found.ok_or(Code::NotFound)?;
    let mut headers = HeaderMap::new();
    if let Ok(etag) = HeaderValue::from_str(&format!("\"{}\"", invoice.version)) {
        headers.insert(header::ETAG, etag);
    }
    let text = Text::new(allowed.context.preferences());
    let next = NextAttempt::by(&balance, allowed.app.clock.now());
    Ok((headers, Json(InvoiceReply::new(invoice, &text, &next))).into_response())
}
