//! An account is suspended: nobody signs in, its keys are refused, nothing is renewed and nothing is tried. Activated,
//! it goes on where it stood.

use shared::{
    account::{AccountStatus, SubscriptionState},
    app::App,
    audit::{Event, EventKind, record},
    auth::Caller,
    error::{Code, Conflicts, Error},
    money::Pico,
    payments::{Matter, Standing, left_out, matter_due},
    table::{Condition, Transaction, Update},
};

use super::of_company;

/// Suspends an account. One that is suspended already stays so.
///
/// # Errors
/// When nobody of the company does it.
pub async fn suspend(caller: &Caller) -> Result<(), Error> {
    change(caller, AccountStatus::Suspended).await
}

/// Activates an account. One that is active already stays so.
///
/// # Errors
/// When nobody of the company does it.
pub async fn activate(caller: &Caller) -> Result<(), Error> {
    change(caller, AccountStatus::Active).await
}

async fn change(caller: &Caller, to: AccountStatus) -> Result<(), Error> {
    of_company(caller)?;
    let mut conflicts = Conflicts::default();
    loop {
        match try_to_change(caller, to).await {
            Ok(()) => return Ok(()),
            Err(error) => conflicts.put_up_with(error)?,
        }
    }
}

async fn try_to_change(caller: &Caller, to: AccountStatus) -> Result<(), Error> {
    let (app, tenant) = (&caller.app, caller.tenant);
    let read = Standing::read(app, tenant).await?;
    let mut standing = read.ok_or(Code::NotFound)?;
    if standing.account.status == to {
        return Ok(());
    }
    let mut transaction = app.table.transaction();
    let (update, kind) = match to {
        AccountStatus::Suspended => {
            let update = stop(app, &mut standing, &mut transaction);
            (update, EventKind::AccountSuspended)
        }
        AccountStatus::Active => {
            (go_on(app, &mut standing, &mut transaction), EventKind::AccountActivated)
        }
    };
    let version = standing.account.version;
    let update = update.set_serialized("status", &to)?.set("version", version + 1);
    let update = update.when(Condition::Equals("version", version.into()));
    standing.put_with(update, &mut transaction)?;
    let event = Event::by(caller, kind, None);
    record(app, tenant, event, &mut transaction);
    Ok(transaction.commit().await?)
}

/// Everything stops: sessions end, and the clock of what is overdue stands still.
fn stop(app: &App, standing: &mut Standing, transaction: &mut Transaction<'_, Code>) -> Update {
    let now = app.clock.now();
    if let Some(dunning) = &mut standing.balance.dunning {
        dunning.stand(now);
    }
    let change = Update::new().set("suspended_at", now.to_string());
    standing.account.end_all_sessions(change, transaction, &Code::Conflict)
}

/// Everything goes on: the clock where it stood, and what was left out meanwhile.
fn go_on(app: &App, standing: &mut Standing, transaction: &mut Transaction<'_, Code>) -> Update {
    let (now, tenant) = (app.clock.now(), standing.tenant);
    let since = standing.account.suspended_at;
    standing.resume_clock(now);
    let running = standing.balance.dunning.as_ref().filter(|it| !it.is_over);
    let next = running.map(|it| it.next_after(now));
    let collect = match next {
        // Its last try's time passed while it stood.
        Some(next) => next.or(Some(now)),
        None => Some(now).filter(|_| standing.balance.due > Pico::ZERO),
    };
    if let Some(due) = collect {
        let (key, update) = matter_due(app, tenant, &Matter::Collect {}, due);
        transaction.update(&key, update, None);
    }
    let goes_on = matches!(
        standing.subscription.state,
        SubscriptionState::Active | SubscriptionState::PastDue
    );
    if goes_on && left_out(app, &standing.account, &standing.balance, since, now) {
        let (key, update) = matter_due(app, tenant, &Matter::Begin {}, now);
        transaction.update(&key, update, None);
    }
    Update::new().remove("suspended_at")
}
