//! Reading counters: one range of sort keys, whatever is asked.

use std::collections::BTreeMap;

use jiff::Timestamp;
use shared::{
    account::BillingPeriod,
    auth::Caller,
    error::Error,
    table::{Range, Record},
    usage::{
        Counters, Grain, Totals, UPDATED_AT, by_instance_prefix, by_key_prefix, counted_span,
        grain_prefix,
    },
};

use super::{GroupBy, Question};

/// The use of one span of time, or of one group in it.
pub(super) struct Row {
    pub(super) start: String,
    pub(super) key: Option<String>,
    pub(super) totals: Totals,
}

/// The rows that answer a question, and when their counters were added to last.
pub(super) async fn rows(
    caller: &Caller,
    question: &Question,
) -> Result<(Vec<Row>, Option<Timestamp>), Error> {
    let stored = stored_grain(caller, question);
    let prefix = match question.group_by {
        Some(GroupBy::ApiKey) => by_key_prefix(stored),
        Some(GroupBy::Instance) => by_instance_prefix(stored),
        _ => grain_prefix(stored),
    };
    let Some((from, to)) = bounds(caller, question, stored) else { return Ok((Vec::new(), None)) };
    let range =
        Range::spanning(caller.tenant, &format!("{prefix}{from}"), &format!("{prefix}{to}"));
    let records = caller.app.table.records(range).await?;
    let updated_at = records.iter().filter_map(|it| it.text(UPDATED_AT).parse().ok()).max();

    let mut sums: BTreeMap<(String, Option<String>), Totals> = BTreeMap::new();
    for record in &records {
        let (span, owner) = counted_span(record.sort().strip_prefix(prefix).unwrap_or_default());
        let start = start(span, question.grain);
        for (key, totals) in groups(record, question.group_by, owner) {
            sums.entry((start.clone(), key)).or_default().add(&totals);
        }
    }
    let rows = sums.into_iter().map(|((start, key), totals)| Row { start, key, totals });
    Ok((rows.collect(), updated_at))
}

/// The counters to read. Months are read as months only where the range has whole ones: a range
/// that ends today or later has all there is of this month.
fn stored_grain(caller: &Caller, question: &Question) -> Grain {
    if question.grain != Grain::Month {
        return question.grain;
    }
    let today = caller.account.zones.day(caller.app.clock.now());
    let (from, to) = (question.span.from, question.span.to);
    let whole = from.day() == 1 && (to.day() == 1 || to > today);
    if whole { Grain::Month } else { Grain::Day }
}

/// What the first and the last sort key of the range begin with, after the prefix. A day that a change
/// of zone left out has no hours.
fn bounds(caller: &Caller, question: &Question, stored: Grain) -> Option<(String, String)> {
    let (first, last) = (question.span.from, question.span.last());
    Some(match stored {
        Grain::Month => (BillingPeriod::of(first).to_string(), BillingPeriod::of(last).to_string()),
        Grain::Day => (first.to_string(), last.to_string()),
        Grain::Hour => {
            let zones = &caller.account.zones;
            let start = zones.start_of(first);
            let end = zones.start_of(question.span.to).as_second() - 1;
            let end = Timestamp::from_second(end).unwrap_or(Timestamp::MAX);
            (start <= end).then(|| (start.to_string(), end.to_string()))?
        }
    })
}

/// The start as the API writes it.
fn start(span: &str, grain: Grain) -> String {
    match grain {
        Grain::Month => format!("{}-01", span.get(..7).unwrap_or(span)),
        Grain::Day | Grain::Hour => span.to_owned(),
    }
}

fn groups(
    record: &Record,
    group_by: Option<GroupBy>,
    owner: Option<&str>,
) -> Vec<(Option<String>, Totals)> {
    let counters = Counters::read(record);
    match group_by {
        None => vec![(None, counters.totals)],
        Some(GroupBy::ApiKey | GroupBy::Instance) => {
            vec![(owner.map(str::to_owned), counters.totals)]
        }
        Some(GroupBy::AiType) => {
            let by_type = counters.by_type.into_iter();
            by_type.map(|(ai_type, totals)| (Some(ai_type.to_string()), totals)).collect()
        }
        Some(GroupBy::Model) => {
            let by_model = counters.by_model.into_iter();
            by_model.map(|((_, model), totals)| (Some(model), totals)).collect()
        }
    }
}
