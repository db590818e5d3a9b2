//! What a line of usage is made of: its days, and the requests of each.

mod page;
mod read;

pub(crate) use page::page;

use axum::Json;
use serde::{Deserialize, Serialize};
use shared::{
    auth::{Allowed, Presented, ReadScope},
    error::Error,
    http::{PageLimit, Path, Query},
    id::{InvoiceId, LineId},
    money::Money,
    plan::{AiType, PlanRef},
};

pub(crate) use read::{Asked, Made, Opening};

/// Which part of it.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct OpenedQuery {
    /// A day of the account's zone: its requests instead of the days.
    #[serde(default)]
    #[param(value_type = Option<String>, format = "date")]
    day: Option<String>,
    /// 1 to 100 requests.
    #[serde(default)]
    #[param(value_type = Option<usize>, default = 25, minimum = 1, maximum = 100)]
    limit: Option<String>,
    /// From the page before.
    #[serde(default)]
    cursor: Option<String>,
}

/// What a line is made of.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct OpenedReply {
    items: Vec<PartReply>,
    next_cursor: Option<String>,
}

/// A day of a line, or one of its requests. What was taken back is below zero.
#[derive(Serialize, utoipa::ToSchema)]
struct PartReply {
    /// The day, or the moment of the request.
    start: String,
    requests: i64,
    input_tokens: i64,
    output_tokens: i64,
    tokens: i64,
    /// At list prices, exact.
    cost: Money,
    /// A request's id at its source.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ai_type: Option<AiType>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<String>,
    /// The plan whose prices those were.
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<PlanRef>,
}

impl From<Made> for PartReply {
    fn from(made: Made) -> Self {
        let (used, event) = (made.used, made.event);
        Self {
            start: made.start,
            requests: used.requests,
            input_tokens: used.input_tokens,
            output_tokens: used.output_tokens,
            tokens: used.tokens(),
            cost: used.cost.into(),
            id: event.as_ref().map(|it| it.id.clone()),
            source: event.as_ref().map(|it| it.source.clone()),
            ai_type: event.as_ref().map(|it| it.data.ai_type),
            model: event.as_ref().map(|it| it.data.model.clone()),
            plan: event.map(|it| it.plan),
        }
    }
}

/// What a line of usage is made of: its days, or the requests of one of them. The days add up to the line.
#[utoipa::path(
    get, path = "/v1/invoices/{id}/lines/{line}/usage", operation_id = "invoice_line_usage",
    tag = "billing",
    params(
        ("id" = InvoiceId, Path, description = "The invoice"),
        ("line" = LineId, Path, description = "The line"),
        OpenedQuery,
    ),
    responses(
        (status = 200, description = "Its days, or a day's requests", body = OpenedReply),
        (status = 400, description = "The cursor is not of this list", body = shared::http::Problem),
        (status = 404, description = "There is no such line", body = shared::http::Problem),
        (status = 422, description = "A parameter is not valid", body = shared::http::Problem),
    )
)]
pub(crate) async fn json(
    presented: Presented,
    Path((id, line)): Path<(String, String)>,
    Query(query): Query<OpenedQuery>,
) -> Result<Json<OpenedReply>, Error> {
    let asked = query.asked();
    let read = async |app: &_, tenant| Opening::read(app, tenant, &id, &line).await;
    let (allowed, opening): (Allowed<ReadScope>, Option<Opening>) =
        presented.alongside(read).await?;
    let (made, next_cursor) = Opening::open(opening, &allowed, asked?).await?;
    Ok(Json(OpenedReply { items: made.into_iter().map(PartReply::from).collect(), next_cursor }))
}

impl OpenedQuery {
    fn asked(&self) -> Result<Asked, Error> {
        let day = self.day.as_deref().filter(|day| !day.is_empty());
        let day = day.map(|day| day.parse().map_err(|_| Error::field("day", "date_invalid")));
        let limit = PageLimit::parse(self.limit.as_deref())?.get();
        Ok(Asked { day: day.transpose()?, limit, cursor: self.cursor.clone() })
    }
}
