//! How a ticket stands, in the words of whoever looks at it.

use jiff::Timestamp;
use shared::{
    app::App,
    ticket::{About, Side, Status, Target, Ticket},
    web::Layout,
};

/// Where a ticket stands, as a chip shows it.
pub struct Standing {
    /// The chip's state.
    pub chip: &'static str,
    /// The message.
    pub words: &'static str,
}

impl Standing {
    /// As its client sees it.
    #[must_use]
    pub fn of(ticket: &Ticket) -> Self {
        let (chip, words) = match (ticket.status, ticket.waiting_for) {
            (Status::Closed, _) => ("off", "ticket-status-closed"),
            (Status::Resolved, _) => ("ok", "ticket-status-resolved"),
            (_, Some(Side::You)) => ("warning", "ticket-waits-for-you"),
            (Status::Open, _) => ("info", "ticket-status-open"),
            (Status::InProgress, _) => ("info", "ticket-status-in_progress"),
        };
        Self { chip, words }
    }

    /// As staff see it.
    #[must_use]
    pub fn for_staff(ticket: &Ticket, late: bool) -> Self {
        match (ticket.status, ticket.waiting_for) {
            (Status::Open | Status::InProgress, Some(Side::You)) => {
                Self { chip: "off", words: "ticket-waits-for-client" }
            }
            (Status::Open | Status::InProgress, _) if late => {
                Self { chip: "critical", words: "ticket-late" }
            }
            _ => Self::of(ticket),
        }
    }
}

/// Its number, as people name it.
#[must_use]
pub fn number(ticket: &Ticket, layout: &Layout) -> String {
    let number = layout.text.format().name(ticket.number);
    layout.text.with("ticket-number", "number", number)
}

/// Since when it stands so.
#[must_use]
pub fn since(ticket: &Ticket, layout: &Layout) -> String {
    let at = moment(&ticket.waiting_since, layout);
    layout.text.with("ticket-since", "time", at)
}

/// What is promised next, or that the clock stands still.
#[must_use]
pub fn promise(ticket: &Ticket, layout: &Layout, app: &App) -> String {
    let due = |target| ticket.due(target, &app.support);
    match (due(Target::FirstReply), due(Target::Solution)) {
        _ if ticket.is_closed() || ticket.status == Status::Resolved => String::new(),
        (Some(at), _) => promised("ticket-reply-by", &at, app, layout),
        (None, Some(at)) => promised("ticket-solution-by", &at, app, layout),
        (None, None) => layout.t("ticket-paused"),
    }
}

/// The same, as staff say it.
#[must_use]
pub fn promise_for_staff(ticket: &Ticket, layout: &Layout, app: &App) -> String {
    let stands = !ticket.stopwatch.runs() && !ticket.is_closed();
    if stands && ticket.status != Status::Resolved {
        return layout.t("ticket-paused-for-staff");
    }
    promise(ticket, layout, app)
}

fn promised(words: &str, at: &Timestamp, app: &App, layout: &Layout) -> String {
    let late = *at <= app.clock.now();
    let words = if late { format!("{words}-late") } else { words.to_owned() };
    layout.text.with(&words, "time", moment(at, layout))
}

/// A moment, isolated from the words around it.
#[must_use]
pub fn moment(at: &Timestamp, layout: &Layout) -> String {
    layout.text.isolate(&layout.text.format().hour(at))
}

/// What a ticket is about, as it looked when it was opened: what is known, each with its label.
#[must_use]
pub fn about_facts(about: &About, layout: &Layout) -> Vec<(String, String)> {
    let fact = |label: &str, value: String| (layout.t(label), value);
    let format = layout.text.format();
    match about {
        About::Invoice { snapshot, .. } => {
            let number = snapshot.number.clone().unwrap_or_else(|| "–".to_owned());
            let state = format!("invoice-state-{}", snapshot.state.as_str());
            vec![
                fact("invoice-number", number),
                fact("ticket-about-status", layout.t(state)),
                fact("invoice-for", format.moment(&snapshot.start)),
                fact("invoice-until", format.moment(&snapshot.end)),
                fact("invoice-total", layout.text.money(snapshot.total.amount)),
                fact("invoice-amount-due", layout.text.money(snapshot.amount_due.amount)),
            ]
        }
        About::ApiKey { snapshot, .. } => {
            let mut facts = vec![
                fact("ticket-about-name", snapshot.name.clone()),
                fact("ticket-about-key", format!("{}…{}", snapshot.prefix, snapshot.last4)),
                fact("keys-created", format.moment(&snapshot.created_at)),
            ];
            facts.extend(
                snapshot.expires_at.map(|at| fact("keys-expires-fact", format.moment(&at))),
            );
            facts
        }
        About::UsageEvent { snapshot, .. } => {
            let mut facts = vec![
                fact("requests-time", format.moment(&snapshot.time)),
                fact("requests-kind", layout.t(format!("ai-{}", snapshot.ai_type.as_str()))),
                fact("requests-model", snapshot.model.clone()),
                fact("usage-requests", format.number(snapshot.requests)),
                fact("usage-input", format.number(snapshot.input_tokens)),
                fact("usage-output", format.number(snapshot.output_tokens)),
                fact("usage-cost", layout.text.money(snapshot.cost.amount)),
            ];
            let taken_back = snapshot.taken_back_at.map(|at| format.moment(&at));
            facts.extend(taken_back.map(|it| fact("requests-taken-back", it)));
            facts.extend(snapshot.status.clone().map(|it| fact("requests-status", it)));
            facts.push(fact("requests-id", snapshot.event_id.clone()));
            facts
        }
    }
}
