//! Taking events back: what one counted is subtracted once, under its own mark. One that has not come yet leaves
//! its place taken, so that it counts for nothing when it comes.

use std::collections::BTreeMap;

use shared::{
    account::{Account, AccountKind, AccountsFound, BillingPeriod},
    app::App,
    billing::{close_month, is_billed},
    error::{Code, Conflicts, Error},
    headroom::{Amounts, Change, Whose, ledger_key, read_share, shares_of},
    id::AccountId,
    table::{Cancelled, Condition, Key, Read, Tenant, Transaction, Update},
    usage::{
        self, Awaited, Counted, Counters, EventRefused, Grain, Logged, RefusedCode, Sign,
        StoredEvent, TAKEN_BACK_AT, UPDATED_AT, Void, Watched, counter_key, instance_counter_key,
        key_counter_key, void_key, watch,
    },
};

use crate::{Buried, dead_letter::DeadLetter};

/// Takes events back, one by one; gives back what can never be, and the messages that have to come again.
pub(crate) async fn take_back(
    app: &App,
    accounts: &AccountsFound,
    voids: Vec<(usize, Void)>,
) -> (Vec<Buried>, Vec<usize>) {
    let (mut dead, mut failed) = (Vec::new(), Vec::new());
    for (message, void) in voids {
        if accounts.unreadable.contains_key(&void.account) {
            failed.push(message);
            continue;
        }
        let Some(account) = client(&accounts.known, void.account) else {
            let refused = EventRefused::new(RefusedCode::UnknownAccount, "there is no such client");
            dead.push((message, DeadLetter::of_void(void, &refused)));
            continue;
        };
        let taking_back = take_back_one(app.clone(), account.clone(), void);
        match tokio::spawn(taking_back).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                crate::report(&error);
                failed.push(message);
            }
            Err(_panic) => {
                tracing::error!("taking back panicked");
                failed.push(message);
            }
        }
    }
    (dead, failed)
}

fn client(known: &BTreeMap<AccountId, Account>, id: AccountId) -> Option<&Account> {
    known.get(&id).filter(|it| it.kind == AccountKind::Client)
}

/// Takes one event back. What was done before is done; what somebody else does meanwhile is looked at again.
async fn take_back_one(app: App, account: Account, void: Void) -> Result<(), Error> {
    let (app, account, void) = (&app, &account, &void);
    let day = account.zones.day(void.time);
    let partitions = account.spread.on(day).events;
    let place = void_key(Tenant::of_record(account), day, partitions, void);
    let mut conflicts = Conflicts::default();
    loop {
        let mut transaction = app.table.transaction();
        match app.table.get::<Logged>(&place, Read::Strong).await? {
            None => {
                let awaited = Awaited::new(void, app.clock.now());
                transaction.create(&place, &awaited, Refused::Moved);
            }
            Some(Logged::Event(event)) if event.taken_back_at.is_none() => {
                subtract(app, account, &event, &place, &mut transaction);
            }
            Some(Logged::Event(_) | Logged::Awaited(_)) => return Ok(()),
        }
        let refused = match transaction.commit().await {
            Ok(()) => return Ok(()),
            Err(Cancelled::Failed(error)) => return Err(error.into()),
            Err(Cancelled::Refused(refused)) => refused,
        };
        conflicts.put_up_with(Code::Conflict.into())?;
        for it in refused {
            if let Refused::Ledger(whose, period, share) = it {
                // It is begun with what is counted now.
                read_share(app, account, whose, period, share).await?;
            }
        }
    }
}

/// Why an event is not taken back as it was read.
#[derive(Debug, Clone, Copy)]
enum Refused {
    /// Somebody else was first.
    Moved,
    /// This ledger was not begun yet.
    Ledger(Whose, BillingPeriod, u16),
}

/// Adds to a transaction that an event is marked, and that every counter has what it had without it.
fn subtract(
    app: &App,
    account: &Account,
    event: &StoredEvent,
    place: &Key,
    transaction: &mut Transaction<'_, Refused>,
) {
    let (tenant, now) = (Tenant::of_record(account), app.clock.now());
    let unmarked = Condition::All(vec![Condition::Exists, Condition::Without(TAKEN_BACK_AT)]);
    let mark = Update::new().set(TAKEN_BACK_AT, now).when(unmarked);
    transaction.update(place, mark, Some(Refused::Moved));

    let used = event.used();
    let mut counters = Counters::default();
    counters.count(event.data.ai_type, event.model(), &used, event.by_request);
    for (key, update) in counted(account, event, &counters) {
        transaction.update(&key, update.set(UPDATED_AT, now), None);
    }
    let period = BillingPeriod::at(&account.zones, event.time);
    let share = usage::shard(&event.source, &event.id, shares_of(account));
    let key = event.key().and_then(Counted::known);
    for whose in [Whose::Account].into_iter().chain(key.map(Whose::Key)) {
        let mut change = Change::default();
        change.count(-Amounts::from(&used));
        let ledger = ledger_key(tenant, whose, period, share);
        change.write(&ledger, transaction, Refused::Ledger(whose, period, share));
    }
    for watched in [Watched::Account].into_iter().chain(key.map(Watched::Key)) {
        let (key, update) = watch(app, tenant, period, watched, event.counted_as.shard);
        transaction.update(&key, update, None);
    }
    if is_billed(account, &app.plans, period) {
        let next = BillingPeriod::at(&account.zones, now).max(period);
        let (key, update) = close_month(app, account, next);
        transaction.update(&key, update, None);
    }
}

/// Every counter that an event was added to, with what is taken from it.
fn counted(account: &Account, event: &StoredEvent, counters: &Counters) -> Vec<(Key, Update)> {
    let tenant = Tenant::of_record(account);
    let shard = event.counted_as.shard;
    let day = account.zones.day(event.time);
    let hour = account.zones.hour(event.time).to_string();
    let (month, day) = (BillingPeriod::of(day).to_string(), day.to_string());
    let all = || counters.update(Sign::TakenBack);
    let totals = || counters.totals_update(Sign::TakenBack);
    let mut counted = vec![
        (counter_key(tenant, Grain::Month, &month, shard), all()),
        (counter_key(tenant, Grain::Day, &day, shard), all()),
        (counter_key(tenant, Grain::Hour, &hour, shard), all()),
    ];
    for (grain, span) in [(Grain::Month, &month), (Grain::Day, &day)] {
        let key = event.key().map(|key| key_counter_key(tenant, grain, span, key, shard));
        let instance = event.instance();
        let instance = instance.map(|it| instance_counter_key(tenant, grain, span, it, shard));
        counted.extend(key.into_iter().chain(instance).map(|place| (place, totals())));
    }
    counted
}
