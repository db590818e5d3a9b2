//! Staff's queue: all that is not closed, the most urgent promise first.

mod page;

pub(super) use page::is_late;
pub(crate) use page::page;

use ::tickets::reply::TicketReply;
use axum::Json;
use serde::{Deserialize, Serialize};
use shared::{
    app::App,
    auth::{Presented, Staff},
    error::Error,
    http::{PageLimit, Query},
    id::{AccountId, UserId},
    table::{Cursor, CursorScope, Tenant},
    ticket::{QueuePlaces, Side, Status, Ticket},
};

/// One read of the queue gives so many places: as many as one read of their tickets takes.
const MOST_AT_ONCE: usize = 100;

/// A page reads on so often for tickets that are to be shown; one that has fewer than asked for says where to go on.
const MOST_READS: usize = 10;

/// One page of tickets.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct StaffTicketList {
    items: Vec<StaffTicketReply>,
    next_cursor: Option<String>,
}

/// A ticket with whose it is.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct StaffTicketReply {
    #[serde(flatten)]
    ticket: TicketReply,
    client: ClientName,
}

/// Whose a ticket is.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct ClientName {
    id: AccountId,
    /// The company, or who opened it.
    name: String,
}

impl StaffTicketReply {
    pub(super) fn new(ticket: Ticket, app: &App) -> Self {
        let id = Tenant::of_record(&ticket).account();
        let client = ClientName { id, name: ticket.client.clone() };
        Self { ticket: TicketReply::new(ticket, app), client }
    }
}

/// Which tickets.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct QueueQuery {
    /// 1 to 100.
    #[serde(default)]
    #[param(value_type = Option<usize>, default = 25, minimum = 1, maximum = 100)]
    limit: Option<String>,
    /// From the page before.
    #[serde(default)]
    cursor: Option<String>,
    /// Where they stand; all that are not closed where it is not said.
    #[serde(default)]
    #[param(value_type = Option<Status>)]
    status: Option<String>,
    /// One of staff by the user's id, `me`, or `none`.
    #[serde(default)]
    assignee: Option<String>,
    /// Who has to act, as the client sees it.
    #[serde(default)]
    #[param(value_type = Option<Side>)]
    waiting_for: Option<String>,
    /// A client by the account's id.
    #[serde(default)]
    #[param(value_type = Option<AccountId>)]
    client: Option<String>,
}

/// Who looks after a ticket.
#[derive(PartialEq, Eq)]
enum Assigned {
    To(UserId),
    Nobody,
}

/// Which are shown, whatever page it is.
struct Shown {
    status: Option<Status>,
    waiting_for: Option<Side>,
    assignee: Option<Assigned>,
    client: Option<AccountId>,
}

impl QueueQuery {
    fn shown(&self, staff: &Staff) -> Result<Shown, Error> {
        let wrong = |field: &str| Error::field(field, "choice_unknown");
        let status = self.status.as_deref().map(|it| Status::from_name(it).ok_or(wrong("status")));
        let side = self.waiting_for.as_deref();
        let side = side.map(|it| Side::from_name(it).ok_or(wrong("waiting_for")));
        let assignee = self.assignee.as_deref().map(|name| match name {
            "me" => Ok(Assigned::To(staff.0.session.user)),
            "none" => Ok(Assigned::Nobody),
            id => id.parse().map(Assigned::To).map_err(|_| wrong("assignee")),
        });
        let client = self.client.as_deref().map(|id| id.parse().map_err(|_| wrong("client")));
        Ok(Shown {
            status: status.transpose()?,
            waiting_for: side.transpose()?,
            assignee: assignee.transpose()?,
            client: client.transpose()?,
        })
    }

    fn is_closed(&self) -> bool {
        self.status.as_deref() == Some(Status::Closed.as_str())
    }

    /// What a cursor is good for: this list, as it is narrowed.
    fn scope(&self) -> String {
        let asked = |text: &Option<String>| text.clone().unwrap_or_default();
        let [status, assignee, side, client] =
            [&self.status, &self.assignee, &self.waiting_for, &self.client].map(asked);
        format!("staff tickets|{status}|{assignee}|{side}|{client}")
    }
}

impl Shown {
    fn shows(&self, ticket: &Ticket) -> bool {
        let assigned =
            ticket.assignee.as_ref().map_or(Assigned::Nobody, |it| Assigned::To(it.user));
        self.status.is_none_or(|it| it == ticket.status)
            && self.waiting_for.is_none_or(|it| ticket.waiting_for == Some(it))
            && self.assignee.as_ref().is_none_or(|it| *it == assigned)
            && self.client.is_none_or(|it| it == Tenant::of_record(ticket).account())
    }
}

/// A page of the queue and the cursor of the next. Its first places are read beside the check of the credential.
async fn load(
    presented: Presented,
    query: &QueueQuery,
) -> Result<(Staff, Vec<Ticket>, Option<String>), Error> {
    let first = async |app: &App, tenant: Tenant| {
        // What is no cursor is refused below, once it is known who asks.
        let scope = CursorScope::new(&app.config, tenant, query.scope());
        let after = query.cursor.as_deref().and_then(|it| scope.open(it).ok());
        let after = after.as_ref().map(|it| it.0.as_str());
        Ok(QueuePlaces::read(app, query.is_closed(), MOST_AT_ONCE, after).await?)
    };
    let (staff, mut places): (Staff, QueuePlaces) = presented.alongside(first).await?;
    let limit = PageLimit::parse(query.limit.as_deref())?.get();
    let shown = query.shown(&staff)?;
    let scope = CursorScope::new(&staff.app.config, staff.tenant, query.scope());
    query.cursor.as_deref().map(|it| scope.open(it)).transpose()?;
    let mut found: Vec<(Ticket, String)> = Vec::new();
    let mut on = None;
    for read in 1.. {
        let more = places.more;
        let tickets = places.tickets(&staff).await?;
        let last = tickets.last().map(|(_, place)| place.clone());
        found.extend(tickets.into_iter().filter(|(ticket, _)| shown.shows(ticket)));
        let Some(last) = last.filter(|_| more && found.len() <= limit) else { break };
        if read == MOST_READS {
            on = Some(last);
            break;
        }
        places =
            QueuePlaces::read(&staff.app, query.is_closed(), MOST_AT_ONCE, Some(&last)).await?;
    }
    let goes_on = found.len() > limit;
    found.truncate(limit);
    let last = found.last().filter(|_| goes_on).map(|(_, place)| place.clone());
    let next = last.or(on).map(Cursor);
    let next = next.map(|it| scope.seal(&it)).transpose()?;
    Ok((staff, found.into_iter().map(|(ticket, _)| ticket).collect(), next))
}

/// Tickets of all clients: what is promised first comes first, then what waits for clients, then what is resolved;
/// of what is closed the newest.
#[utoipa::path(
    get, path = "/v1/admin/tickets", operation_id = "list_all_tickets", tag = "admin",
    params(QueueQuery),
    responses(
        (status = 200, description = "The tickets", body = StaffTicketList),
        (status = 400, description = "The cursor is not of this list", body = shared::http::Problem),
        (status = 422, description = "A parameter is not valid", body = shared::http::Problem),
    )
)]
pub(crate) async fn json(
    presented: Presented,
    Query(query): Query<QueueQuery>,
) -> Result<Json<StaffTicketList>, Error> {
    let (staff, tickets, next_cursor) = load(presented, &query).await?;
    let items = tickets.into_iter().map(|it| StaffTicketReply::new(it, &staff.app)).collect();
    Ok(Json(StaffTicketList { items, next_cursor }))
}
