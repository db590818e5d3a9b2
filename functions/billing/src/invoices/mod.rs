//! The list of invoices.

use axum::Json;
use futures::future::try_join;
use serde::{Deserialize, Serialize};
use shared::{
    auth::{Allowed, Caller, ReadScope},
    billing::{Balance, INVOICES, Invoice, InvoiceState, balance_key},
    error::Error,
    http::{ListQuery, Query},
    table::Read,
    web::Text,
};

use crate::reply::{InvoiceReply, NextAttempt};

/// Which invoices.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct InvoicesQuery {
    /// 1 to 100.
    #[serde(default)]
    #[param(value_type = Option<usize>, default = 25, minimum = 1, maximum = 100)]
    limit: Option<String>,
    /// From the page before.
    #[serde(default)]
    cursor: Option<String>,
    /// Where they stand.
    #[serde(default)]
    #[param(value_type = Option<InvoiceState>)]
    state: Option<String>,
}

/// One page of invoices.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct InvoiceList {
    items: Vec<InvoiceReply>,
    next_cursor: Option<String>,
}

/// One page of invoices, of one state or of all.
pub(crate) async fn load(
    caller: &Caller,
    state: Option<InvoiceState>,
    query: ListQuery,
) -> Result<(Vec<Invoice>, Option<String>), Error> {
    let name = state.map_or("", InvoiceState::as_str);
    let page = query.of(caller, &format!("invoices|{name}"))?;
    let shown = |it: &Invoice| state.is_none_or(|state| it.state == state);
    page.read_where(INVOICES, |it: &Invoice| it.id, shown).await
}

/// Invoices, newest first.
#[utoipa::path(
    get, path = "/v1/invoices", operation_id = "list_invoices", tag = "billing",
    params(InvoicesQuery),
    responses(
        (status = 200, description = "The invoices, newest first", body = InvoiceList),
        (status = 400, description = "The cursor is not of this list", body = shared::http::Problem),
        (status = 422, description = "A parameter is not valid", body = shared::http::Problem),
    )
)]
pub(crate) async fn json(
    allowed: Allowed<ReadScope>,
    Query(query): Query<InvoicesQuery>,
) -> Result<Json<InvoiceList>, Error> {
    let state = query.state.as_deref().map(|name| {
        let known = InvoiceState::ALL.into_iter().find(|it| it.as_str() == name);
        known.ok_or_else(|| Error::field("state", "choice_unknown"))
    });
    let list = ListQuery::new(query.limit, query.cursor);
    let (state, key) = (state.transpose()?, balance_key(allowed.tenant));
    let balance = async { Ok(allowed.app.table.get::<Balance>(&key, Read::Eventual).await?) };
    let ((invoices, next_cursor), balance) = try_join(load(&allowed, state, list), balance).await?;
    let text = Text::new(allowed.context.preferences());
    let balance = balance.unwrap_or_else(|| Balance::none(allowed.tenant));
    let next = NextAttempt::by(&balance, allowed.app.clock.now());
    let items = invoices.into_iter().map(|it| InvoiceReply::new(it, &text, &next)).collect();
    Ok(Json(InvoiceList { items, next_cursor }))
}
