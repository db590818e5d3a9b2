//! The page of a ticket: where it stands, what it is about, the conversation, and a way to answer.

use askama::Template;
use axum::response::Response;
use futures::future::{try_join_all, try_join3};
use serde::{Deserialize, de::IgnoredAny};
use shared::{
    app::App,
    auth::{Caller, Client, Presented},
    error::{Code, Error},
    http::{PageQuery as Query, Path, UploadsTo},
    id::{MessageId, TicketId},
    table::{Condition, Range, Tenant, Update, Written},
    ticket::{
        Attached, Attachment, AuthorKind, MOST_ATTACHMENTS, Message, Said, Status, Ticket,
        attachments_prefix, conversation, file_key, find_ticket, ticket_key,
    },
    web::{FormState, Layout, Nav},
};

use crate::{
    open,
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
    /// Files that were sent and belong to no message yet, and whether each is chosen for this one.
    waiting: Vec<(String, String, bool)>,
    /// What makes sending the form twice one message.
    once: String,
    can_reopen: bool,
    /// What was done, and which draft is done with.
    done: Option<(&'static str, String)>,
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
    let own = || stored.ticket.id.to_string();
    let done = match query.done.as_str() {
        "opened" => Some(("ticket-done-opened", open::draft(&signed_in)?)),
        "sent" => Some(("ticket-done-sent", own())),
        "closed" => Some(("ticket-done-closed", String::new())),
        "reopened" => Some(("ticket-done-reopened", String::new())),
        _ => None,
    };
    shown(&signed_in, stored, FormState::default(), None, done).await
}

/// The page with what was typed and chosen and what is wrong with it.
pub(crate) async fn show(
    caller: &Caller,
    id: &str,
    form: FormState,
    chosen: Option<Vec<String>>,
) -> Result<Response, Error> {
    let stored = read(&caller.app, caller.tenant, id).await?;
    shown(caller, stored, form, chosen, None).await
}

/// The files of a ticket that wait for a message of who asks and are there: what was announced and not sent is not.
async fn waiting(
    caller: &Caller,
    ticket: &Ticket,
    files: Vec<Attachment>,
) -> Result<Vec<Attachment>, Error> {
    let app = &caller.app;
    let waiting = files.into_iter().rev().filter(|it| it.waits_for(caller));
    let looks = waiting.map(async |file| {
        let place = file_key(caller.tenant, ticket.id, file.id);
        let bytes = app.files.bytes(app.config.files()?, &place).await?;
        Ok::<_, Error>(bytes.map(|_| file))
    });
    Ok(try_join_all(looks).await?.into_iter().flatten().collect())
}

async fn shown(
    caller: &Caller,
    stored: Stored,
    form: FormState,
    chosen: Option<Vec<String>>,
    done: Option<(&'static str, String)>,
) -> Result<Response, Error> {
    let app = &caller.app;
    let layout = Layout::portal(&caller.context, Nav::Tickets);
    let Stored { ticket, messages, files } = stored;
    let waiting = waiting(caller, &ticket, files).await?;
    let waiting = waiting.into_iter().enumerate().map(|(place, file)| {
        let id = file.id.to_string();
        // As many as a message takes, unless somebody has chosen.
        let by_itself = place < MOST_ATTACHMENTS;
        let is_chosen = chosen.as_ref().map_or(by_itself, |chosen| chosen.contains(&id));
        (id, file.name, is_chosen)
    });
    let page = Page {
        form,
        standing: Standing::of(&ticket),
        promise: words::promise(&ticket, &layout, app),
        about: ticket.about.iter().flat_map(|it| words::about_facts(it, &layout)).collect(),
        entries: messages.into_iter().map(|it| Entry::new(it, &layout)).collect(),
        waiting: waiting.collect(),
        once: MessageId::new(app.clock.now(), &app.random).to_string(),
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
