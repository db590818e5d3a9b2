//! What is told of use.

use jiff::civil::Date;
use shared::{
    alerts::Mark,
    auth::ApiKey,
    notify::{Filling, NoticeKind, Words},
    usage::{LimitedBy, LimitsInForce, Units, percent_of},
};

use crate::{
    Seen,
    look::{Look, Message},
    step::{Crossed, Recovered},
};

/// Word that use has come to a threshold of the account's.
pub(crate) fn crossed(
    look: &Look,
    seen: &Seen,
    highest: Crossed,
    limits: &LimitsInForce,
) -> Message {
    if look.is_past() {
        let words = numbers(seen, "usage-past", seen.limit);
        return (NoticeKind::UsageAlert, words.with("month", Filling::Month(look.period.first())));
    }
    if highest.blocks {
        let by_cap = limits.blocking(seen.metric).is_some_and(|(_, by)| by == LimitedBy::Cap);
        let id = if by_cap { "cap-reached" } else { "limit-reached" };
        let words = numbers(seen, id, seen.blocking.unwrap_or(seen.limit));
        return (NoticeKind::LimitReached, words.with("day", Filling::Day(look.period.end())));
    }
    let words = match highest.id.at {
        // The client's cap may lie above a limit that only counts.
        Mark::Percent(_) if seen.blocking == Some(seen.limit) => {
            numbers(seen, "usage-hard", seen.limit)
        }
        Mark::Percent(_) => numbers(seen, "usage-soft", seen.limit),
        Mark::Amount(amount) => numbers(seen, "usage-amount", amount.0),
    };
    (NoticeKind::UsageAlert, words)
}

/// Word that use is below what it had come to.
pub(crate) fn recovered(seen: &Seen, highest: Recovered) -> Message {
    let words = match (highest.blocks, highest.id.at) {
        (true, _) => numbers(seen, "served-again", seen.limit),
        (false, Mark::Percent(percent)) => numbers(seen, "recovered", seen.limit)
            .with("threshold", Filling::Percent(percent.into())),
        (false, Mark::Amount(amount)) => numbers(seen, "recovered-amount", amount.0),
    };
    (NoticeKind::Recovered, words)
}

/// Word of where the month's pace leads.
pub(crate) fn pace(seen: &Seen, full_on: Date) -> Message {
    let words = numbers(seen, "pace", seen.limit).with("day", Filling::Day(full_on));
    (NoticeKind::Pace, words)
}

/// Word that a key's use has come to a threshold of its own limit.
pub(crate) fn key_crossed(look: &Look, seen: &Seen, highest: Crossed, key: &ApiKey) -> Message {
    let id = if highest.blocks { "key-limit" } else { "key-alert" };
    let words = numbers(seen, id, seen.limit)
        .with("key", Filling::Written(key.name.clone()))
        .with("day", Filling::Day(look.period.end()));
    (NoticeKind::KeyLimit, words)
}

/// Word that a key's use is below its limit again.
pub(crate) fn key_recovered(key: &ApiKey) -> Message {
    let words = Words::new("key-recovered").with("key", Filling::Written(key.name.clone()));
    (NoticeKind::Recovered, words)
}

/// Words about how much of a limit is used.
fn numbers(seen: &Seen, id: &str, limit: u128) -> Words {
    let amount = |amount| Filling::Amount(seen.metric, Units(amount));
    Words::new(id)
        .with("metric", Filling::Message(format!("metric-{}", seen.metric.as_str())))
        .with("percent", Filling::Percent(percent_of(seen.used, limit)))
        .with("used", amount(seen.used))
        .with("limit", amount(limit))
}
