//! The client closes a ticket, or says without words that it is not solved.

use axum::{Json, response::Response};
use shared::{
    auth::{Allowed, Caller, Client, Limit, TicketsWriteScope, commit_within},
    error::{Code, Conflicts, Error},
    http::Path,
    id::MessageId,
    ticket::{
        Author, Change, Message, Status, Ticket, Told, change_ticket, find_ticket, put_message,
        tell_staff,
    },
    web::see_other,
};

use crate::reply::TicketReply;

/// What the client does.
#[derive(Clone, Copy)]
enum Move {
    Close,
    Reopen,
}

impl Move {
    async fn make(self, caller: &Caller, id: &str) -> Result<Ticket, Error> {
        let mut conflicts = Conflicts::default();
        loop {
            let before = find_ticket(&caller.app, caller.tenant, id).await?;
            match self.try_to_make(caller, &before).await {
                Err(error) => conflicts.put_up_with(error)?,
                made => return made,
            }
        }
    }

    async fn try_to_make(self, caller: &Caller, before: &Ticket) -> Result<Ticket, Error> {
        let (app, now) = (&caller.app, caller.app.clock.now());
        let mut after = before.clone();
        let change = match self {
            Self::Close => {
                after.client_closes(now)?;
                Change::Status(Status::Closed)
            }
            Self::Reopen => {
                after.client_reopens(now)?;
                Change::Reopened
            }
        };
        let id = MessageId::new(now, &app.random);
        let message = Message::happened(id, change, Some(Author::of(caller)), None, now);
        let mut transaction = app.table.transaction();
        change_ticket(app, before, &after, &mut transaction);
        put_message(&after, &message, &mut transaction);
        if let (Self::Reopen, Some(assignee)) = (self, &after.assignee) {
            tell_staff(app, &after, assignee, Told::Reopened, now, &mut transaction);
        }
        commit_within(caller, Limit::TICKET_MESSAGES, transaction).await?;
        Ok(after)
    }
}

/// Closes a ticket. It can be opened again for fourteen days.
#[utoipa::path(
    post, path = "/v1/tickets/{id}/close", operation_id = "close_ticket", tag = "tickets",
    params(("id" = shared::id::TicketId, Path, description = "The ticket's id")),
    responses(
        (status = 200, description = "The ticket", body = TicketReply),
        (status = 404, description = "There is no such ticket", body = shared::http::Problem),
        (status = 409, description = "It is closed", body = shared::http::Problem),
        (status = 429, description = "So much was done in the last hour", body = shared::http::Problem),
    )
)]
pub(crate) async fn close(
    allowed: Allowed<TicketsWriteScope>,
    Path(id): Path<String>,
) -> Result<Json<TicketReply>, Error> {
    let ticket = Move::Close.make(&allowed, &id).await?;
    Ok(Json(TicketReply::new(ticket, &allowed.app)))
}

/// Opens a ticket again that is resolved, or was closed less than fourteen days ago.
#[utoipa::path(
    post, path = "/v1/tickets/{id}/reopen", operation_id = "reopen_ticket", tag = "tickets",
    params(("id" = shared::id::TicketId, Path, description = "The ticket's id")),
    responses(
        (status = 200, description = "The ticket", body = TicketReply),
        (status = 404, description = "There is no such ticket", body = shared::http::Problem),
        (status = 409, description = "It is open, or was closed too long ago", body = shared::http::Problem),
        (status = 429, description = "So much was done in the last hour", body = shared::http::Problem),
    )
)]
pub(crate) async fn reopen(
    allowed: Allowed<TicketsWriteScope>,
    Path(id): Path<String>,
) -> Result<Json<TicketReply>, Error> {
    let ticket = Move::Reopen.make(&allowed, &id).await?;
    Ok(Json(TicketReply::new(ticket, &allowed.app)))
}

async fn submit(caller: &Caller, id: &str, it: Move, done: &str) -> Result<Response, Error> {
    match it.make(caller, id).await {
        // Pressed twice: what was wanted is so.
        Ok(_) => Ok(see_other(&format!("/tickets/{id}?done={done}"))),
        Err(error) if error.code == Code::NotAllowedNow => Ok(see_other(&format!("/tickets/{id}"))),
        Err(error) => Err(error),
    }
}

pub(crate) async fn close_submit(
    Client(signed_in): Client,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    submit(&signed_in, &id, Move::Close, "closed").await
}

pub(crate) async fn reopen_submit(
    Client(signed_in): Client,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    submit(&signed_in, &id, Move::Reopen, "reopened").await
}
