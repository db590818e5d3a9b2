//! The page of a ticket for staff: the clocks, the client, the conversation with the notes in it, and two ways to
//! write that nobody takes for each other.

use ::tickets::{
    reply::happened_words,
    words::{self, Standing},
};
use askama::Template;
use axum::response::Response;
use jiff::Timestamp;
use serde::Deserialize;
use shared::{
    account::{AccountStatus, User},
    app::App,
    auth::{Presented, Staff},
    error::Error,
    http::{PageQuery as Query, Path},
    id::UserId,
    ticket::{
        Attached, CannedAnswer, Message, Priority, Said, StaffMember, Status, Target, Ticket,
        ticket_home,
    },
    web::{FieldState, FormState, Layout, Nav, Options},
};

use super::{
    super::{
        list::is_late,
        note::{Content, Note},
    },
    Stored, load, note_words,
};

#[derive(Template)]
#[template(path = "tickets/one/page.html")]
struct Page {
    layout: Layout,
    form: FormState,
    /// The form of who looks after it.
    assigned: FormState,
    ticket: Ticket,
    standing: Standing,
    /// What was promised, and how each stands.
    clocks: Vec<(&'static str, String)>,
    /// What is known of the client.
    client: Vec<(&'static str, String)>,
    about: Vec<(String, String)>,
    entries: Vec<Entry>,
    /// The last entry of the conversation: what comes later came meanwhile.
    last: u32,
    /// Whether something came while an answer was written.
    meanwhile: bool,
    answers: Vec<(String, String)>,
    colleagues: Options,
    me: UserId,
    /// What was done, and which draft is done with.
    done: Option<(&'static str, String)>,
}

/// An entry of the conversation, and whether it is new to whoever was writing.
struct Entry {
    created_at: Timestamp,
    at: String,
    is_new: bool,
    kind: Kind,
}

enum Kind {
    Words { author: &'static str, name: String, body: String, files: Vec<Attached> },
    Change(String),
}

impl Entry {
    fn of(message: Message, layout: &Layout, last_seen: Option<u32>) -> Self {
        let kind = match message.said {
            Said::Written { body, attachments: files } => {
                let (author, name) = (message.author.kind.as_str(), message.author.name);
                Kind::Words { author, name, body, files }
            }
            Said::Happened(happened) => Kind::Change(happened_words(&happened, &layout.text)),
        };
        let is_new = last_seen.is_some_and(|it| message.place > it);
        Self { is_new, ..Self::new(message.created_at, kind, layout) }
    }

    fn of_note(note: Note, layout: &Layout) -> Self {
        let words = note_words(&note.content, &layout.text);
        let kind = match note.content {
            Content::Written(_) => {
                Kind::Words { author: "note", name: note.author, body: words, files: Vec::new() }
            }
            Content::Assigned(_) => {
                let name = layout.text.isolate(&note.author);
                let by = ("what", words.as_str());
                Kind::Change(layout.text.with2("ticket-happened-by", by, ("name", &name)))
            }
        };
        Self::new(note.created_at, kind, layout)
    }

    fn new(created_at: Timestamp, kind: Kind, layout: &Layout) -> Self {
        let at = layout.text.format().moment(&created_at);
        Self { created_at, at, is_new: false, kind }
    }
}

impl Page {
    fn number(&self) -> String {
        words::number(&self.ticket, &self.layout)
    }

    fn is_closed(&self) -> bool {
        self.ticket.is_closed()
    }

    fn is_mine(&self) -> bool {
        self.ticket.assignee.as_ref().is_some_and(|it| it.user == self.me)
    }

    /// Why, in the form of this field: the id of its own field and what was typed there.
    fn reason(&self, field: &str) -> (String, FieldState) {
        if self.form.has(field) {
            ("reason".to_owned(), self.form.field("reason"))
        } else {
            (format!("{field}-reason"), FormState::default().field("reason"))
        }
    }

    /// Where it can be put from where it stands.
    fn statuses(&self) -> Options {
        let ways: &[Status] = match self.ticket.status {
            Status::Open => &[Status::InProgress, Status::Resolved, Status::Closed],
            Status::InProgress => &[Status::Resolved, Status::Closed],
            Status::Resolved => &[Status::InProgress, Status::Closed],
            Status::Closed => &[Status::InProgress],
        };
        let option = |it: &Status| {
            (it.as_str().to_owned(), self.layout.t(format!("ticket-status-{}", it.as_str())))
        };
        ways.iter().map(option).collect()
    }

    fn priorities(&self) -> Options {
        let others = Priority::ALL.iter().filter(|it| **it != self.ticket.priority);
        let option = |it: &Priority| {
            (it.as_str().to_owned(), self.layout.t(format!("ticket-priority-{}", it.as_str())))
        };
        others.map(option).collect()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PageQuery {
    #[serde(default)]
    done: String,
    /// The place of an answer that is to stand in the form.
    #[serde(default)]
    answer: Option<usize>,
}

pub(crate) async fn page(
    presented: Presented,
    Path(id): Path<String>,
    Query(query): Query<PageQuery>,
) -> Result<Response, Error> {
    let (staff, stored) = load(presented, &id).await?;
    let draft = |of: &str| format!("{of}-{}", stored.ticket.id);
    let done = match query.done.as_str() {
        "sent" => Some(("support-done-sent", draft("staff"))),
        "noted" => Some(("support-done-noted", draft("note"))),
        "changed" => Some(("support-done-changed", String::new())),
        _ => None,
    };
    let answers = answers(&staff.app, &stored, staff_language(&staff));
    let chosen = query.answer.and_then(|place| answers.get(place));
    let body = chosen.map(|(_, text)| text.clone()).unwrap_or_default();
    let form = FormState::filled(vec![("body", body)]);
    Ok(shown(&staff, stored, form, None, done))
}

/// The page with what was typed and what is wrong with it; what came after an entry is marked.
pub(crate) async fn show(
    staff: &Staff,
    id: &str,
    form: FormState,
    last_seen: Option<u32>,
) -> Result<Response, Error> {
    let owner = ticket_home(&staff.app, id).await?;
    let stored = Stored::read(staff, &owner, id).await?;
    Ok(shown(staff, stored, form, last_seen, None))
}

fn staff_language(staff: &Staff) -> &'static str {
    staff.context.language().code()
}

/// Answers that are written often: for the client in its language, under names in the language of staff.
fn answers(app: &App, stored: &Stored, staff: &str) -> Vec<(String, String)> {
    let client = stored.contact.as_ref().map_or("en", |it| it.locale.code());
    let answer = |it: &CannedAnswer| {
        let (name, text) = it.in_languages(staff, client);
        (name.to_owned(), text.to_owned())
    };
    app.support.answers.iter().map(answer).collect()
}

fn shown(
    staff: &Staff,
    stored: Stored,
    form: FormState,
    last_seen: Option<u32>,
    done: Option<(&'static str, String)>,
) -> Response {
    let app = &staff.app;
    let layout = Layout::portal(&staff.context, Nav::Support);
    let answers = answers(app, &stored, staff_language(staff));
    let client = client_facts(&stored, &layout);
    let Stored { ticket, messages, notes, staff: colleagues, .. } = stored;
    let entries = messages.into_iter().map(|it| Entry::of(it, &layout, last_seen));
    let notes = notes.into_iter().map(|it| Entry::of_note(it, &layout));
    let mut entries: Vec<Entry> = entries.chain(notes).collect();
    entries.sort_by_key(|it| it.created_at);
    let assignee = ticket.assignee.as_ref().map(|it| it.user.to_string());
    let assigned = FormState::filled(vec![("assignee_id", assignee.unwrap_or_default())]);
    let page = Page {
        form,
        assigned,
        standing: Standing::for_staff(&ticket, is_late(&ticket, app)),
        clocks: clocks(&ticket, &layout, app),
        client,
        about: ticket.about.iter().flat_map(|it| words::about_facts(it, &layout)).collect(),
        last: ticket.entries,
        meanwhile: last_seen.is_some(),
        entries,
        answers,
        colleagues: colleague_options(colleagues, &layout),
        me: staff.0.session.user,
        done,
        ticket,
        layout,
    };
    page.form.respond(&page)
}

fn colleague_options(colleagues: Vec<StaffMember>, layout: &Layout) -> Options {
    let nobody = (String::new(), layout.t("ticket-nobody"));
    let option = |it: StaffMember| (it.user.to_string(), it.name);
    std::iter::once(nobody).chain(colleagues.into_iter().map(option)).collect()
}

fn client_facts(stored: &Stored, layout: &Layout) -> Vec<(&'static str, String)> {
    let Stored { ticket, account, contact, overview, .. } = stored;
    let status = match account.status {
        AccountStatus::Active => "support-account-active",
        AccountStatus::Suspended => "support-account-suspended",
    };
    let mut facts = vec![("support-client", ticket.client.clone())];
    facts.extend(contact.iter().flat_map(|it: &User| {
        let language = it.locale.own_name().to_owned();
        [("support-owner", it.name.clone()), ("support-language", language)]
    }));
    facts.extend([
        ("support-plan", account.plan.id.clone()),
        ("support-status", layout.t(status)),
        ("support-tickets-open", layout.text.format().number(overview.tickets_open)),
    ]);
    facts
}

/// How each promise stands.
fn clocks(ticket: &Ticket, layout: &Layout, app: &App) -> Vec<(&'static str, String)> {
    let said =
        |words: &str, at: &Timestamp| layout.text.with(words, "time", words::moment(at, layout));
    let over = matches!(ticket.status, Status::Resolved | Status::Closed);
    let state =
        |target: Target| match (target, ticket.first_reply_at, ticket.due(target, &app.support)) {
            (Target::FirstReply, Some(at), _) => said("support-clock-given", &at),
            (_, _, Some(at)) if at <= app.clock.now() => said("support-clock-late", &at),
            (_, _, Some(at)) => said("support-clock-due", &at),
            _ if over => layout.t("support-clock-over"),
            _ => layout.t("support-clock-paused"),
        };
    vec![
        ("support-first-reply", state(Target::FirstReply)),
        ("support-solution", state(Target::Solution)),
    ]
}
