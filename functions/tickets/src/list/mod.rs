//! The tickets of who asks.

mod page;

pub(crate) use page::page;

use axum::Json;
use serde::{Deserialize, Serialize};
use shared::{
    auth::{Allowed, Caller, ReadScope},
    error::Error,
    http::{ListQuery, Query},
    ticket::{Side, Status, TICKETS, Ticket},
};

use crate::reply::TicketReply;

/// One page of tickets.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct TicketList {
    items: Vec<TicketReply>,
    next_cursor: Option<String>,
}

/// Which tickets.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct TicketQuery {
    /// 1 to 100.
    #[serde(default)]
    #[param(value_type = Option<usize>, default = 25, minimum = 1, maximum = 100)]
    limit: Option<String>,
    /// From the page before.
    #[serde(default)]
    cursor: Option<String>,
    /// Where they stand.
    #[serde(default)]
    #[param(value_type = Option<Status>)]
    status: Option<String>,
    /// Who has to act.
    #[serde(default)]
    #[param(value_type = Option<Side>)]
    waiting_for: Option<String>,
}

/// Which are shown, whatever page it is.
#[derive(Clone, Copy)]
struct Shown {
    status: Option<Status>,
    waiting_for: Option<Side>,
}

impl Shown {
    fn parse(query: &TicketQuery) -> Result<Self, Error> {
        let status = query.status.as_deref().map(|name| {
            Status::from_name(name).ok_or_else(|| Error::field("status", "choice_unknown"))
        });
        let side = query.waiting_for.as_deref().map(|name| {
            Side::from_name(name).ok_or_else(|| Error::field("waiting_for", "choice_unknown"))
        });
        Ok(Self { status: status.transpose()?, waiting_for: side.transpose()? })
    }

    fn shows(self, ticket: &Ticket) -> bool {
        let status = self.status.is_none_or(|it| it == ticket.status);
        status && self.waiting_for.is_none_or(|it| ticket.waiting_for == Some(it))
    }
}

async fn load(
    caller: &Caller,
    shown: Shown,
    query: ListQuery,
) -> Result<(Vec<Ticket>, Option<String>), Error> {
    let status = shown.status.map_or("", Status::as_str);
    let side = shown.waiting_for.map_or("", Side::as_str);
    let page = query.of(caller, &format!("tickets|{status}|{side}"))?;
    page.read_where(TICKETS, |it: &Ticket| it.id, |it| shown.shows(it)).await
}

/// Tickets, newest first.
#[utoipa::path(
    get, path = "/v1/tickets", operation_id = "list_tickets", tag = "tickets",
    params(TicketQuery),
    responses(
        (status = 200, description = "The tickets, newest first", body = TicketList),
        (status = 400, description = "The cursor is not of this list", body = shared::http::Problem),
        (status = 422, description = "A parameter is not valid", body = shared::http::Problem),
    )
)]
pub(crate) async fn json(
    allowed: Allowed<ReadScope>,
    Query(query): Query<TicketQuery>,
) -> Result<Json<TicketList>, Error> {
    let shown = Shown::parse(&query)?;
    let list = ListQuery::new(query.limit, query.cursor);
    let (tickets, next_cursor) = load(&allowed, shown, list).await?;
    let items = tickets.into_iter().map(|it| TicketReply::new(it, &allowed.app)).collect();
    Ok(Json(TicketList { items, next_cursor }))
}
