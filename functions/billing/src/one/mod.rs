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
    billing::{Invoice, invoice_key},
    error::{Code, Error},
    http::Path,
    id::InvoiceId,
    table::{Read, TableError, Tenant},
    web::Text,
};

use crate::reply::InvoiceReply;

/// An invoice of a tenant's, by what somebody calls its id.
pub(crate) async fn find(
    app: &App,
    tenant: Tenant,
    id: &str,
) -> Result<Option<Invoice>, TableError> {
    let Ok(id) = id.parse::<InvoiceId>() else { return Ok(None) };
    app.table.get(&invoice_key(tenant, id), Read::Eventual).await
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
    let read = async |app: &App, tenant: Tenant| Ok(find(app, tenant, &id).await?);
    let (allowed, invoice): (Allowed<ReadScope>, _) = presented.alongside(read).await?;
    let invoice = invoice.ok_or(Code::NotFound)?;
    let mut headers = HeaderMap::new();
    if let Ok(etag) = HeaderValue::from_str(&format!("\"{}\"", invoice.version)) {
        headers.insert(header::ETAG, etag);
    }
    let text = Text::new(allowed.context.preferences());
    Ok((headers, Json(InvoiceReply::new(invoice, &text))).into_response())
}
