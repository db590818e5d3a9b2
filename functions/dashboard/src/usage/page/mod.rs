//! The page `/usage`: how much, of what, against the plan and against before; a chart and the same
//! numbers as a table, down to the requests of a day.

mod choices;
mod figures;

use std::collections::BTreeMap;

use askama::Template;
use axum::response::Response;
use futures::future::try_join3;
use jiff::Timestamp;
use serde::Deserialize;
use shared::{
    account::{Subscription, subscription_key},
    auth::{Client, SignedIn},
    error::Error,
    http::PageQuery,
    plan::Plan,
    table::Read,
    usage::{Grain, Totals},
    web::{Figure, FormState, Layout, Nav, sparkline},
};

use super::{
    Course, GroupBy, Metric, Question, UsageQuery, compare, grain_name, read::Row, rows, sum,
};

/// The question of the API, and which of the numbers the chart shows.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PageQuestion {
    #[serde(default)]
    from: Option<String>,
    #[serde(default)]
    to: Option<String>,
    #[serde(default)]
    granularity: Option<String>,
    #[serde(default)]
    group_by: Option<String>,
    #[serde(default)]
    metric: Option<String>,
}

impl PageQuestion {
    fn metric(&self) -> Metric {
        let asked = self.metric.as_deref();
        Metric::ALL.into_iter().find(|it| Some(it.as_str()) == asked).unwrap_or_default()
    }

    /// The question; a form sends what was left empty as well.
    fn query(self) -> UsageQuery {
        let filled = |field: Option<String>| field.filter(|text| !text.is_empty());
        UsageQuery {
            from: filled(self.from),
            to: filled(self.to),
            granularity: filled(self.granularity),
            group_by: filled(self.group_by),
        }
    }
}

/// What the page is made from.
struct Asked {
    question: Question,
    metric: Metric,
    rows: Vec<Row>,
    updated_at: Option<Timestamp>,
    /// The sum of the time before.
    before: Totals,
    plan: Option<Plan>,
}

#[derive(Template)]
#[template(path = "usage/page/page.html")]
struct Page {
    layout: Layout,
    form: FormState,
    zone: String,
    asked: Asked,
    starts: Vec<String>,
    totals: Totals,
    /// The billing period, where the page shows just that.
    course: Option<Course>,
    signed_in: SignedIn,
}

pub(crate) async fn page(
    Client(signed_in): Client,
    PageQuery(query): PageQuery<PageQuestion>,
) -> Result<Response, Error> {
    // A range that is not valid keeps what was typed, says what is wrong and shows this month.
    let (metric, query) = (query.metric(), query.query());
    let typed = |text: &Option<String>| text.clone().unwrap_or_default();
    let form = FormState::filled(vec![("from", typed(&query.from)), ("to", typed(&query.to))]);
    let (question, form) = match query.parse(&signed_in) {
        Ok(question) => {
            let (from, to) = (question.span.from.to_string(), question.span.to.to_string());
            (question, FormState::filled(vec![("from", from), ("to", to)]))
        }
        Err(error) => (UsageQuery::default().parse(&signed_in)?, form.failed(error)?),
    };
    let asked = load(&signed_in, question, metric).await?;
    let page = Page::new(signed_in, asked, form);
    Ok(page.form.respond(&page))
}

/// The counters asked for, those of the time before, and the plan, side by side.
async fn load(signed_in: &SignedIn, question: Question, metric: Metric) -> Result<Asked, Error> {
    let before = question.before(signed_in);
    let subscription = subscription_key(signed_in.tenant);
    let subscription =
        async { Ok(signed_in.app.table.get::<Subscription>(&subscription, Read::Eventual).await?) };
    let ((rows, updated_at), (earlier, _), subscription) =
        try_join3(rows(signed_in, &question), rows(signed_in, &before), subscription).await?;
    let plan = subscription.and_then(|it| signed_in.app.plans.find(&it.plan).cloned());
    Ok(Asked { question, metric, rows, updated_at, before: sum(&earlier), plan })
}

impl Page {
    fn new(signed_in: SignedIn, asked: Asked, form: FormState) -> Self {
        let (zones, now) = (&signed_in.account.zones, signed_in.app.clock.now());
        let question = &asked.question;
        let today = zones.day(now);
        let start = today.first_of_month();
        let this_period = question.span.from == start && question.span.to > today;
        let end = today.last_of_month().tomorrow().unwrap_or(today);
        Self {
            layout: Layout::portal(&signed_in.context, Nav::Usage),
            form,
            zone: zones.at(now).name().to_owned(),
            starts: question.span.starts(question.grain, zones, now),
            totals: sum(&asked.rows),
            course: this_period.then(|| Course {
                start: zones.start_of(start),
                now,
                end: zones.start_of(end),
            }),
            asked,
            signed_in,
        }
    }

    /// A number of the whole range, how it went, and how it stands to the time before.
    fn stat(&self, metric: &Metric) -> (String, String, String) {
        let (now, before) = (metric.of(&self.totals), metric.of(&self.asked.before));
        let span = self.asked.question.before(&self.signed_in).span;
        let text = &self.layout.text;
        (
            metric.words(text, now),
            compare::change(text, *metric, now, before, span),
            sparkline(&self.values(*metric)),
        )
    }

    fn metrics() -> [Metric; 3] {
        Metric::ALL
    }

    /// Where the period leads at its pace so far, and what of the plan that is.
    fn outlook(&self) -> Option<String> {
        let (course, plan) = (self.course?, self.asked.plan.as_ref()?);
        let metric = self.asked.metric;
        let (used, limit) = (metric.of(&self.totals), metric.limit(plan));
        let zones = &self.signed_in.account.zones;
        let words = metric.outlook(&self.layout.text, zones, course, used, limit);
        (!words.is_empty()).then_some(words)
    }

    /// A span's start in the reader's words.
    fn when(&self, start: &str) -> String {
        let format = self.layout.text.format();
        let day = || start.parse().ok();
        let words = match self.asked.question.grain {
            Grain::Month => day().map(|day| format.month(&day)),
            Grain::Day => day().map(|day| format.date(&day)),
            Grain::Hour => start.parse().ok().map(|at| format.hour(&at)),
        };
        words.unwrap_or_else(|| start.to_owned())
    }

    /// The requests of a row, where the log can tell them apart.
    fn requests_of(&self, row: &Row) -> Option<String> {
        let question = &self.asked.question;
        let day: jiff::civil::Date =
            row.start.parse().ok().filter(|_| question.grain == Grain::Day)?;
        let to = day.tomorrow().ok()?;
        let kind = match (question.group_by, &row.key) {
            (None, _) => String::new(),
            (Some(GroupBy::AiType), Some(key)) => format!("&ai_type={key}"),
            _ => return None,
        };
        Some(format!("/usage/requests?from={day}&to={to}{kind}"))
    }

    fn name(&self, key: Option<&str>) -> String {
        match (key, self.asked.question.group_by) {
            (Some(key), Some(GroupBy::AiType)) => self.layout.t(format!("ai-{key}")),
            (key, _) => key.unwrap_or_default().to_owned(),
        }
    }

    /// Each group's sum and its share of what the chart shows, in percent; the largest first.
    fn groups(&self) -> Vec<(String, Totals, u64)> {
        let mut sums: BTreeMap<Option<&str>, Totals> = BTreeMap::new();
        for row in &self.asked.rows {
            sums.entry(row.key.as_deref()).or_default().add(&row.totals);
        }
        let metric = self.asked.metric;
        let mut sums: Vec<_> = sums.into_iter().collect();
        sums.sort_by_key(|(_, sum)| std::cmp::Reverse(metric.of(sum)));
        let all = metric.of(&self.totals).max(1);
        let share = |sum: &Totals| metric.of(sum).saturating_mul(100) / all;
        let row = |(key, sum): (Option<&str>, Totals)| {
            (self.name(key), sum, u64::try_from(share(&sum)).unwrap_or(100))
        };
        sums.into_iter().map(row).collect()
    }

    fn number(&self, number: &u64) -> String {
        self.layout.text.format().number(number)
    }

    fn grain_name(&self) -> &'static str {
        grain_name(self.asked.question.grain)
    }

    fn figures(&self) -> Vec<Figure> {
        self.bars().into_iter().chain(self.course()).collect()
    }
}
