//! Counting the events of one account and day.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use shared::{
    app::App,
    error::{Code, Error},
    headroom::{Hold, read_share},
    table::{Cancelled, Condition, Key, Read},
    usage::{EventRefused, Logged, RefusedCode, TAKEN_BACK_AT},
};

use crate::{
    Buried,
    batch::{Group, Metered},
    dead_letter::DeadLetter,
    slice::{Priced, Refused, Slice},
};

/// Counts the events, slice by slice; gives back what can never be counted, and adds the conflicts
/// with other meters up.
pub(crate) async fn count(
    app: &App,
    group: &Group,
    events: Vec<Metered>,
    conflicts: &mut u32,
) -> Result<Vec<Buried>, Error> {
    let mut dead = Vec::new();
    let mut left = VecDeque::new();
    for metered in events {
        let data = &metered.event.data;
        // The prices are those of its time.
        let reference = group.account.plan_at(metered.event.time);
        let plan = app.plans.require(reference);
        let plan = plan.map_err(|missing| Error::fault(Code::Internal, missing))?;
        match plan.price(data.ai_type, data.requests, data.input_tokens, data.output_tokens) {
            Some(price) => left.push_back(Priced { metered, price, plan: plan.reference() }),
            None => {
                let refused =
                    EventRefused::new(RefusedCode::OutOfRange, "its cost is past counting");
                dead.push((metered.message, DeadLetter::of(metered.event, &refused)));
            }
        }
    }
    // What is held in one share of a hot account's ledger is settled together.
    let mut left: Vec<Priced> = left.into();
    left.sort_by_key(|priced| priced.metered.share(group));
    let mut left = VecDeque::from(left);
    while !left.is_empty() {
        let mut slice = Slice::default();
        while let Some(priced) = left.pop_front() {
            if let Err(full) = slice.add(group, priced) {
                left.push_front(*full);
                break;
            }
        }
        commit(app, group, slice, conflicts).await?;
    }
    Ok(dead)
}

/// So often a slice is tried whose ledger is not as it has to be, before its events wait for another time.
const MOST_TRIES: u32 = 8;

/// Commits a slice. What cannot be in it is left out, and the rest is tried again.
async fn commit(
    app: &App,
    group: &Group,
    mut slice: Slice,
    conflicts: &mut u32,
) -> Result<(), Error> {
    let mut tries = 0;
    while !slice.is_empty() {
        let transaction = slice.transaction(app, group);
        match transaction.commit_counting_conflicts(conflicts).await {
            Ok(()) => return Ok(()),
            Err(Cancelled::Failed(error)) => return Err(error.into()),
            Err(Cancelled::Refused(refused)) => {
                tries += u32::from(!refused.iter().any(|it| matches!(it, Refused::Counted(_))));
                if refused.is_empty() || tries > MOST_TRIES {
                    // A refusal that nothing is left out for would be tried again for ever.
                    return Err(Code::Conflict.into());
                }
                slice = without(app, group, slice, refused).await?;
            }
        }
    }
    Ok(())
}

/// The slice without what was counted before and without holds that are over: what used their room is counted
/// all the same.
async fn without(
    app: &App,
    group: &Group,
    slice: Slice,
    refused: Vec<Refused>,
) -> Result<Slice, Error> {
    let refused: BTreeSet<Refused> = refused.into_iter().collect();
    let mut ledgers = BTreeMap::new();
    for it in &refused {
        if let Refused::Ledger(whose, period, share) = it {
            let ledger = read_share(app, &group.account, *whose, *period, *share).await?;
            ledgers.insert((*whose, *period, *share), ledger);
        }
    }
    let is_over = |hold: &Hold| {
        let mut places =
            hold.places().map(|whose| ledgers.get(&(whose, hold.period(), hold.share)));
        places.any(|ledger| ledger.is_some_and(|it| !it.has_until(hold.expires_at)))
    };
    let mut rest = Slice::like(&slice);
    let mut counted = Vec::new();
    for (place, mut priced) in slice.into_events().into_iter().enumerate() {
        if refused.contains(&Refused::Counted(place)) {
            counted.push(priced);
            continue;
        }
        let settled = refused.contains(&Refused::Settled(place));
        priced.metered.hold = priced.metered.hold.filter(|(_, hold)| !settled && !is_over(hold));
        // Fewer writes than before always fit.
        if rest.add(group, priced).is_err() {
            return Err(Code::Internal.into());
        }
    }
    fill(app, &counted).await?;
    Ok(rest)
}

/// Of what was refused as counted before, that which was taken back before it came is in the log from now on,
/// marked.
async fn fill(app: &App, counted: &[Priced]) -> Result<(), Error> {
    let places: Vec<Key> = counted.iter().map(|it| it.metered.place.clone()).collect();
    let mut logged = app.table.batch(&places, Read::Strong).await?;
    let now = app.clock.now();
    let mut transaction = app.table.transaction();
    for priced in counted {
        let place = &priced.metered.place;
        if let Some(Logged::Awaited(awaited)) = logged.take(place)? {
            let mut event = priced.stored(0, now);
            event.taken_back_at = Some(awaited.taken_back_at);
            let is_awaited =
                vec![Condition::Has(TAKEN_BACK_AT.to_owned()), Condition::Without("data")];
            transaction.put_if(place, &event, Condition::All(is_awaited), ());
        }
    }
    if transaction.is_empty() {
        return Ok(());
    }
    match transaction.commit().await {
        // Somebody else was first with one of them: those that are left come again with their message.
        Err(Cancelled::Refused(_)) => Err(Code::Conflict.into()),
        Err(Cancelled::Failed(error)) => Err(error.into()),
        Ok(()) => Ok(()),
    }
}
