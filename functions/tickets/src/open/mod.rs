//! Opening a ticket.

mod page;

pub(crate) use page::{draft, new, submit};

use axum::{http::StatusCode, response::Response};
use shared::{
    account::{Count, next_number},
    auth::{Allowed, Caller, Limit, TicketsWriteScope, commit_within},
    error::{Code, Error},
    http::{Once, Repeatable, json_reply},
    id::{MessageId, TicketId},
    ticket::{Author, Message, Ticket, put_ticket},
};

use crate::{input::TicketInput, reply::TicketReply};

/// Opens a ticket, once.
pub(crate) async fn open(
    caller: &Caller,
    id: TicketId,
    input: &TicketInput,
    once: Option<&Once>,
) -> Result<Ticket, Error> {
    let (opening, body) = input.parse(caller).await?;
    let (app, now) = (&caller.app, caller.app.clock.now());
    let number = next_number(app, caller.tenant, Count::Tickets).await?;
    let mut ticket = Ticket::open(caller.tenant, id, number, opening, now);
    ticket.takes(&body)?;
    let message = MessageId::new(now, &app.random);
    let message = Message::written(message, Author::of(caller), body, Vec::new(), now);
    let mut transaction = app.table.transaction();
    put_ticket(app, &ticket, &message, &mut transaction);
    if let Some(once) = once {
        let body = told(caller, &ticket)?;
        once.keep(app, StatusCode::CREATED, &body, &mut transaction, Code::Conflict)?;
    }
    commit_within(caller, Limit::TICKETS, transaction).await?;
    Ok(ticket)
}

fn told(caller: &Caller, ticket: &Ticket) -> Result<String, Error> {
    let reply = TicketReply::new(ticket.clone(), &caller.app);
    serde_json::to_string(&reply).map_err(|error| Error::fault(Code::Internal, error))
}

/// Opens a ticket; its first words are the first message of its conversation.
#[utoipa::path(
    post, path = "/v1/tickets", operation_id = "open_ticket", tag = "tickets",
    request_body = TicketInput,
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255, description = "Sent again, the request gets the first reply again")),
    responses(
        (status = 201, description = "The ticket", body = TicketReply),
        (status = 400, description = "A field is not known", body = shared::http::Problem),
        (status = 409, description = "A hundred tickets are not closed", body = shared::http::Problem),
        (status = 422, description = "A field is not valid, or what it is about is not there", body = shared::http::Problem),
        (status = 429, description = "So many tickets were opened in the last hour", body = shared::http::Problem),
    )
)]
pub(crate) async fn json(
    allowed: Allowed<TicketsWriteScope>,
    repeatable: Repeatable<TicketInput>,
) -> Result<Response, Error> {
    let (input, once) = repeatable.once(&allowed, "POST /v1/tickets")?;
    if let Some((status, body)) = once.earlier(&allowed.app).await? {
        return Ok(json_reply(status, body));
    }
    let id = TicketId::new(allowed.app.clock.now(), &allowed.app.random);
    match open(&allowed, id, &input, Some(&once)).await {
        Ok(ticket) => Ok(json_reply(StatusCode::CREATED, told(&allowed, &ticket)?)),
        Err(error) => {
            let (status, body) = once.other(&allowed.app, error).await?;
            Ok(json_reply(status, body))
        }
    }
}
