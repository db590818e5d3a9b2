//! The holds that events settle.

use std::collections::BTreeMap;

use shared::{
    app::App,
    headroom::{Hold, hold_key},
    id::HoldId,
    table::{MOST_BATCH_KEYS, Read, TableError, Tenant},
};

use crate::{Metered, batch::Group};

/// Finds the hold that each event names, if it is its account's and still holds anything. The first of several
/// events that name one settles it.
pub(crate) async fn find(
    app: &App,
    groups: &mut [(Group, Vec<Metered>)],
) -> Result<(), TableError> {
    let named = |metered: &Metered| -> Option<HoldId> {
        metered.event.data.reservation_id.as_deref()?.parse().ok()
    };
    let events = groups.iter().flat_map(|(_, events)| events);
    let mut ids: Vec<HoldId> = events.filter_map(named).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut holds: BTreeMap<HoldId, Hold> = BTreeMap::new();
    for ids in ids.chunks(MOST_BATCH_KEYS) {
        let keys: Vec<_> = ids.iter().map(|id| hold_key(*id)).collect();
        let mut items = app.table.batch(&keys, Read::Strong).await?;
        for (id, key) in ids.iter().zip(&keys) {
            if let Some(hold) = items.take::<Hold>(key)? {
                holds.insert(*id, hold);
            }
        }
    }
    let now = app.clock.now();
    for (group, events) in groups {
        let tenant = Tenant::of_record(&group.account);
        for metered in events {
            let Some(id) = named(metered) else { continue };
            let is_settled = |hold: &Hold| Tenant::of_record(hold) == tenant && hold.is_live(now);
            if holds.get(&id).is_some_and(is_settled) {
                metered.hold = holds.remove(&id).map(|hold| (id, hold));
            }
        }
    }
    Ok(())
}
