//! A look at an account's use.

use shared::{
    account::{Account, account_key},
    alerts::{Paced, Told, paced_key, told_of},
    app::App,
    error::{Code, Error},
    headroom::{Amounts, Ledger, Whose, counted, ledger_key, with_further_shares},
    table::{Read, Tenant, Transaction},
    timer::Timer,
    usage::{Course, LimitsInForce, Metric, Watch},
};

use crate::{AlertsError, Overtaken, Seen, look::Look, words};

/// One look writes down so many that use is below again, for a transaction has room for a hundred writes.
pub(crate) const MOST_RECOVERED: usize = 50;

/// Looks at an account's use, and tells its owner what has happened. Whether there is nothing more to see.
pub(crate) async fn look(app: &App, timer: &Timer<Watch>) -> Result<bool, AlertsError> {
    let (tenant, period) = (Tenant::of_record(timer), timer.what.period());
    let whose = Whose::Account;
    let keys = [account_key(tenant), ledger_key(tenant, whose, period, 0)];
    let mut items = app.table.batch(&keys, Read::Strong).await?;
    let Some(account) = items.take::<Account>(&keys[0])? else { return Ok(true) };
    let Some(look) = Look::new(app, account, period) else { return Ok(true) };
    let first = match items.record(&keys[1]) {
        Some(record) => Ledger::read(&record),
        None => counted(app, &look.account, whose, period).await?,
    };
    let ledger = with_further_shares(app, tenant, whose, period, first).await?;
    let told = told_of(app, tenant, period).await?;
    let mut transaction = app.table.transaction();
    let seen_all = note(app, &look, &ledger.used(), &told, &mut transaction)?;
    if !transaction.is_empty() {
        transaction.commit().await?;
    }
    Ok(seen_all)
}

/// Adds what has happened to a transaction: what is recorded, and one message a metric at most. Whether that is all.
fn note(
    app: &App,
    look: &Look,
    used: &Amounts,
    told: &[Told],
    transaction: &mut Transaction<'_, Overtaken>,
) -> Result<bool, Error> {
    let mut room = MOST_RECOVERED;
    let mut seen_all = true;
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
        let mut step = seen.step(&crossings(told));
        seen_all &= step.recovered.len() <= room;
        step.recovered.truncate(room);
        room -= step.recovered.len();
        let words = match step.crossed.first() {
            Some(highest) => Some(words::crossed(look, &seen, *highest, &limits)),
            None => step.recovered.first().map(|highest| words::recovered(&seen, *highest)),
        };
        let is_quiet = words.is_none();
        look.write(app, &seen, &step, words, transaction)?;
        if is_quiet {
            pace(app, look, &seen, told, transaction);
        }
    }
    Ok(seen_all)
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
    transaction: &mut Transaction<'_, Overtaken>,
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
    transaction.create(&key, &paced, Overtaken);
}
