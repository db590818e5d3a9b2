//! The dashboard: am I within my plan, what does it cost, is everything running?

mod page;
mod reply;

use std::ops::Deref;

use axum::Json;
use futures::future::try_join;
use jiff::{Timestamp, civil::Date};
use serde::Deserialize;
use shared::{
    account::{Account, Subscription, days_on_earth, overview_key, subscription_key},
    app::App,
    auth::{Access, Allowed, Permission, Presented, ReadScope},
    error::{Code, Error},
    plan::Plan,
    table::{Range, Read, Record, Tenant},
    usage::{
        Counters, Grain, Percents, UPDATED_AT, UsageState, counted_span, grain_prefix, month_span,
    },
};

pub(crate) use page::page;
use reply::{
    Dashboard, DashboardAccount, DashboardSubscription, DashboardUsage, InstanceCounts,
    LimitsReply, NotificationCounts, PeriodReply, TicketCounts,
};

/// Counts of an account, kept up by the changes themselves.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Overview {
    instances_total: u64,
    instances_running: u64,
    tickets_open: u64,
    notifications_unread: u64,
}

/// What is read beside the check of the credential. The account's zone is not known yet: near a
/// month's end both months are read.
struct Stored {
    subscription: Option<Subscription>,
    overview: Overview,
    months: Vec<Month>,
}

/// One shard of a month's counters.
struct Month {
    span: String,
    counters: Counters,
    updated_at: Option<Timestamp>,
}

async fn read(app: &App, tenant: Tenant) -> Result<Stored, Error> {
    let keys = [subscription_key(tenant), overview_key(tenant)];
    let months = app.table.records(months_around(tenant, app.clock.now()));
    let (mut items, months) = try_join(app.table.batch(&keys, Read::Eventual), months).await?;
    Ok(Stored {
        subscription: items.take(&keys[0])?,
        overview: items.take(&keys[1])?.unwrap_or_default(),
        months: months.iter().filter_map(Month::of).collect(),
    })
}

/// The counters of the months that it can be somewhere on earth.
fn months_around(tenant: Tenant, now: Timestamp) -> Range {
    let [first, last] = days_on_earth(now);
    let key = |day| format!("{}{}", grain_prefix(Grain::Month), month_span(day));
    Range::spanning(tenant, &key(first), &key(last))
}

impl Month {
    fn of(record: &Record) -> Option<Self> {
        let (span, _) = counted_span(record.sort().strip_prefix(grain_prefix(Grain::Month))?);
        Some(Self {
            span: span.to_owned(),
            counters: Counters::read(record),
            updated_at: record.text(UPDATED_AT).parse().ok(),
        })
    }
}

/// The billing period that a day lies in, and this month's counters.
struct Period {
    start: Date,
    end: Date,
    counters: Counters,
    updated_at: Option<Timestamp>,
}

fn period(account: &Account, months: &[Month], now: Timestamp) -> Period {
    let start = account.zones.day(now).first_of_month();
    let end = start.last_of_month().tomorrow().unwrap_or(start);
    let mut period = Period { start, end, counters: Counters::default(), updated_at: None };
    let span = month_span(start);
    for month in months.iter().filter(|month| month.span == span) {
        period.counters.merge(&month.counters);
        period.updated_at = period.updated_at.max(month.updated_at);
    }
    period
}

/// The dashboard, with what its page shows beyond the API's reply.
struct Loaded<P> {
    client: P,
    plan: Plan,
    subscription: Subscription,
    overview: Overview,
    period: Period,
}

async fn load<P>(presented: Presented) -> Result<Loaded<P>, Error>
where
    P: Permission + Deref<Target = Access>,
{
    let (client, stored): (P, Stored) = presented.alongside(read).await?;
    let app = &client.app;
    let period = period(&client.account, &stored.months, app.clock.now());
    let subscription = stored.subscription.ok_or(Code::Internal)?;
    let plan = app.plans.find(&subscription.plan).ok_or(Code::Internal)?.clone();
    Ok(Loaded { plan, subscription, overview: stored.overview, period, client })
}

impl<P: Deref<Target = Access>> Loaded<P> {
    fn reply(&self) -> Dashboard {
        let account = &self.client.account;
        let language = self.client.context.language();
        let used = &self.period.counters.totals;
        let percents = Percents::of(used, &self.plan);
        Dashboard {
            account: DashboardAccount {
                id: account.id,
                company: account.company.clone(),
                status: account.status,
                time_zone: account.zones.at(self.client.app.clock.now()).name().to_owned(),
            },
            subscription: DashboardSubscription {
                plan_id: self.plan.id.clone(),
                plan_name: self.plan.name_in(language.code()).to_owned(),
                plan_version: self.plan.version,
                state: self.subscription.state,
                enforcement: self.plan.enforcement,
                price: self.plan.monthly_price.into(),
                period: PeriodReply { start: self.period.start, end: self.period.end },
            },
            usage: DashboardUsage {
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

/// The subscription, this period's usage against its limits, and what is open.
#[utoipa::path(
    get, path = "/v1/dashboard", operation_id = "dashboard", tag = "dashboard", security(("session" = []), ("api_key" = [])),
    responses(
        (status = 200, description = "The dashboard", body = Dashboard),
        (status = 401, description = "Not signed in", body = shared::http::Problem),
    )
)]
pub(crate) async fn json(presented: Presented) -> Result<Json<Dashboard>, Error> {
    Ok(Json(load::<Allowed<ReadScope>>(presented).await?.reply()))
}
