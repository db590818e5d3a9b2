//! The dashboard as the API tells it.

use jiff::{Timestamp, civil::Date};
use serde::Serialize;
use shared::{
    account::{AccountStatus, SubscriptionState},
    id::AccountId,
    money::Money,
    plan::{Enforcement, Plan},
    usage::Totals,
};

/// All that the dashboard shows.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Dashboard {
    pub(super) account: DashboardAccount,
    pub(super) subscription: DashboardSubscription,
    pub(super) usage: DashboardUsage,
    pub(super) instances: InstanceCounts,
    pub(super) tickets: TicketCounts,
    pub(super) notifications: NotificationCounts,
    /// The next invoice; `null` while nothing is billed.
    pub(super) next_invoice: Option<NextInvoice>,
}

#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct DashboardAccount {
    pub(super) id: AccountId,
    pub(super) company: String,
    pub(super) status: AccountStatus,
    #[schema(example = "Africa/Cairo")]
    pub(super) time_zone: String,
}

#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct DashboardSubscription {
    pub(super) plan_id: String,
    pub(super) plan_name: String,
    pub(super) plan_version: u32,
    pub(super) state: SubscriptionState,
    pub(super) enforcement: Enforcement,
    pub(super) price: Money,
    pub(super) period: PeriodReply,
}

/// A billing period: `[start, end)`.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct PeriodReply {
    #[schema(value_type = String, format = "date")]
    pub(super) start: Date,
    #[schema(value_type = String, format = "date")]
    pub(super) end: Date,
}

#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct DashboardUsage {
    /// The billing period's first day.
    #[schema(value_type = String, format = "date")]
    pub(super) period: Date,
    pub(super) requests: u64,
    pub(super) tokens: u64,
    pub(super) input_tokens: u64,
    pub(super) output_tokens: u64,
    pub(super) cost: Money,
    pub(super) limits: LimitsReply,
    /// How far the nearest limit is reached, rounded down.
    pub(super) percent: u64,
    pub(super) percents: Percents,
    pub(super) state: UsageState,
    /// When the counters were added to last.
    #[schema(value_type = Option<String>, format = "date-time")]
    pub(super) updated_at: Option<Timestamp>,
}

#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct LimitsReply {
    pub(super) requests: u64,
    pub(super) tokens: u64,
    pub(super) cost: Money,
}

/// How far each limit is reached, rounded down.
#[derive(Clone, Copy, Serialize, utoipa::ToSchema)]
pub(super) struct Percents {
    pub(super) requests: u64,
    pub(super) tokens: u64,
    pub(super) cost: u64,
}

/// How the period stands to the plan's limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum UsageState {
    /// Under 80 % of every limit.
    Ok,
    /// 80 % of a limit or more.
    Warning,
    /// 90 % of a limit or more.
    Critical,
    /// A limit is reached.
    Over,
}

#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct InstanceCounts {
    pub(super) total: u64,
    pub(super) running: u64,
}

#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct TicketCounts {
    pub(super) open: u64,
}

#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct NotificationCounts {
    pub(super) unread: u64,
}

#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct NextInvoice {
    #[schema(value_type = String, format = "date")]
    pub(super) date: Date,
    pub(super) amount: Money,
}

impl UsageState {
    pub(super) fn of(percent: u64) -> Self {
        match percent {
            0..80 => Self::Ok,
            80..90 => Self::Warning,
            90..100 => Self::Critical,
            _ => Self::Over,
        }
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Critical => "critical",
            Self::Over => "over",
        }
    }
}

impl Percents {
    pub(super) fn of(used: &Totals, plan: &Plan) -> Self {
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

    pub(super) fn highest(self) -> u64 {
        self.requests.max(self.tokens).max(self.cost)
    }
}
