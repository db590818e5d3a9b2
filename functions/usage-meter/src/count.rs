//! Counting the events of one account and day.

use std::collections::{BTreeSet, VecDeque};

use shared::{
    app::App,
    error::{Code, Error},
    plan::Plan,
    table::Cancelled,
    usage::{EventRefused, RefusedCode},
};

use crate::{
    Buried,
    batch::{Group, Metered},
    dead_letter::DeadLetter,
    slice::{Priced, Slice},
};

/// The account's plan is not in the catalogue: a deployment lost it.
#[derive(Debug, thiserror::Error)]
#[error("the plan {0} version {1} is not in the catalogue")]
struct PlanMissing(String, u32);

/// Counts the events, slice by slice; gives back what can never be counted, and adds the conflicts
/// with other meters up.
pub(crate) async fn count(
    app: &App,
    group: &Group,
    events: Vec<Metered>,
    conflicts: &mut u32,
) -> Result<Vec<Buried>, Error> {
    let reference = &group.account.plan;
    let plan = app.plans.find(reference).ok_or_else(|| {
        Error::fault(Code::Internal, PlanMissing(reference.id.clone(), reference.version))
    })?;
    let mut dead = Vec::new();
    let mut left = VecDeque::new();
    for metered in events {
        let data = &metered.event.data;
        match plan.cost(data.ai_type, data.requests, data.input_tokens, data.output_tokens) {
            Some(cost) => left.push_back(Priced { metered, cost }),
            None => {
                let refused =
                    EventRefused::new(RefusedCode::OutOfRange, "its cost is past counting");
                dead.push((metered.message, DeadLetter::of(metered.event, &refused)));
            }
        }
    }
    while !left.is_empty() {
        let mut slice = Slice::default();
        while let Some(priced) = left.pop_front() {
            if let Err(full) = slice.add(group, priced) {
                left.push_front(*full);
                break;
            }
        }
        commit(app, group, plan, slice, conflicts).await?;
    }
    Ok(dead)
}

/// Commits a slice. Events that were counted before are refused by their items: they are left
/// out, and the rest is tried again.
async fn commit(
    app: &App,
    group: &Group,
    plan: &Plan,
    mut slice: Slice,
    conflicts: &mut u32,
) -> Result<(), Error> {
    while !slice.is_empty() {
        let transaction = slice.transaction(app, group, plan);
        match transaction.commit_counting_conflicts(conflicts).await {
            Ok(()) => return Ok(()),
            Err(Cancelled::Failed(error)) => return Err(error.into()),
            Err(Cancelled::Refused(places)) => slice = without(slice, group, places)?,
        }
    }
    Ok(())
}

fn without(slice: Slice, group: &Group, places: Vec<usize>) -> Result<Slice, Error> {
    let counted: BTreeSet<usize> = places.into_iter().collect();
    if counted.is_empty() {
        // A refusal that names nobody would be tried again for ever.
        return Err(Code::Conflict.into());
    }
    let mut rest = Slice::default();
    let events = slice.into_events().into_iter().enumerate();
    for (_, priced) in events.filter(|(place, _)| !counted.contains(place)) {
        // Fewer events than before always fit.
        if rest.add(group, priced).is_err() {
            return Err(Code::Internal.into());
        }
    }
    Ok(rest)
}
