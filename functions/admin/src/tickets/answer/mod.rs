//! Staff write: to the client, or to each other.

use axum::{http::StatusCode, response::Response};
use serde::Deserialize;
use shared::{
    audit::Act,
    auth::Staff,
    error::{Code, Error},
    http::{Form, Once, Path, Repeatable, json_reply},
    id::MessageId,
    text::written,
    ticket::MOST_CHARACTERS,
    web::{FormState, Text, see_other},
};

use super::{
    change::{Changing, Seen, change},
    note::Content,
    one::{self, StaffMessageReply},
};

/// What staff write.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StaffMessageInput {
    /// Plain text, as clients write it.
    #[schema(min_length = 1, max_length = 20_000)]
    body: String,
    /// Whether staff alone read it.
    #[serde(default)]
    internal: bool,
}

fn body(text: &str) -> Result<String, Error> {
    written(text, MOST_CHARACTERS).map_err(|error| Error::field("body", error.code()))
}

async fn answer(
    staff: &Staff,
    ticket: &str,
    text: &str,
    seen: Seen,
    once: Option<&Once>,
) -> Result<String, Error> {
    let body = body(text)?;
    let id = MessageId::new(staff.app.clock.now(), &staff.app.random);
    let (_, told) = change(staff, ticket, seen, |ticket, changing| {
        ticket.staff_writes(changing.now)?;
        ticket.takes(&body)?;
        let message = changing.answer(ticket, id, &body);
        keep(once, &StaffMessageReply::of(message, &words(staff)), changing)
    })
    .await?;
    Ok(told)
}

fn words(staff: &Staff) -> Text {
    Text::new(staff.context.preferences())
}

/// What is told of it, kept for who asks again.
fn keep(
    once: Option<&Once>,
    reply: &StaffMessageReply,
    changing: &mut Changing<'_>,
) -> Result<String, Error> {
    let told = serde_json::to_string(reply).map_err(|it| Error::fault(Code::Internal, it))?;
    if let Some(once) = once {
        let (app, transaction) = (&changing.staff.app, &mut changing.transaction);
        once.keep(app, StatusCode::CREATED, &told, transaction, Code::Conflict)?;
    }
    Ok(told)
}

/// A note changes nothing of the ticket, not even its version: the client cannot tell that there is one.
async fn note(
    staff: &Staff,
    ticket: &str,
    text: &str,
    once: Option<&Once>,
) -> Result<String, Error> {
    let body = body(text)?;
    let (_, told) = change(staff, ticket, None, |_, changing| {
        let note = changing.note(Act::TicketNoted, Content::Written(body.clone()));
        keep(once, &StaffMessageReply::of_note(note, &words(staff)), changing)
    })
    .await?;
    Ok(told)
}

/// Answers the client, who is told; or writes a note that staff alone read.
#[utoipa::path(
    post, path = "/v1/admin/tickets/{id}/messages", operation_id = "answer_ticket", tag = "admin",
    request_body = StaffMessageInput,
    params(
        ("id" = shared::id::TicketId, Path, description = "The ticket's id"),
        ("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255, description = "Sent again, the request gets the first reply again"),
    ),
    responses(
        (status = 201, description = "What was written", body = StaffMessageReply),
        (status = 400, description = "A field is not known", body = shared::http::Problem),
        (status = 404, description = "There is no such ticket", body = shared::http::Problem),
        (status = 409, description = "It is closed", body = shared::http::Problem),
        (status = 422, description = "There are no words", body = shared::http::Problem),
    )
)]
pub(crate) async fn json(
    staff: Staff,
    Path(id): Path<String>,
    repeatable: Repeatable<StaffMessageInput>,
) -> Result<Response, Error> {
    let route = format!("POST /v1/admin/tickets/{id}/messages");
    let (input, once) = repeatable.once(&staff, &route)?;
    if let Some((status, body)) = once.earlier(&staff.app).await? {
        return Ok(json_reply(status, body));
    }
    let written = if input.internal {
        note(&staff, &id, &input.body, Some(&once)).await
    } else {
        answer(&staff, &id, &input.body, None, Some(&once)).await
    };
    match written {
        Ok(told) => Ok(json_reply(StatusCode::CREATED, told)),
        Err(error) => {
            let (status, body) = once.other(&staff.app, error).await?;
            Ok(json_reply(status, body))
        }
    }
}

/// The form of an answer, and the last entry of the conversation that whoever wrote it has seen.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnswerForm {
    body: String,
    last: u32,
}

pub(crate) async fn submit(
    staff: Staff,
    Path(id): Path<String>,
    Form(form): Form<AnswerForm>,
) -> Result<Response, Error> {
    match answer(&staff, &id, &form.body, Some(form.last), None).await {
        Ok(_) => Ok(see_other(&format!("/admin/tickets/{id}?done=sent"))),
        Err(error) if error.code == Code::NotFound => Err(error),
        Err(error) => {
            // What came meanwhile is marked, and what was typed is there.
            let meanwhile = (error.code == Code::PreconditionFailed).then_some(form.last);
            let state = FormState::filled(vec![("body", form.body)]).failed(error)?;
            one::show(&staff, &id, state, meanwhile).await
        }
    }
}

/// The form of a note.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoteForm {
    note: String,
}

pub(crate) async fn note_submit(
    staff: Staff,
    Path(id): Path<String>,
    Form(form): Form<NoteForm>,
) -> Result<Response, Error> {
    match note(&staff, &id, &form.note, None).await {
        Ok(_) => Ok(see_other(&format!("/admin/tickets/{id}?done=noted"))),
        Err(error) if error.code == Code::NotFound => Err(error),
        Err(error) => {
            let wrong = error.fields.iter().map(|it| it.code).next();
            let error = wrong.map_or(error, |code| Error::field("note", code));
            let state = FormState::filled(vec![("note", form.note)]).failed(error)?;
            one::show(&staff, &id, state, None).await
        }
    }
}
