//! The dashboard: am I within my plan, what does it cost, is everything running?

use askama::Template;
use axum::{Json, response::Response};
use jiff::{SignedDuration, Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use shared::{
    account::{Account, AccountStatus, Subscription, SubscriptionState, subscription_key},
    app::App,
    auth::{Client, Presented},
    error::{Code, Error},
    id::AccountId,
    money::{Money, Pico},
    plan::{Enforcement, Plan},
    table::{Key, Read, Tenant},
    usage::{Counters, Grain, Totals, UPDATED_AT, counter_key, month_span},
    web::{Layout, Nav, render},
};

/// No zone is further from universal time.
const FURTHEST_ZONE: SignedDuration = SignedDuration::from_hours(15);

/// All that the dashboard shows.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Dashboard {
    account: AccountReply,
    subscription: SubscriptionReply,
    usage: UsageReply,
    instances: InstanceCounts,
    tickets: TicketCounts,
    notifications: NotificationCounts,
    /// The next invoice; `null` while nothing is billed.
    next_invoice: Option<NextInvoice>,
}

#[derive(Serialize, utoipa::ToSchema)]
struct AccountReply {
    id: AccountId,
    company: String,
    status: AccountStatus,
    #[schema(example = "Africa/Cairo")]
    time_zone: String,
}

#[derive(Serialize, utoipa::ToSchema)]
struct SubscriptionReply {
    plan_id: String,
    plan_name: String,
    plan_version: u32,
    state: SubscriptionState,
    enforcement: Enforcement,
    price: Money,
    period: PeriodReply,
}

/// A billing period: `[start, end)`.
#[derive(Serialize, utoipa::ToSchema)]
struct PeriodReply {
    #[schema(value_type = String, format = "date")]
    start: Date,
    #[schema(value_type = String, format = "date")]
    end: Date,
}

#[derive(Serialize, utoipa::ToSchema)]
struct UsageReply {
    /// The billing period's first day.
    #[schema(value_type = String, format = "date")]
    period: Date,
    requests: u64,
    tokens: u64,
    input_tokens: u64,
    output_tokens: u64,
    cost: Money,
    limits: LimitsReply,
    /// How far the nearest limit is reached, rounded down.
    percent: u64,
    percents: Percents,
    state: UsageState,
    /// When the counters were added to last.
    #[schema(value_type = Option<String>, format = "date-time")]
    updated_at: Option<Timestamp>,
}

#[derive(Serialize, utoipa::ToSchema)]
struct LimitsReply {
    requests: u64,
    tokens: u64,
    cost: Money,
}

/// How far each limit is reached, rounded down.
#[derive(Clone, Copy, Serialize, utoipa::ToSchema)]
struct Percents {
    requests: u64,
    tokens: u64,
    cost: u64,
}

/// How the period stands to the plan's limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum UsageState {
    /// Under 80 % of every limit.
    Ok,
    /// 80 % of a limit or more.
    Warning,
    /// 90 % of a limit or more.
    Critical,
    /// A limit is reached.
    Over,
}

/// Counts of an account, kept up by the changes themselves.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Overview {
    instances_total: u64,
    instances_running: u64,
    tickets_open: u64,
    notifications_unread: u64,
}

#[derive(Serialize, utoipa::ToSchema)]
struct InstanceCounts {
    total: u64,
    running: u64,
}

#[derive(Serialize, utoipa::ToSchema)]
struct TicketCounts {
    open: u64,
}

#[derive(Serialize, utoipa::ToSchema)]
struct NotificationCounts {
    unread: u64,
}

#[derive(Serialize, utoipa::ToSchema)]
struct NextInvoice {
    #[schema(value_type = String, format = "date")]
    date: Date,
    amount: Money,
}

impl Gauge {
    /// How much of its bar is filled, in percent.
    fn filled(&self) -> u64 {
        self.percent.min(100)
    }
}

impl UsageState {
    fn of(percent: u64) -> Self {
        match percent {
            0..80 => Self::Ok,
            80..90 => Self::Warning,
            90..100 => Self::Critical,
            _ => Self::Over,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Critical => "critical",
            Self::Over => "over",
        }
    }
}

impl Percents {
    fn of(used: &Totals, plan: &Plan) -> Self {
        let percent = |used: i128, limit: i128| {
            u64::try_from(used.saturating_mul(100) / limit.max(1)).unwrap_or(u64::MAX)
        };
        let limits = &plan.limits;
        Self {
            requests: percent(used.requests.into(), limits.requests.into()),
            tokens: percent(used.tokens().into(), limits.tokens.into()),
            cost: percent(used.cost.get(), limits.cost.get()),
        }
    }

    fn highest(self) -> u64 {
        self.requests.max(self.tokens).max(self.cost)
    }
}

/// What is read beside the check of the credential. The account's zone is not known yet: near a
/// month's end both months are read.
struct Stored {
    subscription: Option<Subscription>,
    overview: Overview,
    months: Vec<(String, Counters, Option<Timestamp>)>,
}

async fn read(app: &App, tenant: Tenant) -> Result<Stored, Error> {
    let now = app.clock.now();
    let day = |at: Timestamp| at.to_zoned(jiff::tz::TimeZone::UTC).date();
    let mut months =
        vec![month_span(day(now - FURTHEST_ZONE)), month_span(day(now + FURTHEST_ZONE))];
    months.dedup();
    let mut keys = vec![subscription_key(tenant), Key::of(tenant, "OVERVIEW")];
    keys.extend(months.iter().map(|month| counter_key(tenant, Grain::Month, month)));
    let mut items = app.table.batch(&keys, Read::Eventual).await?;
    Ok(Stored {
        subscription: items.take(&keys[0])?,
        overview: items.take(&keys[1])?.unwrap_or_default(),
        months: months
            .into_iter()
            .zip(&keys[2..])
            .filter_map(|(month, key)| {
                let record = items.record(key)?;
                let updated_at = record.text(UPDATED_AT).parse().ok();
                Some((month, Counters::read(&record), updated_at))
            })
            .collect(),
    })
}

/// The billing period that a day lies in, and this month's counters.
struct Period {
    start: Date,
    end: Date,
    counters: Counters,
    updated_at: Option<Timestamp>,
}

fn period(account: &Account, stored: &mut Stored, now: Timestamp) -> Period {
    let start = account.zones.day(now).first_of_month();
    let end = start.last_of_month().tomorrow().unwrap_or(start);
    let span = month_span(start);
    let counted = stored.months.iter().position(|(month, ..)| *month == span);
    let (counters, updated_at) = counted
        .map(|place| stored.months.swap_remove(place))
        .map(|(_, counters, updated_at)| (counters, updated_at))
        .unwrap_or_default();
    Period { start, end, counters, updated_at }
}

/// The dashboard, with what its page shows beyond the API's reply.
struct Loaded {
    client: Client,
    plan: Plan,
    subscription: Subscription,
    overview: Overview,
    period: Period,
}

async fn load(presented: Presented) -> Result<Loaded, Error> {
    let (client, mut stored) = presented.client_alongside(read).await?;
    let app = &client.0.app;
    let period = period(&client.0.account, &mut stored, app.clock.now());
    let subscription = stored.subscription.ok_or(Code::Internal)?;
    let plan = app.plans.find(&subscription.plan).ok_or(Code::Internal)?.clone();
    Ok(Loaded { plan, subscription, overview: stored.overview, period, client })
}

impl Loaded {
    fn reply(&self) -> Dashboard {
        let account = &self.client.0.account;
        let language = self.client.0.context.language();
        let used = &self.period.counters.totals;
        let percents = Percents::of(used, &self.plan);
        Dashboard {
            account: AccountReply {
                id: account.id,
                company: account.company.clone(),
                status: account.status,
                time_zone: account.zones.at(self.client.0.app.clock.now()).name().to_owned(),
            },
            subscription: SubscriptionReply {
                plan_id: self.plan.id.clone(),
                plan_name: self.plan.name_in(language.code()).to_owned(),
                plan_version: self.plan.version,
                state: self.subscription.state,
                enforcement: self.plan.enforcement,
                price: self.plan.monthly_price.into(),
                period: PeriodReply { start: self.period.start, end: self.period.end },
            },
            usage: UsageReply {
                period: self.period.start,
                requests: used.requests,
                tokens: used.tokens(),
                input_tokens: used.input_tokens,
                output_tokens: used.output_tokens,
                cost: used.cost.into(),
                limits: LimitsReply {
                    requests: self.plan.limits.requests,
                    tokens: self.plan.limits.tokens,
                    cost: self.plan.limits.cost.into(),
                },
                percent: percents.highest(),
                percents,
                state: UsageState::of(percents.highest()),
                updated_at: self.period.updated_at,
            },
            instances: InstanceCounts {
                total: self.overview.instances_total,
                running: self.overview.instances_running,
            },
            tickets: TicketCounts { open: self.overview.tickets_open },
            notifications: NotificationCounts { unread: self.overview.notifications_unread },
            next_invoice: None,
        }
    }
}

#[utoipa::path(
    get, path = "/v1/dashboard", tag = "dashboard", security(("session" = [])),
    responses(
        (status = 200, description = "The dashboard", body = Dashboard),
        (status = 401, description = "Not signed in", body = shared::http::Problem),
    )
)]
pub(crate) async fn json(presented: Presented) -> Result<Json<Dashboard>, Error> {
    Ok(Json(load(presented).await?.reply()))
}

/// One number with its limit, ready to show.
struct Gauge {
    label: &'static str,
    value: String,
    limit: String,
    percent: u64,
    state: UsageState,
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
