//! What an account and a key have used of what they may, this billing period.

use std::ops::Range;

use jiff::Timestamp;
use serde::Serialize;
use shared::{
    account::{Account, BillingPeriod},
    app::App,
    auth::ApiKey,
    error::{Code, Error},
    id::KeyId,
    plan::{Enforcement, Limits},
    table::{Batch, Key, Read, Tenant},
    usage::{MonthUsage, Percents, Totals, UsageState},
};

use super::{Estimate, Refusal};

/// How much of the plan's limits is used.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Quota {
    state: UsageState,
    /// Of the limit that is nearest; whole percents.
    percent: u64,
}

/// Where the counters of the months lie that it can be somewhere on earth: the account's zone is
/// not known yet.
pub(super) fn month_keys(tenant: Tenant, key: KeyId, now: Timestamp) -> Vec<Key> {
    let [first, last] = BillingPeriod::on_earth(now);
    let mut keys = Places::new(tenant, key, first, 0..1).all();
    if last != first {
        keys.extend(Places::new(tenant, key, last, 0..1).all());
    }
    keys
}

/// Where what account and key used in a period lies.
struct Places {
    account: Vec<Key>,
    key: Vec<Key>,
}

impl Places {
    fn new(tenant: Tenant, key: KeyId, period: BillingPeriod, shards: Range<u16>) -> Self {
        Self {
            account: MonthUsage::keys(tenant, period, shards.clone()),
            key: MonthUsage::keys_of(tenant, period, key, shards),
        }
    }

    fn all(&self) -> Vec<Key> {
        self.account.iter().chain(&self.key).cloned().collect()
    }
}

/// What was used in this billing period.
#[derive(Default)]
pub(super) struct Used {
    account: MonthUsage,
    key: MonthUsage,
}

impl Used {
    fn take(&mut self, places: &Places, items: &mut Batch) {
        self.account.take(items, &places.account);
        self.key.take(items, &places.key);
    }

    /// Whether there is room for a request.
    pub(super) fn judge(
        &self,
        app: &App,
        account: &Account,
        key: &ApiKey,
        estimate: Estimate,
    ) -> Result<Result<Quota, Refusal>, Error> {
        let plan = app.plans.find(&account.plan).ok_or(Code::Internal)?;
        if plan.enforcement == Enforcement::Hard
            && is_over(&self.account.counters.totals, estimate, &plan.limits)
        {
            return Ok(Err(Refusal::QuotaExceeded));
        }
        if key.monthly_cost_limit.is_some_and(|limit| self.key.counters.totals.cost >= limit) {
            return Ok(Err(Refusal::KeyCostLimit));
        }
        let percent = Percents::of(&self.account.counters.totals, plan).highest();
        Ok(Ok(Quota { state: UsageState::of(percent), percent }))
    }
}

/// Whether the limits have no room for what is going to be used.
fn is_over(used: &Totals, estimate: Estimate, limits: &Limits) -> bool {
    let requests = used.requests.saturating_add(estimate.requests.max(1).into());
    let tokens = used.tokens().saturating_add(estimate.tokens.into());
    requests > limits.requests || tokens > limits.tokens || used.cost >= limits.cost
}

/// Sums what the first read found. A hot account's numbers lie in more shards, which its own item
/// names: it alone is read for again.
pub(super) async fn used(
    app: &App,
    tenant: Tenant,
    account: &Account,
    key: KeyId,
    items: &mut Batch,
) -> Result<Used, Error> {
    let period = BillingPeriod::at(&account.zones, app.clock.now());
    let mut used = Used::default();
    used.take(&Places::new(tenant, key, period, 0..1), items);
    let shards = account.spread.most_counters();
    if shards > 1 {
        let more = Places::new(tenant, key, period, 1..shards);
        let mut items = app.table.batch(&more.all(), Read::Eventual).await?;
        used.take(&more, &mut items);
    }
    Ok(used)
}
