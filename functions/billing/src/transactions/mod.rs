//! Movements of the account's money.

mod page;

pub(crate) use page::page;

use axum::Json;
use jiff::Timestamp;
use serde::Serialize;
use shared::{
    auth::{Allowed, Caller, ReadScope},
    billing::{CreditCause, ENTRIES, Entry, EntryKind, EntryState},
    error::Error,
    http::{ListQuery, Query},
    id::{EntryId, InvoiceId},
    money::Money,
    payments::{MethodShown, Reason},
    web::Text,
};

/// One page of movements.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct TransactionList {
    items: Vec<TransactionReply>,
    next_cursor: Option<String>,
}

/// A movement.
#[derive(Serialize, utoipa::ToSchema)]
struct TransactionReply {
    id: EntryId,
    kind: EntryKind,
    state: EntryState,
    amount: Money,
    /// The credit that there was afterwards.
    credit: Money,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<CreditCause>,
    #[serde(skip_serializing_if = "Option::is_none")]
    invoice_id: Option<InvoiceId>,
    /// The card.
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<MethodShown>,
    /// Why it came to nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<Reason>,
    /// Why, in the words of whoever gave it, or of why it came to nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[schema(value_type = String, format = "date-time")]
    created_at: Timestamp,
}

impl TransactionReply {
    fn new(entry: Entry, text: &Text) -> Self {
        let failure = entry.failure.map(|reason| text.get(&reason.words()));
        Self {
            id: entry.id,
            kind: entry.kind,
            state: entry.state,
            amount: entry.amount.into(),
            credit: entry.credit.into(),
            cause: entry.cause,
            invoice_id: entry.invoice,
            method: entry.method,
            failure: entry.failure,
            reason: entry.reason.or(failure),
            created_at: entry.created_at,
        }
    }
}

async fn load(caller: &Caller, query: ListQuery) -> Result<(Vec<Entry>, Option<String>), Error> {
    let page = query.of(caller, "transactions")?;
    page.read(ENTRIES, |it: &Entry| it.id).await
}

/// Movements of the account's money, newest first.
#[utoipa::path(
    get, path = "/v1/transactions", operation_id = "list_transactions", tag = "billing",
    params(ListQuery),
    responses(
        (status = 200, description = "The movements, newest first", body = TransactionList),
        (status = 400, description = "The cursor is not of this list", body = shared::http::Problem),
        (status = 422, description = "A parameter is not valid", body = shared::http::Problem),
    )
)]
pub(crate) async fn json(
    allowed: Allowed<ReadScope>,
    Query(query): Query<ListQuery>,
) -> Result<Json<TransactionList>, Error> {
    let (entries, next_cursor) = load(&allowed, query).await?;
    let text = Text::new(allowed.context.preferences());
    let items = entries.into_iter().map(|it| TransactionReply::new(it, &text)).collect();
    Ok(Json(TransactionList { items, next_cursor }))
}
