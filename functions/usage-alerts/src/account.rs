//! A look at an account's use.

use shared::{
    account::{Account, account_key},
    alerts::{Paced, Told, paced_key, told_of},
    app::App,
    error::{Code, Error},
    headroom::{Amounts, Ledger, Whose, ledger_key, with_further_shares},
    table::{Read, Tenant, Transaction},
    timer::Timer,
    usage::{Course, LimitsInForce, Metric, Watch},
};

use crate::{AlertsError, Refused, Seen, commit, look::Look, words};

/// Looks at an account's use, and tells its owner what has happened.
pub(crate) async fn look(app: &App, timer: &Timer<Watch>) -> Result<(), AlertsError> {
    let mut transaction = app.table.transaction();
    let (tenant, period) = (Tenant::of_record(timer), timer.what.period());
    let keys = [account_key(tenant), ledger_key(tenant, Whose::Account, period, 0)];
    let mut items = app.table.batch(&keys, Read::Strong).await?;
    let account: Option<Account> = items.take(&keys[0])?;
    let first = items.record(&keys[1]).map(|it| Ledger::read(&it)).unwrap_or_default();
    if let Some(look) = account.and_then(|account| Look::new(app, account, period)) {
        let whose = Whose::Account;
        let ledger = with_further_shares(app, &look.account, whose, period, first).await?;
        let told = told_of(app, tenant, period).await?;
        note(app, &look, &ledger.used(), &told, &mut transaction)?;
    }
    commit(timer, transaction).await
}

/// Adds what has happened to a transaction: what is recorded, and one message a metric at most.
fn note(
    app: &App,
    look: &Look,
    used: &Amounts,
    told: &[Told],
    transaction: &mut Transaction<'_, Refused>,
) -> Result<(), Error> {
    let account = &look.account;
    let plan = app.plans.find(&account.plan).ok_or(Code::Internal)?;
    let limits = LimitsInForce::new(plan, account.cost_cap);
    for metric in Metric::ALL {
        let seen = Seen {
            metric,
            key: None,
            used: u128::try_from(used.of(metric)).unwrap_or(0),
            limit: limits.of(metric),
            blocking: limits.blocking(metric).map(|(limit, _)| limit),
            marks: account.alerts.of(metric).collect(),
        };
        let step = seen.step(&crossings(told));
        let words = match step.crossed.first() {
            Some(highest) => Some(words::crossed(look, &seen, *highest, &limits)),
            None => step.recovered.first().map(|_| words::recovered(&seen)),
        };
        let is_quiet = words.is_none();
        look.write(app, &seen, &step, words, transaction);
        if is_quiet {
            pace(app, look, &seen, told, transaction);
        }
    }
    Ok(())
}

/// What was recorded of thresholds.
pub(crate) fn crossings(told: &[Told]) -> Vec<shared::alerts::Alert> {
    let crossings = told.iter().filter_map(|it| match it {
        Told::Crossed(alert) => Some(alert.as_ref().clone()),
        Told::Paced(_) => None,
    });
    crossings.collect()
}

/// Tells where the month's pace leads, if that is past the limit and was not told yet.
fn pace(
    app: &App,
    look: &Look,
    seen: &Seen,
    told: &[Told],
    transaction: &mut Transaction<'_, Refused>,
) {
    let is_told =
        told.iter().any(|it| matches!(it, Told::Paced(paced) if paced.metric == seen.metric));
    let zones = &look.account.zones;
    let course = Course::of_month(zones, look.now);
    let is_present = course.start == look.period.starts_at(zones);
    if is_told || !is_present || !look.account.alerts.pace {
        return;
    }
    let Some(full_at) = course.outlook(seen.used, seen.limit).and_then(|it| it.full_at) else {
        return;
    };
    let full_on = zones.day(full_at);
    let key = paced_key(look.tenant(), look.period, seen.metric);
    let told = look.tell(app, words::pace(seen, full_on), transaction);
    let paced = Paced::new(seen.metric, full_on, look.now, told);
    transaction.create(&key, &paced, Refused::Otherwise);
}
