//! The page `/admin/tickets`.

use ::tickets::words::{self, Standing};
use askama::Template;
use axum::response::Response;
use shared::{
    app::App,
    auth::Presented,
    error::Error,
    http::{PageQuery as Query, encoded},
    ticket::{Target, Ticket},
    web::{Choice, Layout, Nav, render},
};

use super::{QueueQuery, load};

#[derive(Template)]
#[template(path = "tickets/list/page.html")]
struct Page {
    layout: Layout,
    lines: Vec<Line>,
    choices: Vec<Choice>,
    first: String,
    next: String,
}

/// A ticket of the list.
struct Line {
    ticket: Ticket,
    standing: Standing,
    since: String,
    promise: String,
}

impl Page {
    fn number(&self, ticket: &Ticket) -> String {
        words::number(ticket, &self.layout)
    }
}

/// The views of the queue: the address of each, and its name.
const VIEWS: [(&str, &str); 5] = [
    ("", "support-queue"),
    ("waiting_for=us", "support-us"),
    ("assignee=me", "support-mine"),
    ("assignee=none", "support-unassigned"),
    ("status=closed", "support-closed"),
];

/// The address of a view; of a client's alone where one was chosen.
fn address(view: &str, client: Option<&str>) -> String {
    let client = client.map(|id| format!("client={}", encoded(id)));
    let parts: Vec<&str> = [view, client.as_deref().unwrap_or_default()]
        .into_iter()
        .filter(|it| !it.is_empty())
        .collect();
    if parts.is_empty() {
        "/admin/tickets".to_owned()
    } else {
        format!("/admin/tickets?{}", parts.join("&"))
    }
}

impl QueueQuery {
    fn view(&self) -> &'static str {
        let asked = |name: &str, value: &Option<String>| {
            value.as_deref().map(|it| format!("{name}={it}")).unwrap_or_default()
        };
        let [status, assignee, side] = [
            asked("status", &self.status),
            asked("assignee", &self.assignee),
            asked("waiting_for", &self.waiting_for),
        ];
        let view = VIEWS.iter().find(|(view, _)| {
            !view.is_empty() && [&status, &assignee, &side].iter().any(|it| it == view)
        });
        view.map_or("", |(view, _)| view)
    }
}

pub(crate) async fn page(
    presented: Presented,
    Query(query): Query<QueueQuery>,
) -> Result<Response, Error> {
    let (staff, tickets, next) = load(presented, &query).await?;
    let layout = Layout::portal(&staff.context, Nav::Support);
    let (view, client) = (query.view(), query.client.as_deref());
    let here = address(view, client);
    let choice = |(it, name): &(&str, &str)| Choice {
        href: address(it, client),
        label: layout.t(*name),
        current: *it == view,
    };
    let choices = VIEWS.iter().map(choice).collect();
    let joint = if here.contains('?') { '&' } else { '?' };
    let next = next.map(|it| format!("{here}{joint}cursor={it}")).unwrap_or_default();
    let first = if query.cursor.is_some() { here } else { String::new() };
    let lines = tickets.into_iter().map(|it| line(it, &layout, &staff.app)).collect();
    Ok(render(&Page { layout, lines, choices, first, next }))
}

fn line(ticket: Ticket, layout: &Layout, app: &App) -> Line {
    Line {
        standing: Standing::for_staff(&ticket, is_late(&ticket, app)),
        since: words::since(&ticket, layout),
        promise: words::promise_for_staff(&ticket, layout, app),
        ticket,
    }
}

/// Whether something that was promised is over.
pub(in crate::tickets) fn is_late(ticket: &Ticket, app: &App) -> bool {
    let now = app.clock.now();
    Target::ALL.iter().filter_map(|it| ticket.due(*it, &app.support)).any(|due| due <= now)
}
