//! The dashboard as the API tells it.

use jiff::{Timestamp, civil::Date};
use serde::Serialize;
use shared::{
    account::{AccountStatus, SubscriptionState},
    id::AccountId,
    money::Money,
    plan::Enforcement,
    usage::{Percents, UsageState},
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

#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct InstanceCounts {
    pub(super) total: u64,
    pub(super) running: u64,
}

#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct TicketCounts {
    /// Those that are not closed.
    pub(super) open: u64,
    /// Those among them that wait for the client.
    pub(super) waiting_for_you: u64,
}

#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct NotificationCounts {
    pub(super) unread: u64,
}

/// What the next invoice comes to by now.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct NextInvoice {
    /// The day on which its month has ended.
    #[schema(value_type = String, format = "date")]
    pub(super) date: Date,
    /// With taxes, before credit.
    pub(super) amount: Money,
}
