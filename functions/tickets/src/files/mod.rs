//! Files of a ticket: announced here, sent straight to the bucket, fetched straight from it.

mod page;

pub(crate) use page::{new, submit};

use axum::{http::StatusCode, response::Response};
use serde::{Deserialize, Serialize};
use shared::{
    auth::{Allowed, Caller, Client, Limit, ReadScope, TicketsWriteScope, commit_within},
    error::{Code, Error, FieldError},
    files::{Upload, UploadForm},
    http::{Once, Path, Repeatable, json_reply},
    id::{AttachmentId, TicketId},
    table::Read,
    text::{TextError, cleaned_line, file_name},
    ticket::{Attachment, MOST_FILE_BYTES, attachment_key, file_key, find_ticket},
    web::see_other,
};

const MOST_NAME_CHARACTERS: usize = 200;
const MOST_TYPE_CHARACTERS: usize = 100;

/// What kind of file it is said to be where nothing is said.
const UNKNOWN_TYPE: &str = "application/octet-stream";

/// A file to be.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FileInput {
    /// What it is called.
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// How long it is, up to 10 MB: nothing longer or shorter is taken.
    #[schema(minimum = 1, maximum = 10_485_760)]
    bytes: u64,
    /// Its media type.
    #[serde(rename = "type", default)]
    #[schema(max_length = 100, example = "text/plain", pattern = r"^[!-~]+/[!-~]+$")]
    media_type: Option<String>,
}

/// A file that may be sent.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct FileReply {
    /// What the message names it by.
    id: AttachmentId,
    /// A form to be sent to `url`, as `multipart/form-data`: these `fields`, and then the file as `file`. It is good
    /// for a quarter of an hour.
    upload: UploadForm,
}

/// A file that is announced, checked.
struct Announced {
    name: String,
    media_type: String,
    /// The least and the most bytes that it may have.
    bytes: (u64, u64),
    /// Where a browser goes once it was sent.
    then: Option<String>,
}

impl FileInput {
    fn parse(&self) -> Result<Announced, Error> {
        let mut wrong = Vec::new();
        let name = file_name(&self.name, MOST_NAME_CHARACTERS);
        let name = name.map_err(|error| wrong.push(FieldError::new("name", error.code())));
        let media_type = self.media_type.as_deref().unwrap_or(UNKNOWN_TYPE);
        let media_type = cleaned_line(media_type, MOST_TYPE_CHARACTERS);
        let media_type = media_type.map_err(TextError::code).and_then(|it| {
            let (kind, of) = it.split_once('/').unwrap_or_default();
            let sound = !kind.is_empty() && !of.is_empty();
            let sound = sound && it.bytes().all(|b| b.is_ascii_graphic());
            if sound { Ok(it) } else { Err("choice_unknown") }
        });
        let media_type = media_type.map_err(|code| wrong.push(FieldError::new("type", code)));
        if !(1..=MOST_FILE_BYTES).contains(&self.bytes) {
            wrong.push(FieldError::new("bytes", "file_size"));
        }
        match (name, media_type) {
            (Ok(name), Ok(media_type)) if wrong.is_empty() => {
                Ok(Announced { name, media_type, bytes: (self.bytes, self.bytes), then: None })
            }
            _ => Err(Error::fields(wrong)),
        }
    }
}

/// Announces a file for a ticket that is not closed: its id, and the form that it is sent with.
async fn announce(
    caller: &Caller,
    ticket: &str,
    id: AttachmentId,
    file: Announced,
    once: Option<&Once>,
) -> Result<FileReply, Error> {
    let (app, tenant, now) = (&caller.app, caller.tenant, caller.app.clock.now());
    let ticket = find_ticket(app, tenant, ticket).await?;
    if ticket.is_closed() {
        return Err(Code::TicketClosed.into());
    }
    let Announced { name, media_type, bytes, then } = file;
    let upload = Upload {
        bucket: app.config.files()?,
        key: &file_key(tenant, ticket.id, id),
        media_type: &media_type,
        bytes,
        then: then.as_deref(),
    };
    let upload = app.files.upload_form(&upload, now);
    let attachment = Attachment::announced(caller, id, name, media_type, now);
    let mut transaction = app.table.transaction();
    transaction.create(&attachment_key(tenant, ticket.id, id), &attachment, Code::Conflict);
    let reply = FileReply { id, upload };
    if let Some(once) = once {
        let body = told(&reply)?;
        once.keep(app, StatusCode::CREATED, &body, &mut transaction, Code::Conflict)?;
    }
    commit_within(caller, Limit::TICKET_MESSAGES, transaction).await?;
    Ok(reply)
}

fn told(reply: &FileReply) -> Result<String, Error> {
    serde_json::to_string(reply).map_err(|error| Error::fault(Code::Internal, error))
}

/// The address that a file of a ticket's message can be fetched at, for a minute.
async fn address(caller: &Caller, ticket: &str, id: &str) -> Result<String, Error> {
    let ticket: TicketId = ticket.parse().map_err(|_| Code::NotFound)?;
    let id: AttachmentId = id.parse().map_err(|_| Code::NotFound)?;
    let key = attachment_key(caller.tenant, ticket, id);
    let file: Option<Attachment> = caller.app.table.get(&key, Read::Strong).await?;
    // What belongs to no message yet is nothing to fetch.
    let file = file.filter(|it| it.message.is_some()).ok_or(Code::NotFound)?;
    let (app, now) = (&caller.app, caller.app.clock.now());
    let place = file_key(caller.tenant, ticket, id);
    Ok(app.files.download(app.config.files()?, &place, &file.name, now).await?)
}

/// Announces a file: the reply says how it is sent. A message of this ticket then names it.
#[utoipa::path(
    post, path = "/v1/tickets/{id}/attachments", operation_id = "announce_attachment", tag = "tickets",
    request_body = FileInput,
    params(
        ("id" = TicketId, Path, description = "The ticket's id"),
        ("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255, description = "Sent again, the request gets the first reply again"),
    ),
    responses(
        (status = 201, description = "How it is sent", body = FileReply),
        (status = 400, description = "A field is not known", body = shared::http::Problem),
        (status = 404, description = "There is no such ticket", body = shared::http::Problem),
        (status = 409, description = "The ticket is closed", body = shared::http::Problem),
        (status = 422, description = "A field is not valid", body = shared::http::Problem),
        (status = 429, description = "So much was sent in the last hour", body = shared::http::Problem),
    )
)]
pub(crate) async fn json(
    allowed: Allowed<TicketsWriteScope>,
    Path(ticket): Path<String>,
    repeatable: Repeatable<FileInput>,
) -> Result<Response, Error> {
    let route = format!("POST /v1/tickets/{ticket}/attachments");
    let (input, once) = repeatable.once(&allowed, &route)?;
    if let Some((status, body)) = once.earlier(&allowed.app).await? {
        return Ok(json_reply(status, body));
    }
    let id = AttachmentId::new(allowed.app.clock.now(), &allowed.app.random);
    match announce(&allowed, &ticket, id, input.parse()?, Some(&once)).await {
        Ok(announced) => Ok(json_reply(StatusCode::CREATED, told(&announced)?)),
        Err(error) => {
            let (status, body) = once.other(&allowed.app, error).await?;
            Ok(json_reply(status, body))
        }
    }
}

/// Leads to a file of a message: its address is good for a minute.
#[utoipa::path(
    get, path = "/v1/tickets/{id}/attachments/{attachment}", operation_id = "fetch_attachment", tag = "tickets",
    params(
        ("id" = TicketId, Path, description = "The ticket's id"),
        ("attachment" = AttachmentId, Path, description = "The file's id"),
    ),
    responses(
        (status = 303, description = "The file is at `Location`, for a minute"),
        (status = 404, description = "There is no such file", body = shared::http::Problem),
    )
)]
pub(crate) async fn fetch(
    allowed: Allowed<ReadScope>,
    Path((ticket, id)): Path<(String, String)>,
) -> Result<Response, Error> {
    Ok(see_other(&address(&allowed, &ticket, &id).await?))
}

pub(crate) async fn follow(
    Client(signed_in): Client,
    Path((ticket, id)): Path<(String, String)>,
) -> Result<Response, Error> {
    Ok(see_other(&address(&signed_in, &ticket, &id).await?))
}
