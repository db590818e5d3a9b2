//! The page `/usage/requests`: the request log.

use askama::Template;
use axum::response::Response;
use shared::{
    auth::{Client, Presented},
    error::Error,
    http::PageQuery,
    plan::AiType,
    web::{FormState, Layout, Nav, Options},
};

use super::{EventReply, EventsQuery, load};

#[derive(Template)]
#[template(path = "events/page.html")]
struct Page {
    layout: Layout,
    form: FormState,
    events: Vec<EventReply>,
    next: String,
    /// Empty on the first page.
    first: String,
    /// Whether what was asked is not valid.
    wrong: bool,
}

const PATH: &str = "/usage/requests";

pub(crate) async fn page(
    presented: Presented,
    PageQuery(query): PageQuery<EventsQuery>,
) -> Result<Response, Error> {
    let query = query.without_empty();
    let asked = |field: &Option<String>| field.clone().unwrap_or_default();
    let (from, to, ai_type) = (asked(&query.from), asked(&query.to), asked(&query.ai_type));
    let form = FormState::filled(vec![
        ("from", from.clone()),
        ("to", to.clone()),
        ("ai_type", ai_type.clone()),
    ]);
    let limit = query.limit.clone().unwrap_or_default();
    let address = |cursor: &str| {
        let pairs = [
            ("from", from.as_str()),
            ("to", &to),
            ("ai_type", &ai_type),
            ("limit", &limit),
            ("cursor", cursor),
        ];
        let given: Vec<_> = pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        let query = serde_urlencoded::to_string(given).unwrap_or_default();
        if query.is_empty() { PATH.to_owned() } else { format!("{PATH}?{query}") }
    };
    let first = if query.cursor.is_some() { address("") } else { String::new() };
    let (access, listed) = load::<Client>(presented, query).await?;
    let layout = Layout::portal(&access.context, Nav::Usage);
    // What is not valid stays in the form, beside what is wrong with it.
    let wrong = listed.is_err();
    let (events, next, form) = match listed {
        Ok((events, next)) => (events, next.map_or(String::new(), |it| address(&it)), form),
        Err(error) => (Vec::new(), String::new(), form.failed(error)?),
    };
    let page = Page { layout, form, events, next, first, wrong };
    Ok(page.form.respond(&page))
}

impl Page {
    /// Whether all of this month was asked for, from its newest on.
    fn is_unfiltered(&self) -> bool {
        self.first.is_empty()
            && ["from", "to", "ai_type"]
                .into_iter()
                .all(|name| self.form.field(name).value.is_empty())
    }

    fn kinds(&self) -> Options {
        let all = (String::new(), self.layout.t("requests-all-kinds"));
        let kinds = AiType::ALL
            .into_iter()
            .map(|kind| (kind.as_str().to_owned(), self.layout.t(format!("ai-{}", kind.as_str()))));
        std::iter::once(all).chain(kinds).collect()
    }

    fn latency(&self, event: &EventReply) -> String {
        let format = self.layout.text.format();
        event.latency_ms.map_or_else(
            || "–".to_owned(),
            |it| self.layout.text.with("requests-ms", "number", format.number(u64::from(it))),
        )
    }

    fn number(&self, number: &u64) -> String {
        self.layout.text.format().number(number)
    }
}
