//! One ticket as staff see it: with what is known of the client, and with what staff wrote to each other.

mod page;

pub(crate) use page::{page, show};

use ::tickets::reply::{MessageReply, TicketReply};
use axum::{
    Json,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use futures::future::{try_join, try_join4};
use jiff::Timestamp;
use serde::Serialize;
use shared::{
    account::{Account, AccountStatus, Overview, User, account_key, overview_key, user_key},
    app::App,
    auth::{Presented, Staff},
    error::{Code, Error},
    files::FilesError,
    http::Path,
    id::{AccountId, AttachmentId, MessageId, TicketId},
    table::{Read, Tenant},
    ticket::{
        Attached, Attachment, Author, Message, StaffMember, Ticket, TicketHome, attachment_key,
        conversation, file_key, find_ticket, staff_members, ticket_home,
    },
    web::{Text, see_other},
};

use super::note::{Content, Note, notes};

/// A ticket with all that belongs to it.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct StaffTicket {
    #[serde(flatten)]
    ticket: TicketReply,
    client: ClientReply,
    /// The conversation with the client and the notes of staff, oldest first.
    messages: Vec<StaffMessageReply>,
}

/// What is known of whose it is.
#[derive(Serialize, utoipa::ToSchema)]
struct ClientReply {
    id: AccountId,
    /// The company, or who opened the ticket.
    name: String,
    status: AccountStatus,
    plan_id: String,
    /// Who is told of answers.
    contact: Option<String>,
    tickets_open: u64,
}

/// What was written or changed.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct StaffMessageReply {
    id: MessageId,
    author: Author,
    body: String,
    attachments: Vec<Attached>,
    /// Whether staff alone read it.
    internal: bool,
    #[schema(value_type = String, format = "date-time")]
    created_at: Timestamp,
}

impl StaffMessageReply {
    pub(crate) fn of(message: Message, text: &Text) -> Self {
        let MessageReply { id, author, body, attachments, created_at } =
            MessageReply::new(message, text);
        Self { id, author, body, attachments, internal: false, created_at }
    }

    pub(crate) fn of_note(note: Note, text: &Text) -> Self {
        let body = note_words(&note.content, text);
        let (author, attachments) = (Author::staff(note.author), Vec::new());
        Self { id: note.id, author, body, attachments, internal: true, created_at: note.created_at }
    }
}

/// What a note says.
pub(super) fn note_words(content: &Content, text: &Text) -> String {
    match content {
        Content::Written(body) => body.clone(),
        Content::Assigned(Some(name)) => {
            text.with("support-note-assigned", "name", text.isolate(name))
        }
        Content::Assigned(None) => text.get("support-note-unassigned"),
    }
}

/// All that is shown of a ticket.
pub(super) struct Stored {
    ticket: Ticket,
    account: Account,
    contact: Option<User>,
    overview: Overview,
    messages: Vec<Message>,
    notes: Vec<Note>,
    staff: Vec<StaffMember>,
}

impl Stored {
    /// Reads it for one of staff.
    pub(super) async fn read(staff: &Staff, owner: &TicketHome, id: &str) -> Result<Self, Error> {
        let (app, tenant) = (&staff.app, Tenant::of_record(owner));
        let ticket = find_ticket(app, tenant, id);
        let id: TicketId = id.parse().map_err(|_| Code::NotFound)?;
        let client = async {
            let keys = [account_key(tenant), overview_key(tenant), user_key(tenant, owner.opener)];
            let mut found = app.table.batch(&keys, Read::Eventual).await?;
            let account: Option<Account> = found.take(&keys[0])?;
            let overview: Option<Overview> = found.take(&keys[1])?;
            let account = account.ok_or(Code::NotFound)?;
            Ok((account, overview.unwrap_or_default(), found.take(&keys[2])?))
        };
        let talk = try_join(conversation(app, tenant, id), notes(app, tenant, id));
        let (ticket, (account, overview, contact), (messages, notes), staff) =
            try_join4(ticket, client, async { Ok(talk.await?) }, async {
                Ok(staff_members(app).await?)
            })
            .await?;
        Ok(Self { ticket, account, contact, overview, messages, notes, staff })
    }
}

/// Whose a ticket is, read beside the check of the credential: who is not staff does not learn whether there is one.
async fn with_home(presented: Presented, id: &str) -> Result<(Staff, TicketHome), Error> {
    let owner = async |app: &App, _: Tenant| Ok(ticket_home(app, id).await);
    let (staff, owner): (Staff, Result<TicketHome, Error>) = presented.alongside(owner).await?;
    Ok((staff, owner?))
}

async fn load(presented: Presented, id: &str) -> Result<(Staff, Stored), Error> {
    let (staff, owner) = with_home(presented, id).await?;
    let stored = Stored::read(&staff, &owner, id).await?;
    Ok((staff, stored))
}

/// A ticket with what is known of its client, its conversation and the notes of staff.
#[utoipa::path(
    get, path = "/v1/admin/tickets/{id}", operation_id = "show_any_ticket", tag = "admin",
    params(("id" = TicketId, Path, description = "The ticket's id")),
    responses(
        (status = 200, description = "The ticket, with its version as `ETag`", body = StaffTicket),
        (status = 404, description = "There is no such ticket", body = shared::http::Problem),
    )
)]
pub(crate) async fn json(presented: Presented, Path(id): Path<String>) -> Result<Response, Error> {
    let (staff, stored) = load(presented, &id).await?;
    let text = Text::new(staff.context.preferences());
    let Stored { ticket, account, contact, overview, messages, notes, .. } = stored;
    let messages = messages.into_iter().map(|it| StaffMessageReply::of(it, &text));
    let notes = notes.into_iter().map(|it| StaffMessageReply::of_note(it, &text));
    let mut messages: Vec<StaffMessageReply> = messages.chain(notes).collect();
    messages.sort_by_key(|it| it.created_at);
    let client = ClientReply {
        id: account.id(),
        name: ticket.client.clone(),
        status: account.status,
        plan_id: account.plan.id,
        contact: contact.map(|it| it.name),
        tickets_open: overview.tickets_open,
    };
    let mut headers = HeaderMap::new();
    if let Ok(etag) = HeaderValue::from_str(&format!("\"{}\"", ticket.version)) {
        headers.insert(header::ETAG, etag);
    }
    let ticket = TicketReply::new(ticket, &staff.app);
    Ok((headers, Json(StaffTicket { ticket, client, messages })).into_response())
}

/// Leads to a file that a client sent: its address is good for a minute.
#[utoipa::path(
    get, path = "/v1/admin/tickets/{id}/attachments/{attachment}", operation_id = "fetch_any_attachment",
    tag = "admin",
    params(
        ("id" = TicketId, Path, description = "The ticket's id"),
        ("attachment" = AttachmentId, Path, description = "The file's id"),
    ),
    responses(
        (status = 303, description = "The file is at `Location`, for a minute"),
        (status = 404, description = "There is no such file", body = shared::http::Problem),
    )
)]
pub(crate) async fn attachment(
    presented: Presented,
    Path((ticket, id)): Path<(String, String)>,
) -> Result<Response, Error> {
    let (staff, owner) = with_home(presented, &ticket).await?;
    let (app, tenant) = (&staff.app, Tenant::of_record(&owner));
    let ticket: TicketId = ticket.parse().map_err(|_| Code::NotFound)?;
    let id: AttachmentId = id.parse().map_err(|_| Code::NotFound)?;
    let file: Option<Attachment> =
        app.table.get(&attachment_key(tenant, ticket, id), Read::Strong).await?;
    let file = file.filter(|it| it.message.is_some()).ok_or(Code::NotFound)?;
    let (place, now) = (file_key(tenant, ticket, id), app.clock.now());
    let address: Result<String, FilesError> =
        app.files.download(app.config.files()?, &place, &file.name, now).await;
    Ok(see_other(&address?))
}
