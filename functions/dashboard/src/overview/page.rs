//! The page `/`.

use askama::Template;
use axum::response::Response;
use jiff::{Timestamp, civil::Date};
use shared::{
    account::SubscriptionState,
    auth::Presented,
    error::Error,
    id::AccountId,
    money::Pico,
    usage::Totals,
    web::{Layout, Nav, render},
};

use super::{
    Loaded, load,
    reply::{Percents, UsageState},
};

/// One number with its limit, ready to show.
struct Gauge {
    label: &'static str,
    value: String,
    limit: String,
    percent: u64,
    state: UsageState,
}

impl Gauge {
    /// How much of its bar is filled, in percent.
    fn filled(&self) -> u64 {
        self.percent.min(100)
    }
}

#[derive(Template)]
#[template(path = "overview/page.html")]
struct Page {
    layout: Layout,
    account: AccountId,
    plan_name: String,
    price: Pico,
    state: &'static str,
    period: (Date, Date),
    empty: bool,
    gauges: [Gauge; 3],
    overall: UsageState,
    updated_at: Option<Timestamp>,
    by_type: Vec<(&'static str, Totals)>,
}

impl Page {
    fn new(loaded: &Loaded) -> Self {
        let layout = Layout::portal(&loaded.client.0.context, Nav::Dashboard);
        let used = loaded.period.counters.totals;
        let percents = Percents::of(&used, &loaded.plan);
        let format = layout.text.format();
        let money = |amount: Pico| layout.text.with("money", "amount", format.amount(amount));
        let gauge = |label, value, limit, percent| Gauge {
            label,
            value,
            limit,
            percent,
            state: UsageState::of(percent),
        };
        let limits = &loaded.plan.limits;
        let gauges = [
            gauge(
                "dashboard-requests",
                format.number(used.requests),
                format.number(limits.requests),
                percents.requests,
            ),
            gauge(
                "dashboard-tokens",
                format.number(used.tokens()),
                format.number(limits.tokens),
                percents.tokens,
            ),
            gauge("dashboard-cost", money(used.cost.rounded()), money(limits.cost), percents.cost),
        ];
        let by_type = loaded.period.counters.by_type.iter();
        Self {
            account: loaded.client.0.account.id,
            plan_name: loaded.plan.name_in(layout.text.language().code()).to_owned(),
            price: loaded.plan.monthly_price,
            state: state_message(loaded.subscription.state),
            period: (
                loaded.period.start,
                loaded.period.end.yesterday().unwrap_or(loaded.period.end),
            ),
            empty: used.requests == 0,
            gauges,
            overall: UsageState::of(percents.highest()),
            updated_at: loaded.period.updated_at,
            by_type: by_type.map(|(ai_type, totals)| (ai_type.as_str(), *totals)).collect(),
            layout,
        }
    }

    fn money(&self, amount: &Pico) -> String {
        let text = &self.layout.text;
        text.with("money", "amount", text.format().amount(amount.rounded()))
    }

    fn kind_name(&self, kind: &str) -> String {
        self.layout.t(format!("ai-{kind}"))
    }

    fn overall_message(&self) -> String {
        self.layout.t(match self.overall {
            UsageState::Ok => "dashboard-within",
            UsageState::Warning | UsageState::Critical => "dashboard-near",
            UsageState::Over => "dashboard-over",
        })
    }
}

fn state_message(state: SubscriptionState) -> &'static str {
    match state {
        SubscriptionState::Trialing => "subscription-trialing",
        SubscriptionState::Active => "subscription-active",
        SubscriptionState::PastDue => "subscription-past_due",
        SubscriptionState::Paused => "subscription-paused",
        SubscriptionState::Canceled => "subscription-canceled",
    }
}

pub(crate) async fn page(presented: Presented) -> Result<Response, Error> {
    Ok(render(&Page::new(&load(presented).await?)))
}
