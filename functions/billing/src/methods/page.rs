//! The page of the cards: which one is charged, another one, and which one may go.

use askama::Template;
use axum::{
    http::{HeaderValue, header},
    response::Response,
};
use serde::Deserialize;
use shared::{
    auth::{Client, Presented, SignedIn, SudoFields, SudoForm},
    error::{Code, Error},
    http::{PageQuery, Path},
    money::Pico,
    payments::{Method, MethodState},
    web::{Layout, Nav, render, see_other},
};

use super::{
    Stored,
    add::{HERE, MethodInput, add},
    change::Change,
    read, today,
};

#[derive(Template)]
#[template(path = "methods/page.html")]
struct Page {
    layout: Layout,
    stored: Stored,
    now: jiff::Timestamp,
    /// What was just done, and how it is told.
    done: &'static str,
    /// Whether a card that was just typed is not here yet.
    waits: bool,
}

#[derive(Template)]
#[template(path = "methods/leaving.html")]
struct Leaving {
    layout: Layout,
    url: String,
}

impl Page {
    fn name(&self, method: &Method) -> String {
        crate::words::card(&method.brand, &method.last4, &self.layout.text)
    }

    fn expires(&self, method: &Method) -> String {
        let last = method.over_from().yesterday().unwrap_or(method.over_from());
        let month = self.layout.text.format().month(&last);
        self.layout.text.with("method-expires", "month", month)
    }

    fn is_expired(&self, method: &Method) -> bool {
        method.state(today(self.now)) == MethodState::Expired
    }

    fn is_default(&self, method: &Method) -> bool {
        self.stored.wallet.default == Some(method.id)
    }

    /// Whether it may not go: it is the last one, and something is due.
    fn is_needed(&self) -> bool {
        self.stored.wallet.methods.len() == 1 && self.stored.balance.due > Pico::ZERO
    }

    fn is_full(&self) -> bool {
        self.stored.wallet.is_full()
    }
}

#[derive(Deserialize)]
pub(crate) struct MethodsQuery {
    /// From where somebody comes: the provider's page, or an invoice that wants a card.
    #[serde(default)]
    from: String,
    /// The card that was just typed.
    #[serde(default)]
    method: String,
    /// What was kept of a form that has nothing to keep.
    #[serde(default, rename = "kept")]
    _kept: String,
}

fn layout(signed_in: &SignedIn) -> Layout {
    Layout::portal(&signed_in.context, Nav::Billing)
}

pub(crate) async fn page(
    presented: Presented,
    PageQuery(query): PageQuery<MethodsQuery>,
) -> Result<Response, Error> {
    let (Client(signed_in), mut stored) = presented.alongside(read).await?;
    let now = signed_in.app.clock.now();
    stored.wallet.forget_expired(now);
    let named = query.method.as_str();
    let waits = stored.wallet.pending.iter().any(|it| it.id.to_string() == named);
    let is_here = stored.wallet.methods.iter().any(|it| it.id.to_string() == named);
    let done = match (query.from.as_str(), is_here) {
        (_, true) => "methods-done-added",
        ("removed", _) => "methods-done-removed",
        ("default", _) => "methods-done-default",
        ("pay", _) if stored.wallet.methods.is_empty() => "methods-wanted",
        _ => "",
    };
    let mut reply = render(&Page { layout: layout(&signed_in), stored, now, done, waits });
    if waits {
        // The provider's word comes in a moment.
        let again = HeaderValue::from_static("2");
        reply.headers_mut().insert(header::REFRESH, again);
    }
    Ok(reply)
}

/// The button has nothing to fill in.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AddForm {}

impl SudoFields for AddForm {}

pub(crate) async fn add_submit(
    SudoForm(Client(signed_in), AddForm {}): SudoForm<Client, AddForm>,
) -> Result<Response, Error> {
    let setup = add(&signed_in, &MethodInput::default(), None).await?;
    Ok(leave(layout(&signed_in), setup.setup_url))
}

/// The way to a page of the provider's. A form's answer must not lead to another site, so that a page of ours does.
pub(crate) fn leave(layout: Layout, url: String) -> Response {
    let refresh = HeaderValue::from_str(&format!("0; url={url}"));
    let mut reply = render(&Leaving { layout, url });
    if let Ok(refresh) = refresh {
        reply.headers_mut().insert(header::REFRESH, refresh);
    }
    reply
}

async fn submit(signed_in: &SignedIn, id: &str, it: Change, how: &str) -> Result<Response, Error> {
    match it.make(signed_in, id).await {
        Ok(()) => Ok(see_other(&format!("{HERE}?from={how}"))),
        // Gone already: what was wanted is so.
        Err(error) if error.code == Code::NotFound => Ok(see_other(HERE)),
        Err(error) => Err(error),
    }
}

pub(crate) async fn default_submit(
    Client(signed_in): Client,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    submit(&signed_in, &id, Change::Default, "default").await
}

pub(crate) async fn remove_submit(
    Client(signed_in): Client,
    Path(id): Path<String>,
) -> Result<Response, Error> {
    submit(&signed_in, &id, Change::Remove, "removed").await
}
