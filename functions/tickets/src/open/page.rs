//! The page `/tickets/new`.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;
use shared::{
    auth::{Caller, Client},
    error::{Code, Error},
    http::{Form, Object, PageQuery as Query},
    id::TicketId,
    ticket::{About, AboutKind, Priority, Ticket, find_ticket},
    web::{FormState, Layout, Nav, Options, see_other},
};

use super::open;
use crate::{
    input::{AboutInput, CATEGORIES, TicketInput},
    words,
};

#[derive(Template)]
#[template(path = "open/page.html")]
struct Page {
    layout: Layout,
    form: FormState,
    /// The ticket's id: sending the form twice opens one.
    id: String,
    draft: String,
    about: Option<About>,
    facts: Vec<(String, String)>,
    follows: Option<Ticket>,
}

impl Page {
    fn categories(&self) -> Options {
        let words = |name: &str| self.layout.t(format!("ticket-category-{name}"));
        CATEGORIES.map(|name| (name.to_owned(), words(name))).into()
    }

    fn priorities(&self) -> Options {
        let option = |it: &Priority| {
            let name = it.as_str();
            (name.to_owned(), self.layout.t(format!("ticket-priority-{name}-lead")))
        };
        Priority::ALL.iter().map(option).collect()
    }

    fn number(&self, ticket: &Ticket) -> String {
        words::number(ticket, &self.layout)
    }
}

/// From where one comes: something of the account's, or a ticket that is closed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PageQuery {
    #[serde(default)]
    about: String,
    #[serde(default)]
    follows: String,
}

/// The form.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OpenForm {
    id: String,
    subject: String,
    body: String,
    category: String,
    priority: String,
    #[serde(default)]
    about: String,
    #[serde(default)]
    follows: String,
}

impl OpenForm {
    fn input(&self) -> TicketInput {
        let about = self
            .about
            .split_once(':')
            .map(|(kind, id)| Object(AboutInput { kind: kind.to_owned(), id: id.to_owned() }));
        TicketInput {
            subject: self.subject.clone(),
            body: self.body.clone(),
            priority: Some(self.priority.clone()),
            category: Some(self.category.clone()),
            about,
            follows: Some(self.follows.clone()).filter(|it| !it.is_empty()),
        }
    }

    fn state(&self) -> FormState {
        FormState::filled(vec![
            ("subject", self.subject.clone()),
            ("body", self.body.clone()),
            ("category", self.category.clone()),
            ("priority", self.priority.clone()),
        ])
    }
}

pub(crate) async fn new(
    Client(signed_in): Client,
    Query(query): Query<PageQuery>,
) -> Result<Response, Error> {
    let category = if query.about.is_empty() { CATEGORIES[0] } else { "usage" };
    let form = FormState::filled(vec![
        ("category", category.to_owned()),
        ("priority", Priority::Normal.as_str().to_owned()),
    ]);
    let id = TicketId::new(signed_in.app.clock.now(), &signed_in.app.random).to_string();
    show(&signed_in, id, form, &query.about, &query.follows).await
}

/// What names the draft of a ticket that is not opened yet: its writer's own.
pub(crate) fn draft(caller: &Caller) -> Result<String, Error> {
    Ok(format!("new-{}", caller.user()?))
}

/// What is not there any more is left out: the client writes all the same.
async fn show(
    caller: &Caller,
    id: String,
    form: FormState,
    about: &str,
    follows: &str,
) -> Result<Response, Error> {
    let named = about.split_once(':');
    let named = named.and_then(|(kind, id)| AboutKind::from_name(kind).map(|kind| (kind, id)));
    let about = match named.filter(|(kind, id)| kind.is_name(id)) {
        Some((kind, id)) => About::find(caller, kind, id).await?,
        None => None,
    };
    let follows = match find_ticket(&caller.app, caller.tenant, follows).await {
        Ok(ticket) => Some(ticket),
        Err(error) if error.code == Code::NotFound => None,
        Err(error) => return Err(error),
    };
    let layout = Layout::portal(&caller.context, Nav::Tickets);
    let facts = about.iter().flat_map(|it| words::about_facts(it, &layout)).collect();
    let draft = draft(caller)?;
    let page = Page { layout, form, id, draft, about, facts, follows };
    Ok(page.form.respond(&page))
}

pub(crate) async fn submit(
    Client(signed_in): Client,
    Form(form): Form<OpenForm>,
) -> Result<Response, Error> {
    let id: TicketId = form.id.parse().map_err(|_| Error::malformed("id"))?;
    match open(&signed_in, id, &form.input(), None).await {
        Ok(_) => Ok(see_other(&format!("/tickets/{id}?done=opened"))),
        // Sent twice: the ticket is there.
        Err(error) if error.code == Code::Conflict => {
            let ticket = find_ticket(&signed_in.app, signed_in.tenant, &form.id).await?;
            Ok(see_other(&format!("/tickets/{}?done=opened", ticket.id)))
        }
        Err(error) => {
            let state = form.state().failed(error)?;
            show(&signed_in, form.id, state, &form.about, &form.follows).await
        }
    }
}
