//! The client writes.

use axum::{http::StatusCode, response::Response};
use serde::Deserialize;
use shared::{
    auth::{Allowed, Caller, Client, Limit, TicketsWriteScope, commit_within},
    error::{Code, Conflicts, Error},
    http::{Form, IdempotencyKey, Once, Path, Repeatable, json_reply},
    id::MessageId,
    ticket::{
        Author, Message, Ticket, Told, change_ticket, find_ticket, put_message, take_attachments,
        tell_staff,
    },
    web::{FormState, Text, see_other},
};

use crate::{input, one, reply::MessageReply};

/// What the client writes.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MessageInput {
    /// Plain text: addresses of the web become links, and what stands between lines of ` ``` ` is code.
    #[schema(min_length = 1, max_length = 20_000)]
    body: String,
    /// Files that were announced for this ticket and sent.
    #[serde(default)]
    #[schema(max_items = 5)]
    attachment_ids: Option<Vec<String>>,
}

impl MessageInput {
    /// Writes it. What is closed or resolved is open again.
    async fn write(
        &self,
        caller: &Caller,
        id: &str,
        once: Option<&Once>,
    ) -> Result<Message, Error> {
        let mut conflicts = Conflicts::default();
        let message = MessageId::new(caller.app.clock.now(), &caller.app.random);
        loop {
            let ticket = find_ticket(&caller.app, caller.tenant, id).await?;
            match self.try_to_write(caller, &ticket, message, once).await {
                Err(error) => conflicts.put_up_with(error)?,
                written => return written,
            }
        }
    }

    async fn try_to_write(
        &self,
        caller: &Caller,
        before: &Ticket,
        id: MessageId,
        once: Option<&Once>,
    ) -> Result<Message, Error> {
        let body = input::body(&self.body).map_err(|error| Error::field("body", error.code()))?;
        let (app, now) = (&caller.app, caller.app.clock.now());
        let mut after = before.clone();
        after.client_writes(now)?;
        after.takes(&body)?;
        let mut transaction = app.table.transaction();
        let ids = self.attachment_ids.as_deref().unwrap_or_default();
        let files = take_attachments(caller, after.id, id, ids, &mut transaction).await?;
        if let Some(assignee) = &after.assignee {
            let what = Told::Wrote(&body);
            tell_staff(app, &after, assignee, what, now, &mut transaction);
        }
        let message = Message::written(id, Author::of(caller), body, files, now);
        change_ticket(app, before, &after, &mut transaction);
        put_message(&after, &message, &mut transaction);
        if let Some(once) = once {
            let body = told(caller, &message)?;
            once.keep(app, StatusCode::CREATED, &body, &mut transaction, Code::Conflict)?;
        }
        commit_within(caller, Limit::TICKET_MESSAGES, transaction).await?;
        Ok(message)
    }
}

fn told(caller: &Caller, message: &Message) -> Result<String, Error> {
    let text = Text::new(caller.context.preferences());
    let reply = MessageReply::new(message.clone(), &text);
    serde_json::to_string(&reply).map_err(|error| Error::fault(Code::Internal, error))
}

/// Writes to a ticket. What is resolved is open again, and so is what was closed less than fourteen days ago.
#[utoipa::path(
    post, path = "/v1/tickets/{id}/messages", operation_id = "write_to_ticket", tag = "tickets",
    request_body = MessageInput,
    params(
        ("id" = shared::id::TicketId, Path, description = "The ticket's id"),
        ("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255, description = "Sent again, the request gets the first reply again"),
    ),
    responses(
        (status = 201, description = "The message", body = MessageReply),
        (status = 400, description = "A field is not known", body = shared::http::Problem),
        (status = 404, description = "There is no such ticket", body = shared::http::Problem),
        (status = 409, description = "It was closed too long ago, or others wrote in the same moment", body = shared::http::Problem),
        (status = 422, description = "There are no words, or a file was not sent", body = shared::http::Problem),
        (status = 429, description = "So much was written in the last hour", body = shared::http::Problem),
    )
)]
pub(crate) async fn json(
    allowed: Allowed<TicketsWriteScope>,
    Path(id): Path<String>,
    repeatable: Repeatable<MessageInput>,
) -> Result<Response, Error> {
    let route = format!("POST /v1/tickets/{id}/messages");
    let (input, once) = repeatable.once(&allowed, &route)?;
    if let Some((status, body)) = once.earlier(&allowed.app).await? {
        return Ok(json_reply(status, body));
    }
    match input.write(&allowed, &id, Some(&once)).await {
        Ok(message) => Ok(json_reply(StatusCode::CREATED, told(&allowed, &message)?)),
        Err(error) => {
            let (status, body) = once.other(&allowed.app, error).await?;
            Ok(json_reply(status, body))
        }
    }
}

/// The form below a conversation; several files of one name are several.
#[derive(Deserialize)]
#[serde(try_from = "Vec<(String, String)>")]
pub(crate) struct WriteForm {
    /// What makes sending the form twice one message.
    once: String,
    body: String,
    attachments: Vec<String>,
}

impl TryFrom<Vec<(String, String)>> for WriteForm {
    type Error = String;

    fn try_from(pairs: Vec<(String, String)>) -> Result<Self, String> {
        let mut form = Self { once: String::new(), body: String::new(), attachments: Vec::new() };
        for (name, value) in pairs {
            match name.as_str() {
                "once" => form.once = value,
                "body" => form.body = value,
                "attachment" => form.attachments.push(value),
                _ => return Err(format!("unknown field `{name}`")),
            }
        }
        Ok(form)
    }
}

pub(crate) async fn submit(
    Client(signed_in): Client,
    Path(id): Path<String>,
    Form(form): Form<WriteForm>,
) -> Result<Response, Error> {
    let WriteForm { once, body, attachments } = form;
    let content: Vec<&[u8]> =
        attachments.iter().map(String::as_bytes).chain([body.as_bytes()]).collect();
    let route = format!("POST /tickets/{id}");
    let once = IdempotencyKey::of_form(&signed_in, &route, &once, &content)?;
    let input = MessageInput { body, attachment_ids: Some(attachments) };
    let written = match once.earlier(&signed_in.app).await {
        Ok(Some(_)) => Ok(()),
        Ok(None) => match input.write(&signed_in, &id, Some(&once)).await {
            Ok(_) => Ok(()),
            Err(error) => once.other(&signed_in.app, error).await.map(drop),
        },
        Err(error) => Err(error),
    };
    match written {
        Ok(()) => Ok(see_other(&format!("/tickets/{id}?done=sent"))),
        Err(error) => {
            let form = FormState::filled(vec![("body", input.body)]).failed(error)?;
            one::show(&signed_in, &id, form, input.attachment_ids).await
        }
    }
}
