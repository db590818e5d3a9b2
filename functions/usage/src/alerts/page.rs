//! The page `/usage/alerts`.

use std::collections::BTreeMap;

use askama::Template;
use axum::response::Response;
use jiff::{Timestamp, civil::Date};
use serde::Deserialize;
use shared::{
    alerts::{Mark, Told},
    auth::{Caller, Client, Presented},
    error::Error,
    http::{Form, IfMatch, PageQuery as Query},
    id::NotificationId,
    notify::{Channel, Delivery, DeliveryState, Notification, notification_key},
    table::Read,
    usage::{Course, LimitedBy, Metric, UsageState, percent_of},
    web::{FormState, Layout, Nav, Tick, see_other},
};

use super::{
    Standing,
    change::change,
    form::{AlertsForm, FIELDS, filled},
    read,
};

/// Of so much that was told the page shows what became of it.
const MOST_SHOWN: usize = 30;

#[derive(Template)]
#[template(path = "alerts/page.html")]
struct Page {
    layout: Layout,
    form: FormState,
    gauges: Vec<Gauge>,
    /// Why requests are refused, if they are.
    refused: Option<Refusal>,
    told: Vec<Line>,
    pace: bool,
    done: bool,
}

/// How one limit stands, in words.
struct Gauge {
    metric: Metric,
    used: String,
    percent: u64,
    state: UsageState,
    ticks: Vec<Tick>,
    /// Used of the limit.
    words: String,
    /// What is held and what is left.
    rest: String,
    outlook: String,
    at_limit: String,
}

/// Why requests are refused, and what helps.
struct Refusal {
    words: String,
    by_cap: bool,
}

/// Something that was told.
struct Line {
    title: String,
    at: String,
    state: (&'static str, &'static str),
    link: String,
    deliveries: Vec<(&'static str, &'static str)>,
}

impl Page {
    fn fields() -> &'static [(Metric, &'static str, &'static str)] {
        &FIELDS
    }

    fn metric(&self, metric: &Metric) -> String {
        self.layout.t(format!("metric-{}", metric.as_str()))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PageQuery {
    #[serde(default)]
    done: String,
}

pub(crate) async fn page(
    presented: Presented,
    Query(query): Query<PageQuery>,
) -> Result<Response, Error> {
    let (client, stored): (Client, _) = presented.alongside(read).await?;
    let standing = Standing::new(&client.app, &client.account, stored).await?;
    let form = filled(&client.account);
    let pace = client.account.alerts.pace;
    show(&client, &standing, form, pace, query.done == "saved").await
}

async fn show(
    caller: &Caller,
    standing: &Standing,
    form: FormState,
    pace: bool,
    done: bool,
) -> Result<Response, Error> {
    let layout = Layout::portal(&caller.context, Nav::Usage);
    let notifications = notifications(caller, standing).await?;
    let told = standing.told.iter().take(MOST_SHOWN);
    let month = standing.period.first();
    let told = told.map(|it| line(&layout, it, month, &notifications)).collect();
    let gauges = Metric::ALL.map(|metric| gauge(caller, &layout, standing, metric)).into();
    let refused = refusal(&layout, standing);
    let page = Page { layout, form, gauges, refused, told, pace, done };
    Ok(page.form.respond(&page))
}

/// The notifications of what is shown.
async fn notifications(
    caller: &Caller,
    standing: &Standing,
) -> Result<BTreeMap<NotificationId, Notification>, Error> {
    let told = standing.told.iter().take(MOST_SHOWN);
    let ids = told.filter_map(|told| match told {
        Told::Crossed(alert) => alert.told,
        Told::Paced(paced) => paced.told,
    });
    let keys: Vec<_> =
        ids.map(|(user, id)| (id, notification_key(caller.tenant, user, id))).collect();
    let places: Vec<_> = keys.iter().map(|(_, key)| key.clone()).collect();
    let mut items = caller.app.table.batch(&places, Read::Eventual).await?;
    let mut found = BTreeMap::new();
    for (id, key) in keys {
        if let Some(notification) = items.take(&key)? {
            found.insert(id, notification);
        }
    }
    Ok(found)
}

fn gauge(caller: &Caller, layout: &Layout, standing: &Standing, metric: Metric) -> Gauge {
    let ([used, held, left], limit) = (standing.of(metric), standing.limits.of(metric));
    let (text, account) = (&layout.text, &caller.account);
    let words = |amount| metric.words(text, amount);
    let percent = percent_of(used, limit);
    let marks = account.alerts.of(metric).map(|mark| match mark {
        Mark::Percent(percent) => u64::from(percent),
        Mark::Amount(amount) => percent_of(amount.0, limit),
    });
    let course = Course::of_month(&account.zones, standing.now);
    let reset = text.format().date(&standing.period.end());
    let at_limit = match standing.limits.blocking(metric) {
        Some((_, LimitedBy::Plan)) => text.with("alerts-at-plan", "day", &reset),
        Some((cap, LimitedBy::Cap)) => {
            text.with2("alerts-at-cap", ("cap", &words(cap)), ("day", &reset))
        }
        None => text.get("alerts-at-soft"),
    };
    Gauge {
        metric,
        used: words(used),
        percent,
        state: UsageState::of(percent),
        ticks: marks.filter_map(Tick::at).collect(),
        words: text.with2(
            "dashboard-of-limit",
            ("percent", &text.percent(percent)),
            ("limit", &words(limit)),
        ),
        rest: text.with2("alerts-held-left", ("held", &words(held)), ("left", &words(left))),
        outlook: metric.outlook(text, &account.zones, course, used, limit),
        at_limit,
    }
}

fn refusal(layout: &Layout, standing: &Standing) -> Option<Refusal> {
    let (metric, by) = standing.reached()?;
    let words = metric.refused_until(&layout.text, by, &standing.period.end());
    Some(Refusal { words, by_cap: by == LimitedBy::Cap })
}

fn line(
    layout: &Layout,
    told: &Told,
    month: Date,
    notifications: &BTreeMap<NotificationId, Notification>,
) -> Line {
    let text = &layout.text;
    let moment = |at: &Timestamp| text.format().moment(at);
    let (title, at, state, notification) = match told {
        Told::Crossed(alert) => {
            let metric = alert.id.metric;
            let come_to = match alert.id.at {
                Mark::Percent(percent) => {
                    let limit =
                        alert.id.limit.map_or_else(String::new, |it| metric.words(text, it.0));
                    let percent = text.percent(u64::from(percent));
                    text.with2("alerts-percent-of", ("percent", &percent), ("limit", &limit))
                }
                Mark::Amount(amount) => metric.words(text, amount.0),
            };
            let whose = if alert.id.key.is_some() { "alerts-told-key" } else { "alerts-told" };
            let name = layout.t(format!("metric-{}", metric.as_str()));
            let title = text.with2(whose, ("metric", &name), ("threshold", &come_to));
            let state = match (alert.recovered_at, alert.blocks && alert.month == month) {
                (Some(_), _) => ("ok", "alerts-recovered"),
                (None, true) => ("over", "alerts-refuses"),
                (None, false) => ("warning", "alerts-crossed"),
            };
            (title, moment(&alert.crossed_at), state, alert.told)
        }
        Told::Paced(paced) => {
            let name = layout.t(format!("metric-{}", paced.metric.as_str()));
            let day = text.format().day(&paced.full_on);
            let title = text.with2("alerts-told-pace", ("metric", &name), ("day", &day));
            (title, moment(&paced.told_at), ("info", "alerts-forecast"), paced.told)
        }
    };
    let id = notification.map(|(_, id)| id);
    let found = id.and_then(|id| notifications.get(&id));
    Line {
        title,
        at,
        state,
        link: found.map(|it| format!("/notifications/{}", it.id)).unwrap_or_default(),
        deliveries: found.map(deliveries).unwrap_or_default(),
    }
}

/// What became of a notification on each way: a chip's state, and its words.
fn deliveries(notification: &Notification) -> Vec<(&'static str, &'static str)> {
    let here = (Channel::InApp.as_str(), DeliveryState::Delivered.as_str());
    let out = notification
        .deliveries
        .iter()
        .map(|(channel, Delivery { state, .. })| (channel.as_str(), state.as_str()));
    std::iter::once(here).chain(out).collect()
}

pub(crate) async fn submit(
    Client(signed_in): Client,
    Form(form): Form<AlertsForm>,
) -> Result<Response, Error> {
    match form.wanted() {
        Ok(wanted) => {
            change(&signed_in, &IfMatch::any(), &wanted).await?;
            Ok(see_other("/usage/alerts?done=saved"))
        }
        Err(error) => {
            let stored = read(&signed_in.app, signed_in.tenant).await?;
            let standing = Standing::new(&signed_in.app, &signed_in.account, stored).await?;
            let state = form.state().failed(error)?;
            show(&signed_in, &standing, state, form.pace.is_some(), false).await
        }
    }
}
