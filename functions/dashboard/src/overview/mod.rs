//! The dashboard: am I within my plan, what does it cost, is everything running?

mod page;
mod reply;

use std::ops::Deref;

use axum::Json;
use futures::future::try_join;
use shared::{
    account::{BillingPeriod, Overview, Subscription, overview_key, subscription_key},
    app::App,
    auth::{Allowed, Caller, Permission, Presented, ReadScope},
    billing::{Months, Statement},
    error::{Code, Error},
    money::Pico,
    plan::Plan,
    table::{Read, Record, Tenant},
    usage::{LimitsInForce, MonthUsage, Percents, UsageState},
};

pub(crate) use page::page;
use reply::{
    Dashboard, DashboardAccount, DashboardSubscription, DashboardUsage, InstanceCounts,
    LimitsReply, NextInvoice, NotificationCounts, PeriodReply, TicketCounts,
};

/// What is read beside the check of the credential. The account's zone is not known yet: near a
/// month's end both months are read, and those before them, which the next invoice may have something of.
struct Stored {
    subscription: Option<Subscription>,
    overview: Overview,
    months: Vec<Record>,
}

async fn read(app: &App, tenant: Tenant) -> Result<Stored, Error> {
    let keys = [subscription_key(tenant), overview_key(tenant)];
    let months = app.table.records(Months::range_on_earth(tenant, app.clock.now()));
    let (mut items, months) = try_join(app.table.batch(&keys, Read::Eventual), months).await?;
    Ok(Stored {
        subscription: items.take(&keys[0])?,
        overview: items.take(&keys[1])?.unwrap_or_default(),
        months,
    })
}

/// The dashboard, with what its page shows beyond the API's reply.
struct Loaded<P> {
    client: P,
    plan: Plan,
    limits: LimitsInForce,
    subscription: Subscription,
    overview: Overview,
    /// How many notifications who asks has not read.
    unread: u64,
    period: BillingPeriod,
    usage: MonthUsage,
    /// What the next invoice comes to by now, and the month that it closes.
    next: Option<(BillingPeriod, Pico)>,
}

async fn load<P>(presented: Presented) -> Result<Loaded<P>, Error>
where
    P: Permission + Deref<Target = Caller>,
{
    let (client, stored): (P, Stored) = presented.alongside(read).await?;
    let app = &client.app;
    let period = BillingPeriod::at(&client.account.zones, app.clock.now());
    let usage = MonthUsage::among(&stored.months, period);
    let subscription = stored.subscription.ok_or(Code::Internal)?;
    let plan = app.plans.find(&subscription.plan).ok_or(Code::Internal)?.clone();
    let months = Months::among(&stored.months)?;
    let (account, credit) = (&client.account, Pico::ZERO);
    let (closed, bill) = Statement::preview(app, account, &subscription, &months, credit)?;
    let next = (!bill.lines.is_empty()).then_some((closed, bill.total));
    let (overview, user) = (stored.overview, client.user()?);
    let unread = overview.unread(user);
    let limits = LimitsInForce::new(&plan, client.account.cost_cap);
    Ok(Loaded { client, plan, limits, subscription, overview, unread, period, usage, next })
}

impl<P: Deref<Target = Caller>> Loaded<P> {
    fn reply(&self) -> Dashboard {
        let account = &self.client.account;
        let language = self.client.context.language();
        let used = &self.usage.counters.totals;
        let percents = Percents::of(used, &self.limits);
        Dashboard {
            account: DashboardAccount {
                id: account.id(),
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
                period: PeriodReply { start: self.period.first(), end: self.period.end() },
            },
            usage: DashboardUsage {
                period: self.period.first(),
                requests: used.requests,
                tokens: used.tokens(),
                input_tokens: used.input_tokens,
                output_tokens: used.output_tokens,
                cost: used.cost.into(),
                limits: LimitsReply {
                    requests: self.plan.limits.requests,
                    tokens: self.plan.limits.tokens,
                    cost: self.limits.cost().into(),
                },
                percent: percents.highest(),
                percents,
                state: UsageState::of(percents.highest()),
                updated_at: self.usage.updated_at,
            },
            instances: InstanceCounts {
                total: self.overview.instances_total,
                running: self.overview.instances_running,
            },
            tickets: TicketCounts {
                open: self.overview.tickets_open,
                waiting_for_you: self.overview.tickets_waiting,
            },
            notifications: NotificationCounts { unread: self.unread },
            next_invoice: self
                .next
                .map(|(closed, total)| NextInvoice { date: closed.end(), amount: total.into() }),
        }
    }
}

/// The subscription, this period's usage against its limits, and what is open.
#[utoipa::path(
    get, path = "/v1/dashboard", operation_id = "dashboard", tag = "dashboard",
    responses(
        (status = 200, description = "The dashboard", body = Dashboard),
    )
)]
pub(crate) async fn json(presented: Presented) -> Result<Json<Dashboard>, Error> {
    Ok(Json(load::<Allowed<ReadScope>>(presented).await?.reply()))
}
