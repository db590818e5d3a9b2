//! The page `/usage`: a chart and the same numbers as a table.

use askama::Template;
use axum::response::Response;
use jiff::{Timestamp, civil::Date};
use shared::{
    auth::{Client, SignedIn},
    error::Error,
    http::PageQuery,
    money::Pico,
    usage::{Grain, Totals},
    web::{Bar, Chart, FormState, Layout, Nav},
};

use super::{GroupBy, Question, UsageQuery, grain_name, read::Row, rows, sum};

#[derive(Template)]
#[template(path = "usage/page.html")]
struct Page {
    layout: Layout,
    form: FormState,
    zone: String,
    span: (Date, Date),
    grain: Grain,
    group_by: Option<GroupBy>,
    starts: Vec<String>,
    rows: Vec<Row>,
    totals: Totals,
    updated_at: Option<Timestamp>,
}

/// A link of the page's choices.
struct Choice {
    label: String,
    href: String,
    current: bool,
}

pub(crate) async fn page(
    Client(signed_in): Client,
    PageQuery(query): PageQuery<UsageQuery>,
) -> Result<Response, Error> {
    // A range that is not valid keeps what was typed, says what is wrong and shows this month.
    let typed = |text: &Option<String>| text.clone().unwrap_or_default();
    let form = FormState::filled(vec![("from", typed(&query.from)), ("to", typed(&query.to))]);
    let (question, form) = match query.without_empty().parse(&signed_in) {
        Ok(question) => {
            let (from, to) = (question.span.from.to_string(), question.span.to.to_string());
            (question, FormState::filled(vec![("from", from), ("to", to)]))
        }
        Err(error) => (UsageQuery::default().parse(&signed_in)?, form.failed(error)?),
    };
    let (rows, updated_at) = rows(&signed_in, &question).await?;
    let page = Page::new(&signed_in, &question, rows, updated_at, form);
    Ok(page.form.respond(&page))
}

impl Page {
    fn new(
        signed_in: &SignedIn,
        question: &Question,
        rows: Vec<Row>,
        updated_at: Option<Timestamp>,
        form: FormState,
    ) -> Self {
        Self {
            layout: Layout::portal(&signed_in.context, Nav::Usage),
            form,
            zone: signed_in.account.zones.at(signed_in.app.clock.now()).name().to_owned(),
            span: (question.span.from, question.span.to),
            grain: question.grain,
            group_by: question.group_by,
            starts: question.span.starts(
                question.grain,
                &signed_in.account.zones,
                signed_in.app.clock.now(),
            ),
            totals: sum(&rows),
            rows,
            updated_at,
        }
    }

    fn grain_name(&self) -> &'static str {
        grain_name(self.grain)
    }

    fn href(&self, grain: Grain, group_by: Option<GroupBy>) -> String {
        let group = group_by.map_or(String::new(), |group| format!("&group_by={}", group.as_str()));
        let (from, to) = self.span;
        format!("/usage?from={from}&to={to}&granularity={}{group}", grain_name(grain))
    }

    fn grains(&self) -> Vec<Choice> {
        let grains = [Grain::Hour, Grain::Day, Grain::Month];
        let choice = |grain| Choice {
            label: self.layout.t(format!("usage-by-{}", grain_name(grain))),
            href: self.href(grain, self.group_by.filter(|group| group.has(grain))),
            current: grain == self.grain,
        };
        grains.into_iter().map(choice).collect()
    }

    fn groupings(&self) -> Vec<Choice> {
        let groups = GroupBy::ALL.into_iter().filter(|group| group.has(self.grain));
        let choice = |group: Option<GroupBy>| Choice {
            label: self.layout.t(format!("usage-group-{}", group.map_or("none", GroupBy::as_str))),
            href: self.href(self.grain, group),
            current: group == self.group_by,
        };
        std::iter::once(None).chain(groups.map(Some)).map(choice).collect()
    }

    /// A span's start in the reader's words.
    fn when(&self, start: &str) -> String {
        let format = self.layout.text.format();
        match self.grain {
            Grain::Month => {
                start.parse().map_or_else(|_| start.to_owned(), |day| format.month(&day))
            }
            Grain::Day => start.parse().map_or_else(|_| start.to_owned(), |day| format.date(&day)),
            Grain::Hour => start.parse().map_or_else(|_| start.to_owned(), |at| format.moment(&at)),
        }
    }

    fn key(&self, row: &Row) -> String {
        match (&row.key, self.group_by) {
            (Some(key), Some(GroupBy::AiType)) => self.layout.t(format!("ai-{key}")),
            (Some(key), _) => key.clone(),
            (None, _) => String::new(),
        }
    }

    fn money(&self, amount: &Pico) -> String {
        let text = &self.layout.text;
        text.with("money", "amount", text.format().amount(amount))
    }

    fn number(&self, number: &u64) -> String {
        self.layout.text.format().number(number)
    }

    /// The bars: tokens, all groups of a span together, and a gap where nothing was used.
    fn chart(&self) -> String {
        let tokens = |start: &str| {
            let of_span = self.rows.iter().filter(|row| row.start == start);
            of_span.map(|row| row.totals.tokens()).fold(0, u64::saturating_add)
        };
        let bars = self.starts.iter().map(|start| {
            let value = tokens(start);
            let when = self.when(start);
            Bar { label: self.layout.text.count("usage-bar", value, ("when", &when)), value }
        });
        Chart { title: self.chart_title(), bars: bars.collect() }.svg()
    }

    fn chart_title(&self) -> String {
        let (first, last) = self.edges();
        self.layout.text.with2("usage-chart", ("from", &first), ("to", &last))
    }

    /// The chart's first and last span in the reader's words.
    fn edges(&self) -> (String, String) {
        let edge = |start: Option<&String>| start.map(|it| self.when(it)).unwrap_or_default();
        (edge(self.starts.first()), edge(self.starts.last()))
    }
}
