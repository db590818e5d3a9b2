//! The page `/usage`: how much, of what, against the plan and against before; a chart and the same
//! numbers as a table, down to the requests of a day.

mod choices;
mod drawn;
mod figures;

use std::collections::BTreeMap;

use askama::Template;
use axum::response::Response;
use futures::future::{try_join, try_join3};
use jiff::{Timestamp, civil::Date};
use serde::Deserialize;
use shared::{
    auth::{Caller, Client},
    error::Error,
    http::PageQuery,
    usage::{Course, Grain, LimitsInForce, Metric, OTHERS, Totals},
    web::{Figure, FormState, Layout, Nav, sparkline},
};

use super::{GroupBy, Question, UsageQuery, compare::Comparison, grain_name, read::Row, rows, sum};

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
    /// All use of the range, whatever group it belongs to.
    totals: Totals,
    updated_at: Option<Timestamp>,
    /// `None` where no day of the range is over.
    comparison: Option<Comparison>,
    limits: Option<LimitsInForce>,
    today: Date,
}

#[derive(Template)]
#[template(path = "report/page/page.html")]
struct Page {
    layout: Layout,
    form: FormState,
    zone: String,
    asked: Asked,
    starts: Vec<String>,
    /// The billing period, where the page shows just that.
    course: Option<Course>,
    caller: Client,
}

pub(crate) async fn page(
    caller: Client,
    PageQuery(query): PageQuery<PageQuestion>,
) -> Result<Response, Error> {
    // A range that is not valid keeps what was typed, says what is wrong and shows this month.
    let (metric, query) = (query.metric(), query.query());
    let typed = |text: &Option<String>| text.clone().unwrap_or_default();
    let form = FormState::filled(vec![("from", typed(&query.from)), ("to", typed(&query.to))]);
    let parsed = query.parse(&caller);
    let (question, form) = match parsed {
        Ok(question) => {
            let (from, to) = (question.span.from.to_string(), question.span.to.to_string());
            (question, FormState::filled(vec![("from", from), ("to", to)]))
        }
        Err(error) => (UsageQuery::default().parse(&caller)?, form.failed(error)?),
    };
    let asked = load(&caller, question, metric).await?;
    let page = Page::new(caller, asked, form);
    Ok(page.form.respond(&page))
}

/// The counters asked for, all use where groups do not hold it, that of the time before, and the
/// plan: side by side.
async fn load(caller: &Caller, question: Question, metric: Metric) -> Result<Asked, Error> {
    let today = caller.account.zones.day(caller.app.clock.now());
    let over = question.span.over(today);
    let compared = async {
        let Some(over) = over else { return Ok(None) };
        let (now, before) = (Question::of_days(over), Question::of_days(over.before()));
        let now = async {
            // Rows by the day have it already.
            if question.grain == Grain::Day { Ok(None) } else { rows(caller, &now).await.map(Some) }
        };
        let (now, before) = try_join(now, rows(caller, &before)).await?;
        Ok(Some((over, now, sum(&before.0))))
    };
    let whole = question.group_by.is_none_or(GroupBy::is_whole);
    let all = async {
        if whole { Ok(None) } else { rows(caller, &question.ungrouped()).await.map(Some) }
    };
    let ((mut rows, mut updated_at), all, compared) =
        try_join3(rows(caller, &question), all, compared).await?;
    if let Some((all, at)) = all {
        rows = with_the_rest(rows, all);
        updated_at = at;
    }
    let totals = sum(&rows);
    let comparison = compared.map(|(over, now, before)| {
        let end = over.to.to_string();
        let is_over = |row: &&Row| row.start < end;
        let own = || sum(rows.iter().filter(is_over));
        Comparison { over, now: now.map_or_else(own, |(now, _)| sum(&now)), before }
    });
    let plan = caller.app.plans.find(&caller.account.plan);
    let limits = plan.map(|plan| LimitsInForce::new(plan, caller.account.cost_cap));
    Ok(Asked { question, metric, rows, totals, updated_at, comparison, limits, today })
}

/// The groups of each span of time, and what belongs to none of them.
fn with_the_rest(groups: Vec<Row>, all: Vec<Row>) -> Vec<Row> {
    let mut grouped: BTreeMap<String, Totals> = BTreeMap::new();
    for row in &groups {
        grouped.entry(row.start.clone()).or_default().add(&row.totals);
    }
    let rest = all.into_iter().map(|row| {
        let part = grouped.get(&row.start).copied().unwrap_or_default();
        Row { totals: row.totals.without(&part), ..row }
    });
    let mut rows: Vec<_> = rest.filter(|row| row.totals.requests > 0).chain(groups).collect();
    rows.sort_by(|one, other| one.start.cmp(&other.start));
    rows
}

impl Page {
    fn new(caller: Client, asked: Asked, form: FormState) -> Self {
        let (zones, now) = (&caller.account.zones, caller.app.clock.now());
        let (question, today) = (&asked.question, asked.today);
        let start = today.first_of_month();
        let this_period = question.span.from == start && question.span.to > today;
        Self {
            layout: Layout::portal(&caller.context, Nav::Usage),
            form,
            zone: zones.at(now).name().to_owned(),
            starts: question.span.starts(question.grain, zones, now),
            course: this_period.then(|| Course::of_month(zones, now)),
            asked,
            caller,
        }
    }

    /// A number of the whole range, how it stands to the time before, and how it went.
    fn stat(&self, metric: &Metric) -> (String, String, String) {
        let (text, asked) = (&self.layout.text, &self.asked);
        let compared = asked.comparison.as_ref();
        (
            metric.words(text, metric.of(&asked.totals)),
            compared.map(|it| it.words(text, *metric, asked.today)).unwrap_or_default(),
            sparkline(&self.values(*metric)),
        )
    }

    fn metrics() -> [Metric; 3] {
        Metric::ALL
    }

    /// Where the period leads at its pace so far, and what of the plan that is.
    fn outlook(&self) -> Option<String> {
        let (course, limits) = (self.course?, self.asked.limits.as_ref()?);
        let metric = self.asked.metric;
        let (used, limit) = (metric.of(&self.asked.totals), limits.of(metric));
        let zones = &self.caller.account.zones;
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
        let day: Date = row.start.parse().ok().filter(|_| question.grain == Grain::Day)?;
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
            (Some(OTHERS), Some(GroupBy::Model)) => self.layout.t("usage-other-models"),
            (Some(OTHERS), Some(GroupBy::ApiKey)) => self.layout.t("usage-other-keys"),
            (Some(OTHERS), Some(GroupBy::Instance)) => self.layout.t("usage-other-instances"),
            (None, Some(group)) => self.layout.t(format!("usage-without-{}", group.as_str())),
            (key, _) => key.unwrap_or_default().to_owned(),
        }
    }

    /// What the shares are shares of: what the chart shows.
    fn share_of(&self) -> String {
        let metric = self.layout.t(self.asked.metric.label());
        self.layout.text.with("usage-share", "what", metric)
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
        let all = metric.of(&self.asked.totals).max(1);
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
