//! One ticket with its conversation.

mod page;

pub(crate) use page::{page, show};

use axum::{
    Json,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use futures::future::join;
use serde::Serialize;
use shared::{
    auth::{Allowed, ReadScope},
    error::{Code, Error},
    http::{ListQuery, Path, Query},
    id::TicketId,
    ticket::{Message, find_ticket, message_place, messages_prefix},
    web::Text,
};

use crate::reply::{MessageReply, TicketReply};

/// One page of a conversation.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct MessageList {
    items: Vec<MessageReply>,
    next_cursor: Option<String>,
}

/// A ticket.
#[utoipa::path(
    get, path = "/v1/tickets/{id}", operation_id = "show_ticket", tag = "tickets",
    params(("id" = TicketId, Path, description = "The ticket's id")),
    responses(
        (status = 200, description = "The ticket, with its version as `ETag`", body = TicketReply),
        (status = 404, description = "There is no such ticket", body = shared::http::Problem),
    )
)]
pub(crate) async fn json(
    allowed: Allowed<ReadScope>,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let ticket = find_ticket(&allowed.app, allowed.tenant, &id).await?;
    let mut headers = HeaderMap::new();
    if let Ok(etag) = HeaderValue::from_str(&format!("\"{}\"", ticket.version)) {
        headers.insert(header::ETAG, etag);
    }
    Ok((headers, Json(TicketReply::new(ticket, &allowed.app))).into_response())
}

/// A ticket's conversation, oldest first.
#[utoipa::path(
    get, path = "/v1/tickets/{id}/messages", operation_id = "list_ticket_messages", tag = "tickets",
    params(("id" = TicketId, Path, description = "The ticket's id"), ListQuery),
    responses(
        (status = 200, description = "What was written and what changed, oldest first", body = MessageList),
        (status = 400, description = "The cursor is not of this list", body = shared::http::Problem),
        (status = 404, description = "There is no such ticket", body = shared::http::Problem),
        (status = 422, description = "The limit is not valid", body = shared::http::Problem),
    )
)]
pub(crate) async fn messages(
    allowed: Allowed<ReadScope>,
    Path(id): Path<String>,
    Query(query): Query<ListQuery>,
) -> Result<Json<MessageList>, Error> {
    let ticket: TicketId = id.parse().map_err(|_| Code::NotFound)?;
    let page = query.of(&allowed, &format!("messages {id}"));
    let messages = async {
        let page = page?.oldest_first();
        page.read(&messages_prefix(ticket), |it: &Message| message_place(it.place)).await
    };
    // What is no ticket of who asks is 404, whatever else is wrong.
    let (ticket, messages) = join(find_ticket(&allowed.app, allowed.tenant, &id), messages).await;
    let ((), (messages, next_cursor)) = (ticket.map(drop)?, messages?);
    let text = Text::new(allowed.context.preferences());
    let items = messages.into_iter().map(|it| MessageReply::new(it, &text)).collect();
    Ok(Json(MessageList { items, next_cursor }))
}
