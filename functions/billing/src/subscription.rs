//! The subscription: its plan and limits, its period, and how its payment stands.

use axum::Json;
use jiff::Timestamp;
use serde::Serialize;
use shared::{
    account::{BillingPeriod, Subscription, SubscriptionState, subscription_key},
    app::App,
    auth::{Allowed, Caller, Presented, ReadScope},
    billing::{Balance, MonthTerms, Unbillable, balance_key},
    error::{Code, Error},
    id::InvoiceId,
    money::Money,
    payments::{Reason, Wallet, wallet_key},
    plan::PlanRef,
    table::{Read, Tenant},
    usage::LimitsInForce,
};

use crate::reply::SpanReply;

/// A subscription.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct SubscriptionReply {
    state: SubscriptionState,
    plan: PlanNamedReply,
    /// Of a month.
    price: Money,
    /// The limits in force.
    limits: PlanLimitsReply,
    /// What this month includes.
    included: IncludedReply,
    /// `[start, end)`; `null` while there is none.
    period: Option<SpanReply>,
    /// The plans of this month.
    terms: Vec<TermReply>,
    payment: PaymentReply,
    /// What invoices pay themselves from before anything is charged.
    credit: Money,
}

#[derive(Serialize, utoipa::ToSchema)]
struct PlanNamedReply {
    id: String,
    version: u32,
    name: String,
}

#[derive(Serialize, utoipa::ToSchema)]
struct PlanLimitsReply {
    requests: u64,
    tokens: u64,
    cost: Money,
    instances: u32,
    api_keys: u32,
}

#[derive(Serialize, utoipa::ToSchema)]
struct IncludedReply {
    requests: u64,
    tokens: u64,
}

/// A plan for a part of the month.
#[derive(Serialize, utoipa::ToSchema)]
struct TermReply {
    plan: PlanRef,
    #[schema(value_type = String, format = "date-time")]
    from: Timestamp,
    /// `null` while it runs.
    #[schema(value_type = Option<String>, format = "date-time")]
    to: Option<Timestamp>,
}

/// How its payment stands.
#[derive(Serialize, utoipa::ToSchema)]
struct PaymentReply {
    state: Payment,
    /// The invoice that is not paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    invoice_id: Option<InvoiceId>,
    /// When it is tried again by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "date-time")]
    next_attempt_at: Option<Timestamp>,
}

/// How the payment of a subscription stands.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum Payment {
    /// All is paid, and what comes can be charged.
    Ok,
    /// A payment failed, and something is due.
    Failed,
    /// A payment wants the client.
    ActionRequired,
    /// Nothing is overdue, and there is nothing to charge.
    None,
}

struct Stored {
    subscription: Option<Subscription>,
    balance: Balance,
    wallet: Wallet,
}

async fn read(app: &App, tenant: Tenant) -> Result<Stored, Error> {
    let keys = [subscription_key(tenant), balance_key(tenant), wallet_key(tenant)];
    let mut items = app.table.batch(&keys, Read::Strong).await?;
    Ok(Stored {
        subscription: items.take(&keys[0])?,
        balance: items.take(&keys[1])?.unwrap_or_else(|| Balance::none(tenant)),
        wallet: items.take(&keys[2])?.unwrap_or_else(|| Wallet::none(tenant)),
    })
}

impl PaymentReply {
    fn of(balance: &Balance, wallet: &Wallet, now: Timestamp) -> Self {
        let Some(dunning) = &balance.dunning else {
            let nothing = wallet.methods.is_empty();
            let state = if nothing { Payment::None } else { Payment::Ok };
            return Self { state, invoice_id: None, next_attempt_at: None };
        };
        let state = match dunning.reason {
            Reason::AuthenticationRequired => Payment::ActionRequired,
            _ => Payment::Failed,
        };
        let oldest = balance.unpaid.first().copied().unwrap_or(dunning.invoice);
        let (invoice_id, next_attempt_at) = (Some(oldest), dunning.next_after(now));
        Self { state, invoice_id, next_attempt_at }
    }
}

fn reply(caller: &Caller, stored: Stored) -> Result<SubscriptionReply, Error> {
    let (app, account, now) = (&caller.app, &caller.account, caller.app.clock.now());
    let subscription = stored.subscription.ok_or(Code::Internal)?;
    let plan = app.plans.require(&subscription.plan).map_err(Unbillable::from)?;
    let month = BillingPeriod::at(&account.zones, now);
    let (start, end) = (month.starts_at(&account.zones), month.ends_at(&account.zones));
    let terms = MonthTerms::of(account, &app.plans, month).map_err(Unbillable::from)?;
    let limits = LimitsInForce::new(plan, account.cost_cap);
    let has_ended =
        matches!(subscription.state, SubscriptionState::Paused | SubscriptionState::Canceled);
    let began = start.max(account.created_at);
    let of_month = account.terms();
    let spans = of_month.within(start, end);
    let terms_told = spans.into_iter().map(|(plan, from, to)| TermReply {
        plan: plan.clone(),
        from: from.max(began),
        to: (to < end).then_some(to),
    });
    Ok(SubscriptionReply {
        state: subscription.state,
        plan: PlanNamedReply {
            id: plan.id.clone(),
            version: plan.version,
            name: plan.name_in(caller.context.language().code()).to_owned(),
        },
        price: plan.monthly_price.into(),
        limits: PlanLimitsReply {
            requests: plan.limits.requests,
            tokens: plan.limits.tokens,
            cost: limits.cost().into(),
            instances: plan.limits.instances,
            api_keys: plan.limits.api_keys,
        },
        included: IncludedReply {
            requests: terms.allowance.requests,
            tokens: terms.allowance.tokens,
        },
        period: (!has_ended).then(|| SpanReply::new(began, end)),
        terms: terms_told.collect(),
        payment: PaymentReply::of(&stored.balance, &stored.wallet, now),
        credit: stored.balance.credit.into(),
    })
}

/// The subscription: plan, limits, period, and how its payment stands.
#[utoipa::path(
    get, path = "/v1/subscription", operation_id = "subscription", tag = "billing",
    responses((status = 200, description = "The subscription", body = SubscriptionReply))
)]
pub(crate) async fn json(presented: Presented) -> Result<Json<SubscriptionReply>, Error> {
    let (allowed, stored): (Allowed<ReadScope>, _) = presented.alongside(read).await?;
    Ok(Json(reply(&allowed, stored)?))
}
