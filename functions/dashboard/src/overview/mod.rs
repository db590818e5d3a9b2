//! The dashboard: am I within my plan, what does it cost, is everything running?

mod page;
mod reply;

use axum::Json;
use jiff::{SignedDuration, Timestamp, civil::Date};
use serde::Deserialize;
use shared::{
    account::{Account, Subscription, subscription_key},
    app::App,
    auth::{Client, Presented},
    error::{Code, Error},
    plan::Plan,
    table::{Key, Read, Tenant},
    usage::{Counters, Grain, UPDATED_AT, counter_key, month_span},
};

pub(crate) use page::page;
use reply::{
    Dashboard, DashboardAccount, DashboardSubscription, DashboardUsage, InstanceCounts,
    LimitsReply, NotificationCounts, Percents, PeriodReply, TicketCounts, UsageState,
};

/// No zone is further from universal time.
const FURTHEST_ZONE: SignedDuration = SignedDuration::from_hours(15);

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
            account: DashboardAccount {
                id: account.id,
                company: account.company.clone(),
                status: account.status,
                time_zone: account.zones.at(self.client.0.app.clock.now()).name().to_owned(),
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
