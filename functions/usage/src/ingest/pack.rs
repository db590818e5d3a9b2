//! Packing events into messages: as many as the meter counts in one transaction, and messages
//! into calls.

use shared::{
    queue::{MOST_BYTES, MOST_MESSAGES},
    usage::{PackedEvents, Reported, UsageEvent, Void},
};

/// A transaction has 100 writes; a few of them are counters.
const EVENTS_A_MESSAGE: usize = 95;
const VOIDS_A_MESSAGE: usize = 20;
/// A message of the longest events stays well under a call's limit.
const BYTES_A_MESSAGE: usize = MOST_BYTES / 4;

/// The calls to make, each with its messages' bodies.
pub(super) fn calls(reported: Vec<Reported>) -> Vec<Vec<String>> {
    let (mut events, mut voids) = (Vec::new(), Vec::new());
    for it in reported {
        match it {
            Reported::Use(event) => events.push(event),
            Reported::Void(void) => voids.push(void),
        }
    }
    voids.sort_by_key(|void| void.account);
    // One account and one stretch of time a message: what one transaction can count.
    events.sort_by_key(|event| (event.account, event.time));
    let mut calls: Vec<Vec<String>> = Vec::new();
    let mut weight = 0;
    for body in messages(events).into_iter().chain(taken_back(&voids)) {
        let full = calls.last().is_none_or(|call| call.len() == MOST_MESSAGES);
        if full || weight + body.len() > MOST_BYTES {
            calls.push(Vec::new());
            weight = 0;
        }
        weight += body.len();
        if let Some(call) = calls.last_mut() {
            call.push(body);
        }
    }
    calls
}

fn messages(events: Vec<UsageEvent>) -> Vec<String> {
    let mut bodies = Vec::new();
    let mut packed: Vec<UsageEvent> = Vec::new();
    let mut weight = 0;
    for event in events {
        let size = serde_json::to_string(&event).map_or(0, |text| text.len() + 1);
        let other = packed.last().is_some_and(|last| last.account != event.account);
        if other || packed.len() == EVENTS_A_MESSAGE || weight + size > BYTES_A_MESSAGE {
            bodies.push(body(std::mem::take(&mut packed)));
            weight = 0;
        }
        weight += size;
        packed.push(event);
    }
    if !packed.is_empty() {
        bodies.push(body(packed));
    }
    bodies
}

fn body(events: Vec<UsageEvent>) -> String {
    let packed = PackedEvents { events, voids: Vec::new() };
    serde_json::to_string(&packed).unwrap_or_default()
}

/// Each is a transaction of its own: a message has few, so that it is done in time.
fn taken_back(voids: &[Void]) -> Vec<String> {
    let packed = voids
        .chunks(VOIDS_A_MESSAGE)
        .map(|voids| PackedEvents { events: Vec::new(), voids: voids.to_vec() });
    packed.map(|packed| serde_json::to_string(&packed).unwrap_or_default()).collect()
}

#[cfg(test)]
mod tests {
    use shared::{
        id::AccountId,
        plan::AiType,
        random::Random,
        usage::{PackedEvents, Reported, UsageData, UsageEvent},
    };

    use super::calls;

    fn event(account: AccountId, number: usize) -> UsageEvent {
        UsageEvent {
            source: "test".into(),
            id: number.to_string(),
            account,
            time: "2026-11-22T12:00:00Z".parse().unwrap(),
            data: UsageData {
                ai_type: AiType::Text,
                model: "m".into(),
                input_tokens: 1,
                output_tokens: 1,
                requests: 1,
                instance_id: None,
                api_key_id: None,
                latency_ms: None,
                status: None,
                reservation_id: None,
            },
        }
    }

    #[test]
    fn every_event_is_packed_once_by_account_and_ten_messages_are_one_call() {
        let random = Random::seeded(3);
        let at = jiff::Timestamp::UNIX_EPOCH;
        let accounts = [AccountId::new(at, &random), AccountId::new(at, &random)];
        let events: Vec<_> = (0..1000).map(|number| event(accounts[number % 2], number)).collect();
        let calls = calls(events.into_iter().map(Reported::Use).collect());
        assert!(calls.len() <= 2, "{} calls", calls.len());
        let mut ids = Vec::new();
        for body in calls.iter().flatten() {
            let packed: PackedEvents = serde_json::from_str(body).unwrap();
            assert!(packed.events.iter().all(|event| event.account == packed.events[0].account));
            ids.extend(packed.events.into_iter().map(|event| event.id.parse::<usize>().unwrap()));
        }
        ids.sort_unstable();
        assert_eq!(ids, (0..1000).collect::<Vec<_>>());
    }
}
