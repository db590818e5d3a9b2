//! Sending a file without a script: it is named, then chosen and sent straight to the bucket, which leads back.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;
use shared::{
    auth::{Caller, Client},
    error::{Code, Error},
    files::UploadForm,
    http::{Form, Path, UploadsTo},
    id::AttachmentId,
    text::file_name,
    ticket::{MOST_FILE_BYTES, Ticket, find_ticket},
    web::{FormState, Layout, Nav, render},
};

use super::{Announced, MOST_NAME_CHARACTERS, UNKNOWN_TYPE, announce};
use crate::words;

#[derive(Template)]
#[template(path = "files/page.html")]
struct Page {
    layout: Layout,
    form: FormState,
    ticket: Ticket,
    /// The form that sends it, once it has a name.
    upload: Option<(String, UploadForm)>,
}

impl Page {
    fn new(caller: &Caller, ticket: Ticket, form: FormState) -> Self {
        let layout = Layout::portal(&caller.context, Nav::Tickets);
        Self { layout, form, ticket, upload: None }
    }

    fn number(&self) -> String {
        words::number(&self.ticket, &self.layout)
    }
}

/// What the file is called.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NameForm {
    name: String,
}

pub(crate) async fn new(
    Client(signed_in): Client,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    let ticket = find_ticket(&signed_in.app, signed_in.tenant, &id).await?;
    if ticket.is_closed() {
        return Err(Code::TicketClosed.into());
    }
    Ok(render(&Page::new(&signed_in, ticket, FormState::default())))
}

pub(crate) async fn submit(
    Client(signed_in): Client,
    Path(id): Path<String>,
    Form(NameForm { name }): Form<NameForm>,
) -> Result<Response, Error> {
    let app = &signed_in.app;
    let ticket = find_ticket(app, signed_in.tenant, &id).await?;
    let form = FormState::filled(vec![("name", name.clone())]);
    let name = match file_name(&name, MOST_NAME_CHARACTERS) {
        Ok(name) => name,
        Err(error) => {
            let form = form.failed(Error::field("name", error.code()))?;
            let page = Page::new(&signed_in, ticket, form);
            return Ok(page.form.respond(&page));
        }
    };
    let file = AttachmentId::new(app.clock.now(), &app.random);
    let announced = Announced {
        name: name.clone(),
        media_type: UNKNOWN_TYPE.to_owned(),
        bytes: (1, MOST_FILE_BYTES),
        then: Some(format!("{}/tickets/{}", app.config.public_url()?, ticket.id)),
    };
    let reply = announce(&signed_in, &id, file, announced, None).await?;
    let page = Page { upload: Some((name, reply.upload)), ..Page::new(&signed_in, ticket, form) };
    let mut response = render(&page);
    response.extensions_mut().insert(UploadsTo(app.files.origin(app.config.files()?)));
    Ok(response)
}
