//! What an account and a key have used of what they may, this billing period.

use jiff::Timestamp;
use serde::Serialize;
use shared::{
    account::{Account, days_on_earth},
    app::App,
    auth::ApiKey,
    error::{Code, Error},
    id::KeyId,
    plan::{Enforcement, Limits},
    table::{Batch, Key, Read, Tenant},
    usage::{
        Counters, Grain, Percents, Totals, UsageState, counter_key, key_counter_key, month_span,
    },
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
    let [first, last] = days_on_earth(now).map(month_span);
    let mut spans = vec![first];
    if last != spans[0] {
        spans.push(last);
    }
    spans.iter().flat_map(|span| shard_keys(tenant, key, span, 0)).collect()
}

fn shard_keys(tenant: Tenant, key: KeyId, span: &str, shard: u16) -> [Key; 2] {
    [
        counter_key(tenant, Grain::Month, span, shard),
        key_counter_key(tenant, Grain::Month, span, key, shard),
    ]
}

/// What was used in this billing period.
#[derive(Default)]
pub(super) struct Used {
    account: Totals,
    key: Totals,
}

impl Used {
    fn add(&mut self, keys: &[Key; 2], items: &mut Batch) {
        for (key, totals) in keys.iter().zip([&mut self.account, &mut self.key]) {
            if let Some(record) = items.record(key) {
                totals.add(&Counters::read(&record).totals);
            }
        }
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
        if plan.enforcement == Enforcement::Hard && is_over(&self.account, estimate, &plan.limits) {
            return Ok(Err(Refusal::QuotaExceeded));
        }
        if key.monthly_cost_limit.is_some_and(|limit| self.key.cost >= limit) {
            return Ok(Err(Refusal::KeyCostLimit));
        }
        let percent = Percents::of(&self.account, plan).highest();
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
    let today = account.zones.day(app.clock.now());
    let span = month_span(today);
    let mut used = Used::default();
    used.add(&shard_keys(tenant, key, &span, 0), items);
    let shards = account.spread.most_counters();
    if shards > 1 {
        let more: Vec<[Key; 2]> =
            (1..shards).map(|shard| shard_keys(tenant, key, &span, shard)).collect();
        let mut items = app.table.batch(&more.concat(), Read::Eventual).await?;
        for keys in &more {
            used.add(keys, &mut items);
        }
    }
    Ok(used)
}
