//! The page `/`: am I within my plan, what does it cost, what needs me?

use askama::Template;
use axum::response::Response;
use jiff::{Timestamp, civil::Date};
use shared::{
    account::SubscriptionState,
    auth::{Client, Presented},
    error::Error,
    id::AccountId,
    money::Pico,
    usage::{Course, Metric, Percents, Totals, UsageState},
    web::{Layout, Nav, render},
};

use super::{Loaded, load};

/// One number with its limit, ready to show.
struct Gauge {
    metric: Metric,
    value: String,
    limit: String,
    percent: u64,
    state: UsageState,
    /// Where it leads, in words.
    outlook: String,
}

impl Gauge {
    /// How much of its bar is filled, in percent.
    fn filled(&self) -> u64 {
        self.percent.min(100)
    }

    fn label(&self) -> &'static str {
        self.metric.label()
    }
}

/// Something that wants the reader's attention, and where to give it.
struct Task {
    state: &'static str,
    words: String,
    /// Where, and what the link says.
    link: Option<(String, &'static str)>,
}

#[derive(Template)]
#[template(path = "overview/page.html")]
struct Page {
    layout: Layout,
    account: AccountId,
    plan_name: String,
    price: Pico,
    subscription: SubscriptionState,
    period: (Date, Date),
    empty: bool,
    gauges: Vec<Gauge>,
    overall: UsageState,
    /// That requests are refused, of which limit, and until when.
    refused: Option<(Metric, String)>,
    updated_at: Option<Timestamp>,
    /// Tickets that are not closed, and those among them that wait for the client.
    tickets: (u64, u64),
    by_type: Vec<(&'static str, Totals)>,
    /// What the next invoice comes to by now, and when its month has ended.
    next: Option<(Pico, Date)>,
}

impl Page {
    fn new(loaded: &Loaded<Client>) -> Self {
        let layout = Layout::portal(&loaded.client.context, Nav::Dashboard);
        let used = loaded.usage.counters.totals;
        let by_type = loaded.usage.counters.by_type.iter();
        Self {
            account: loaded.client.account.id(),
            plan_name: loaded.plan.name_in(layout.text.language().code()).to_owned(),
            price: loaded.plan.monthly_price,
            subscription: loaded.subscription.state,
            period: (loaded.period.first(), loaded.period.last()),
            empty: used.requests == 0,
            gauges: Metric::ALL.map(|metric| gauge(loaded, &layout, metric)).into(),
            overall: UsageState::of(Percents::of(&used, &loaded.limits).highest()),
            refused: refused(loaded, &layout),
            updated_at: loaded.usage.updated_at,
            tickets: (loaded.overview.tickets_open, loaded.overview.tickets_waiting),
            by_type: by_type.map(|(ai_type, totals)| (ai_type.as_str(), *totals)).collect(),
            next: loaded.next.map(|(closed, total)| (total, closed.end())),
            layout,
        }
    }

    fn next_on(&self, day: &Date) -> String {
        self.layout.text.with("billing-next-on", "day", self.layout.text.format().date(day))
    }

    fn has_outlook(&self) -> bool {
        self.gauges.iter().any(|gauge| !gauge.outlook.is_empty())
    }

    /// What needs the reader: limits that are near, and a subscription that does not run.
    fn tasks(&self) -> Vec<Task> {
        let (told, refused) = self.refused.clone().unzip();
        let near = self.gauges.iter().filter(|gauge| gauge.state != UsageState::Ok);
        let near = near.filter(|gauge| told != Some(gauge.metric));
        let refused = refused.map(|words| Task {
            state: UsageState::Over.as_str(),
            words,
            link: Some(("/usage/alerts".to_owned(), "dashboard-what-helps")),
        });
        let limits = near.map(|gauge| Task {
            state: gauge.state.as_str(),
            words: self.layout.text.with2(
                "dashboard-task-limit",
                ("what", &self.layout.t(gauge.label())),
                ("percent", &self.layout.text.percent(gauge.percent)),
            ),
            link: Some((format!("/usage?metric={}", gauge.metric.as_str()), "dashboard-see-usage")),
        });
        let state = match self.subscription {
            SubscriptionState::Trialing | SubscriptionState::Active => None,
            SubscriptionState::PastDue => Some(("critical", "dashboard-task-past_due")),
            SubscriptionState::Paused => Some(("warning", "dashboard-task-paused")),
            SubscriptionState::Canceled => Some(("warning", "dashboard-task-canceled")),
        };
        let subscription =
            state.map(|(state, id)| Task { state, words: self.layout.t(id), link: None });
        let tickets = (self.tickets.1 > 0).then(|| Task {
            state: "info",
            words: self.layout.text.count("dashboard-tickets-waiting", self.tickets.1),
            link: Some(("/tickets".to_owned(), "dashboard-tickets-see")),
        });
        refused.into_iter().chain(limits).chain(subscription).chain(tickets).collect()
    }

    fn subscription_state(&self) -> (&'static str, &'static str) {
        match self.subscription {
            SubscriptionState::Trialing => ("info", "subscription-trialing"),
            SubscriptionState::Active => ("ok", "subscription-active"),
            SubscriptionState::PastDue => ("critical", "subscription-past_due"),
            SubscriptionState::Paused => ("off", "subscription-paused"),
            SubscriptionState::Canceled => ("off", "subscription-canceled"),
        }
    }

    fn period_words(&self) -> String {
        let format = self.layout.text.format();
        let (first, last) = (format.day(&self.period.0), format.date(&self.period.1));
        self.layout.text.with2("dashboard-period", ("from", &first), ("to", &last))
    }

    fn used_of_limit(&self, gauge: &Gauge) -> String {
        self.layout.text.with2(
            "dashboard-of-limit",
            ("percent", &self.layout.text.percent(gauge.percent)),
            ("limit", &gauge.limit),
        )
    }

    fn overall_message(&self) -> String {
        self.layout.t(match self.overall {
            UsageState::Ok => "dashboard-within",
            UsageState::Warning | UsageState::Critical => "dashboard-near",
            UsageState::Over => "dashboard-over",
        })
    }
}

fn refused(loaded: &Loaded<Client>, layout: &Layout) -> Option<(Metric, String)> {
    let used = loaded.usage.counters.totals;
    let (metric, by) = loaded.limits.reached(|metric| metric.of(&used))?;
    Some((metric, metric.refused_until(&layout.text, by, &loaded.period.end())))
}

fn gauge(loaded: &Loaded<Client>, layout: &Layout, metric: Metric) -> Gauge {
    let used = &loaded.usage.counters.totals;
    let percent = Percents::of(used, &loaded.limits).metric(metric);
    let (amount, limit) = (metric.of(used), loaded.limits.of(metric));
    Gauge {
        metric,
        value: metric.words(&layout.text, amount),
        limit: metric.words(&layout.text, limit),
        percent,
        state: UsageState::of(percent),
        outlook: metric.outlook(&layout.text, loaded.zones(), loaded.course(), amount, limit),
    }
}

impl Loaded<Client> {
    fn zones(&self) -> &shared::account::ZonePlan {
        &self.client.account.zones
    }

    fn course(&self) -> Course {
        Course::of_month(self.zones(), self.client.app.clock.now())
    }
}

pub(crate) async fn page(presented: Presented) -> Result<Response, Error> {
    Ok(render(&Page::new(&load::<Client>(presented).await?)))
}
