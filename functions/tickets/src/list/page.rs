//! The page `/tickets`: who has to act?

use askama::Template;
use axum::response::Response;
use serde::Deserialize;
use shared::{
    app::App,
    auth::{Client, Presented},
    error::Error,
    http::{ListQuery, PageQuery as Query},
    table::Tenant,
    ticket::{Side, Status, Ticket, unclosed_tickets},
    web::{Choice, Layout, Nav, render},
};

use super::{Shown, load};
use crate::words::{self, Standing};

#[derive(Template)]
#[template(path = "list/page.html")]
struct Page {
    layout: Layout,
    /// Those of one state of affairs, under its name.
    parts: Vec<(&'static str, Vec<Line>)>,
    show: Show,
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

/// What the page shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Show {
    Unclosed,
    Closed,
}

/// Which page.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PageQuery {
    #[serde(default)]
    show: String,
    #[serde(default)]
    cursor: Option<String>,
}

impl Page {
    fn choices(&self) -> Vec<Choice> {
        let choice = |href: &str, label: &str, show| Choice {
            href: href.to_owned(),
            label: self.layout.t(label),
            current: self.show == show,
        };
        vec![
            choice("/tickets", "tickets-unclosed", Show::Unclosed),
            choice("/tickets?show=closed", "tickets-closed", Show::Closed),
        ]
    }

    fn is_closed(&self) -> bool {
        self.show == Show::Closed
    }

    fn number(&self, ticket: &Ticket) -> String {
        words::number(ticket, &self.layout)
    }
}

pub(crate) async fn page(
    presented: Presented,
    Query(query): Query<PageQuery>,
) -> Result<Response, Error> {
    let show = if query.show == "closed" { Show::Closed } else { Show::Unclosed };
    let unclosed = async |app: &App, tenant: Tenant| match show {
        Show::Unclosed => Ok(unclosed_tickets(app, tenant).await?),
        Show::Closed => Ok(Vec::new()),
    };
    let (Client(signed_in), unclosed) = presented.alongside(unclosed).await?;
    let first = if query.cursor.is_some() { "/tickets?show=closed" } else { "" }.to_owned();
    let (tickets, next) = match show {
        Show::Unclosed => (unclosed, None),
        Show::Closed => {
            let shown = Shown { status: Some(Status::Closed), waiting_for: None };
            load(&signed_in, shown, ListQuery::after(query.cursor)).await?
        }
    };
    let layout = Layout::portal(&signed_in.context, Nav::Tickets);
    let parts = parts(tickets, &layout, &signed_in.app);
    let next = next.map(|it| format!("/tickets?show=closed&cursor={it}")).unwrap_or_default();
    Ok(render(&Page { layout, parts, show, first, next }))
}

/// What waits for the client comes first, then what waits for us; each in the order that it comes in.
fn parts(tickets: Vec<Ticket>, layout: &Layout, app: &App) -> Vec<(&'static str, Vec<Line>)> {
    let mut parts: Vec<(&'static str, Vec<Line>)> = Vec::new();
    for ticket in tickets {
        let name = match (ticket.status, ticket.waiting_for) {
            (Status::Closed, _) => "tickets-part-closed",
            (Status::Resolved, _) => "tickets-part-resolved",
            (_, Some(Side::You)) => "tickets-part-you",
            _ => "tickets-part-us",
        };
        let line = Line {
            standing: Standing::of(&ticket),
            since: words::since(&ticket, layout),
            promise: words::promise(&ticket, layout, app),
            ticket,
        };
        match parts.last_mut().filter(|(known, _)| *known == name) {
            Some((_, lines)) => lines.push(line),
            None => parts.push((name, vec![line])),
        }
    }
    parts
}
