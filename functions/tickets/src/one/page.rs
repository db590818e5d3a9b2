//! The page of a ticket: where it stands, what it is about, the conversation, and a way to answer.

use askama::Template;
use axum::response::Response;
use futures::future::try_join3;
use serde::{Deserialize, de::IgnoredAny};
use shared::{
    app::App,
    auth::{Caller, Client, Presented},
    error::{Code, Error},
    http::{PageQuery as Query, Path, UploadsTo},
    id::TicketId,
    table::{Condition, Range, Tenant, Update, Written},
    ticket::{
        Attached, Attachment, AuthorKind, Message, Said, Status, Ticket, attachments_prefix,
        conversation, find_ticket, ticket_key,
    },
    web::{FormState, Layout, Nav},
};

use crate::{
    reply::happened_words,
    words::{self, Standing},
};

#[derive(Template)]
#[template(path = "one/page.html")]
struct Page {
    layout: Layout,
    form: FormState,
    ticket: Ticket,
    standing: Standing,
    promise: String,
    about: Vec<(String, String)>,
    entries: Vec<Entry>,
    /// Files that were sent and belong to no message yet.
    waiting: Vec<(String, String)>,
    can_reopen: bool,
    done: &'static str,
}

/// An entry of the conversation.
pub(super) enum Entry {
    Words { author: AuthorKind, name: String, at: String, body: String, files: Vec<Attached> },
    Change { words: String, at: String },
}

impl Entry {
    fn new(message: Message, layout: &Layout) -> Self {
        let at = layout.text.format().moment(&message.created_at);
        match message.said {
            Said::Written { body, attachments: files } => {
                let (author, name) = (message.author.kind, message.author.name);
                Self::Words { author, name, at, body, files }
            }
            Said::Happened(happened) => {
                Self::Change { words: happened_words(&happened, &layout.text), at }
            }
        }
    }
}

impl Page {
    fn number(&self) -> String {
        words::number(&self.ticket, &self.layout)
    }

    fn moment(&self, at: &jiff::Timestamp) -> String {
        words::moment(at, &self.layout)
    }

    fn is_closed(&self) -> bool {
        self.ticket.is_closed()
    }

    fn is_resolved(&self) -> bool {
        self.ticket.status == Status::Resolved
    }

    fn category(&self) -> String {
        let known = crate::input::CATEGORIES.contains(&self.ticket.category.as_str());
        if known {
            self.layout.t(format!("ticket-category-{}", self.ticket.category))
        } else {
            self.layout.text.isolate(&self.ticket.category)
        }
    }

    /// What a file weighs, in the unit that people think in.
    fn weight(&self, bytes: &u64) -> String {
        let tenths = bytes.saturating_mul(10).div_ceil(1024);
        let (number, unit) = match tenths {
            0..10_240 => (tenths, "ticket-file-kb"),
            _ => (tenths.div_ceil(1024), "ticket-file-mb"),
        };
        let number = self.layout.text.format().tenths(number);
        self.layout.text.with(unit, "number", number)
    }

    /// What sending does to the ticket, in the words of its button.
    fn button(&self) -> &'static str {
        match self.ticket.status {
            Status::Open | Status::InProgress => "ticket-send",
            Status::Resolved | Status::Closed => "ticket-send-and-reopen",
        }
    }

    fn reopens_until(&self) -> String {
        let until = self.ticket.reopens_until();
        until
            .map(|at| self.layout.text.with("ticket-reopens-until", "time", self.moment(&at)))
            .unwrap_or_default()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PageQuery {
    #[serde(default)]
    done: String,
    /// What the bucket adds to the address where it sends a browser that has sent a file.
    #[serde(default, rename = "bucket")]
    _bucket: IgnoredAny,
    #[serde(default, rename = "key")]
    _key: IgnoredAny,
    #[serde(default, rename = "etag")]
    _etag: IgnoredAny,
}

/// What the page is made of.
pub(super) struct Stored {
    ticket: Ticket,
    messages: Vec<Message>,
    files: Vec<Attachment>,
}

async fn read(app: &App, tenant: Tenant, id: &str) -> Result<Stored, Error> {
    let parsed: TicketId = id.parse().map_err(|_| Code::NotFound)?;
    let files = Range::prefix(tenant, &attachments_prefix(parsed)).newest_first().limit(50);
    let (ticket, messages, (files, _)) = try_join3(
        find_ticket(app, tenant, id),
        async { Ok(conversation(app, tenant, parsed).await?) },
        async { Ok(app.table.page(&files).await?) },
    )
    .await?;
    Ok(Stored { ticket, messages, files })
}

pub(crate) async fn page(
    presented: Presented,
    Path(id): Path<String>,
    Query(query): Query<PageQuery>,
) -> Result<Response, Error> {
    let read = async |app: &App, tenant: Tenant| read(app, tenant, &id).await;
    let (Client(signed_in), stored) = presented.alongside(read).await?;
    if stored.ticket.unread {
        see(&signed_in, &stored.ticket).await?;
    }
    let done = match query.done.as_str() {
        "opened" => "ticket-done-opened",
        "sent" => "ticket-done-sent",
        "closed" => "ticket-done-closed",
        "reopened" => "ticket-done-reopened",
        _ => "",
    };
    shown(&signed_in, stored, FormState::default(), done)
}

/// The page with what was typed and what is wrong with it.
pub(crate) async fn show(caller: &Caller, id: &str, form: FormState) -> Result<Response, Error> {
    let stored = read(&caller.app, caller.tenant, id).await?;
    shown(caller, stored, form, "")
}

fn shown(
    caller: &Caller,
    stored: Stored,
    form: FormState,
    done: &'static str,
) -> Result<Response, Error> {
    let app = &caller.app;
    let layout = Layout::portal(&caller.context, Nav::Tickets);
    let Stored { ticket, messages, files } = stored;
    let waiting = files.into_iter().rev().filter(|it| it.waits_for(caller));
    let page = Page {
        form,
        standing: Standing::of(&ticket),
        promise: words::promise(&ticket, &layout, app),
        about: ticket.about.iter().flat_map(|it| words::about_facts(it, &layout)).collect(),
        entries: messages.into_iter().map(|it| Entry::new(it, &layout)).collect(),
        waiting: waiting.map(|it| (it.id.to_string(), it.name)).collect(),
        can_reopen: ticket.can_reopen(app.clock.now()),
        done,
        ticket,
        layout,
    };
    let mut response = page.form.respond(&page);
    response.extensions_mut().insert(UploadsTo(app.files.origin(app.config.files()?)));
    Ok(response)
}

/// Who looks at a ticket has seen it, unless somebody touched it meanwhile.
async fn see(caller: &Caller, ticket: &Ticket) -> Result<(), Error> {
    let as_shown = Condition::Equals("version", ticket.version.into());
    let seen = Update::new().set("unread", false).when(as_shown);
    let key = ticket_key(caller.tenant, ticket.id);
    let _written: Written<IgnoredAny> = caller.app.table.update(&key, seen).await?;
    Ok(())
}
