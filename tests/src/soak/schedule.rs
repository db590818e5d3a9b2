//! Which messages come when: every event as often as asked, some in the same message again, some
//! packed anew, all of them somewhat out of order.

use std::collections::VecDeque;

use shared::random::Random;

use super::{Message, Soak, set::EventSet};

/// A full message of the ingest.
const EVENTS_A_MESSAGE: usize = 95;
/// Packed anew, an event moves at most so far.
const SHUFFLED_WITHIN: u64 = 500;
/// A message comes at most so many thousandths of the whole earlier or later.
const OUT_OF_ORDER_BY: u64 = 40;

/// All deliveries in the order of their arrival.
pub(super) fn messages(set: &EventSet, soak: Soak) -> VecDeque<Message> {
    let random = Random::seeded(soak.seed ^ 0x5C4E_D01E);
    let mut queue: Vec<(u64, Message)> = Vec::new();
    for copy in 0..soak.copies {
        for message in packed(set, copy, &random) {
            let first = message.places.first().copied().unwrap_or(0) as u64;
            let place = first * 1000 / set.len().max(1) as u64;
            queue.push((place + random.below(OUT_OF_ORDER_BY), message));
        }
    }
    queue.sort_by_key(|(place, _)| *place);
    queue.into_iter().map(|(_, message)| message).collect()
}

/// One copy of the set. The first two are packed alike: the queue delivers twice. The others are
/// packed anew: the gateway sends again.
fn packed(set: &EventSet, copy: usize, random: &Random) -> Vec<Message> {
    let mut order: Vec<usize> = (0..set.len()).collect();
    if copy >= 2 {
        order.sort_by_cached_key(|place| *place as u64 + random.below(SHUFFLED_WITHIN));
    }
    let mut by_client: Vec<Vec<usize>> = Vec::new();
    for place in order {
        let client = set.client(place);
        if by_client.len() <= client {
            by_client.resize(client + 1, Vec::new());
        }
        by_client[client].push(place);
    }
    let packed = by_client.iter().flat_map(|places| places.chunks(EVENTS_A_MESSAGE));
    packed.map(|places| Message { places: places.to_vec(), deliveries: 0 }).collect()
}
