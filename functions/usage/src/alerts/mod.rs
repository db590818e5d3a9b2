//! How near the limits are, what happens there, and what the client is told and was told of it.

mod change;
mod form;
mod input;
mod page;

pub(crate) use page::{page, submit};

use axum::{
    Json,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use futures::future::try_join;
use jiff::{Timestamp, civil::Date};
use serde::Serialize;
use shared::{
    account::{Account, BillingPeriod},
    alerts::{Alert, AlertSettings, Mark, Paced, Threshold, Told, told_lately},
    app::App,
    auth::{Allowed, Client, Presented, ReadScope},
    error::{Code, Error},
    headroom::{Ledger, Shares, Whose, counted, ledger_key, with_further_shares},
    http::{IfMatch, Json as Input},
    id::KeyId,
    money::Money,
    table::{Key, Read, Tenant},
    usage::{LimitedBy, LimitsInForce, Metric, Quantity, UsageState, percent_of},
};

use change::change;
use input::AlertsInput;

/// So much of what was told is shown.
const MOST_TOLD: usize = 100;

/// What the client is told of its use.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct AlertsReply {
    thresholds: Vec<ThresholdReply>,
    /// Whether the client is told when its pace leads past a limit.
    pace: bool,
    /// Requests are refused once usage of a billing period has cost so much.
    cost_cap: Option<Money>,
    /// How the limits stand.
    limits: Vec<LimitReply>,
    /// The thresholds that use has come to, the newest first.
    sent: Vec<SentReply>,
    /// When the client was told where its pace leads, the newest first.
    pace_sent: Vec<PacedReply>,
}

/// Where the client is told that its use has come so far: in percent of the limit in force, or so much.
#[derive(Serialize, utoipa::ToSchema)]
struct ThresholdReply {
    metric: Metric,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    percent: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    amount: Option<Quantity>,
}

/// How one limit stands in this billing period.
#[derive(Serialize, utoipa::ToSchema)]
struct LimitReply {
    metric: Metric,
    /// The limit in force: of cost the lower of the plan's and the cap.
    limit: Quantity,
    used: Quantity,
    /// Held for requests that are under way.
    held: Quantity,
    left: Quantity,
    /// Used of the limit, in whole percents.
    percent: u64,
    state: UsageState,
    /// Whose limit it is that requests are refused at, if they are.
    refused_by: Option<RefusedBy>,
    /// When counting begins anew.
    #[schema(value_type = String, format = "date-time")]
    resets_at: Timestamp,
}

/// Whose limit requests are refused at.
#[derive(Clone, Copy, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum RefusedBy {
    /// The plan's.
    Plan,
    /// The client's own cap.
    CostCap,
}

/// That use has come to a threshold.
#[derive(Serialize, utoipa::ToSchema)]
struct SentReply {
    metric: Metric,
    /// The API key whose own limit it is about; the account's if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    key_id: Option<KeyId>,
    /// The billing period, as its first day.
    #[schema(value_type = String, format = "date")]
    period: Date,
    /// The limit that it is a part of; an amount is a part of none.
    limit: Option<Quantity>,
    /// Whole percents, or an amount.
    threshold: SentThreshold,
    #[schema(value_type = String, format = "date-time")]
    crossed_at: Timestamp,
    /// What was used then.
    used: Quantity,
    /// When a raised limit or a correction had taken it back.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, format = "date-time")]
    recovered_at: Option<Timestamp>,
}

/// Whole percents, or an amount.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(untagged)]
enum SentThreshold {
    Percent(u32),
    Amount(Quantity),
}

/// That the client was told where its pace leads.
#[derive(Serialize, utoipa::ToSchema)]
struct PacedReply {
    metric: Metric,
    /// The day on which the limit would be reached.
    #[schema(value_type = String, format = "date")]
    full_on: Date,
    #[schema(value_type = String, format = "date-time")]
    told_at: Timestamp,
}

/// What is read beside the check of the credential. The account's zone is not known yet: near a
/// month's end both months are read.
pub(super) struct Stored {
    ledgers: Vec<(BillingPeriod, Option<Ledger>)>,
    told: Vec<Told>,
}

/// How the limits stand, and what was told.
pub(super) struct Standing {
    pub(super) limits: LimitsInForce,
    pub(super) period: BillingPeriod,
    pub(super) ledger: Shares,
    /// The newest first.
    pub(super) told: Vec<Told>,
    pub(super) now: Timestamp,
}

async fn read(app: &App, tenant: Tenant) -> Result<Stored, Error> {
    let mut periods = BillingPeriod::on_earth(app.clock.now()).to_vec();
    periods.dedup();
    let place = |period: &BillingPeriod| ledger_key(tenant, Whose::Account, *period, 0);
    let keys: Vec<Key> = periods.iter().map(place).collect();
    let (mut items, told) =
        try_join(app.table.batch(&keys, Read::Eventual), told_lately(app, tenant, MOST_TOLD))
            .await?;
    let ledgers = periods
        .into_iter()
        .zip(&keys)
        .map(|(period, key)| (period, items.record(key).map(|it| Ledger::read(&it))));
    Ok(Stored { ledgers: ledgers.collect(), told })
}

impl Standing {
    pub(super) async fn new(app: &App, account: &Account, stored: Stored) -> Result<Self, Error> {
        let now = app.clock.now();
        let plan = app.plans.find(&account.plan).ok_or(Code::Internal)?;
        let period = BillingPeriod::at(&account.zones, now);
        let first = stored.ledgers.into_iter().find(|(it, _)| *it == period);
        let whose = Whose::Account;
        let first = match first.and_then(|(_, ledger)| ledger) {
            Some(ledger) => ledger,
            // Nothing was asked or counted yet, or not since there are ledgers.
            None => counted(app, account, whose, period).await?,
        };
        let tenant = Tenant::of_record(account);
        let ledger = with_further_shares(app, tenant, whose, period, first).await?;
        let mut told = stored.told;
        told.sort_by_key(|it| std::cmp::Reverse(place(it)));
        Ok(Self { limits: LimitsInForce::new(plan, account.cost_cap), period, ledger, told, now })
    }

    /// What is used, what is held, and what is left of the limit in force.
    pub(super) fn of(&self, metric: Metric) -> [u128; 3] {
        let number = |amount: i128| u128::try_from(amount).unwrap_or(0);
        let used = number(self.ledger.used().of(metric));
        let held = number(self.ledger.held(self.now).of(metric));
        [used, held, self.limits.of(metric).saturating_sub(used.saturating_add(held))]
    }

    /// The limit at which requests are refused by now, and whose it is.
    pub(super) fn reached(&self) -> Option<(Metric, LimitedBy)> {
        self.limits.reached(|metric| self.of(metric)[0])
    }

    fn limit(&self, metric: Metric, account: &Account) -> LimitReply {
        let amount = |amount| Quantity::of_units(metric, amount);
        let ([used, held, left], limit) = (self.of(metric), self.limits.of(metric));
        let percent = percent_of(used, limit);
        LimitReply {
            metric,
            limit: amount(limit),
            used: amount(used),
            held: amount(held),
            left: amount(left),
            percent,
            state: UsageState::of(percent),
            refused_by: self.limits.blocking(metric).map(|(_, by)| match by {
                LimitedBy::Plan => RefusedBy::Plan,
                LimitedBy::Cap => RefusedBy::CostCap,
            }),
            resets_at: self.period.ends_at(&account.zones),
        }
    }

    fn reply(&self, account: &Account) -> AlertsReply {
        let AlertSettings { thresholds, pace, version: _ } = &account.alerts;
        let (mut sent, mut pace_sent) = (Vec::new(), Vec::new());
        for told in &self.told {
            match told {
                Told::Crossed(alert) => sent.push(SentReply::new(alert)),
                Told::Paced(Paced { metric, full_on, told_at, .. }) => {
                    let (metric, full_on, told_at) = (*metric, *full_on, *told_at);
                    pace_sent.push(PacedReply { metric, full_on, told_at });
                }
            }
        }
        AlertsReply {
            thresholds: thresholds.iter().map(ThresholdReply::from).collect(),
            pace: *pace,
            cost_cap: account.cost_cap.map(Money::from),
            limits: Metric::ALL.map(|metric| self.limit(metric, account)).into(),
            sent,
            pace_sent,
        }
    }
}

impl From<&Threshold> for ThresholdReply {
    fn from(Threshold { metric, at }: &Threshold) -> Self {
        let metric = *metric;
        match at {
            Mark::Percent(percent) => Self { metric, percent: Some(*percent), amount: None },
            Mark::Amount(amount) => {
                Self { metric, percent: None, amount: Some(Quantity::of_units(metric, amount.0)) }
            }
        }
    }
}

impl SentReply {
    fn new(alert: &Alert) -> Self {
        let metric = alert.id.metric;
        let amount = |units: shared::usage::Units| Quantity::of_units(metric, units.0);
        Self {
            metric,
            key_id: alert.id.key,
            period: alert.month,
            limit: alert.id.limit.map(amount),
            threshold: match alert.id.at {
                Mark::Percent(percent) => SentThreshold::Percent(percent),
                Mark::Amount(units) => SentThreshold::Amount(amount(units)),
            },
            crossed_at: alert.crossed_at,
            used: amount(alert.used),
            recovered_at: alert.recovered_at,
        }
    }
}

/// In order of time; of what was crossed at once, the higher comes later.
fn place(told: &Told) -> (Timestamp, bool, Option<Mark>) {
    match told {
        Told::Crossed(alert) => (alert.crossed_at, alert.blocks, Some(alert.id.at)),
        Told::Paced(paced) => (paced.told_at, false, None),
    }
}

fn etag(settings: &AlertSettings) -> String {
    format!("\"{}\"", settings.version)
}

fn reply(account: &Account, standing: &Standing) -> Response {
    let mut headers = HeaderMap::new();
    if let Ok(etag) = HeaderValue::from_str(&etag(&account.alerts)) {
        headers.insert(header::ETAG, etag);
    }
    (headers, Json(standing.reply(account))).into_response()
}

/// What the client is told of its use, how its limits stand, and what it was told.
#[utoipa::path(
    get, path = "/v1/usage/alerts", operation_id = "usage_alerts", tag = "usage",
    responses(
        (status = 200, description = "The thresholds and the cap, with their version as `ETag`", body = AlertsReply),
    )
)]
pub(crate) async fn json(presented: Presented) -> Result<Response, Error> {
    let (client, stored): (Allowed<ReadScope>, Stored) = presented.alongside(read).await?;
    let standing = Standing::new(&client.app, &client.account, stored).await?;
    Ok(reply(&client.account, &standing))
}

/// Sets what the client is told of its use, and its cap; what is not named is as it is for everybody.
#[utoipa::path(
    put, path = "/v1/usage/alerts", operation_id = "set_usage_alerts", tag = "usage",
    request_body = AlertsInput,
    params(("If-Match" = Option<String>, Header, description = "The version to change")),
    responses(
        (status = 200, description = "The thresholds and the cap as they are now", body = AlertsReply),
        (status = 400, description = "A field is not known", body = shared::http::Problem),
        (status = 409, description = "Somebody else changed the account in the same moment", body = shared::http::Problem),
        (status = 412, description = "They are of another version now", body = shared::http::Problem),
        (status = 422, description = "A value is not valid", body = shared::http::Problem),
    )
)]
pub(crate) async fn put(
    Client(signed_in): Client,
    if_match: IfMatch,
    Input(input): Input<AlertsInput>,
) -> Result<Response, Error> {
    let wanted = input.parse()?;
    let account = change(&signed_in, &if_match, &wanted).await?;
    let stored = read(&signed_in.app, signed_in.tenant).await?;
    let standing = Standing::new(&signed_in.app, &account, stored).await?;
    Ok(reply(&account, &standing))
}
