//! Reading the log: the days that have events are known by their counters, so that a page asks
//! only for the partitions it needs, side by side.

use std::collections::BTreeMap;

use futures::future::try_join_all;
use jiff::civil::Date;
use shared::{
    account::days_on_earth,
    app::App,
    auth::Caller,
    error::Error,
    plan::AiType,
    table::{Cursor, CursorRefused, Range, Tenant},
    usage::{Counters, DayPage, Grain, StoredEvent, counted_span, grain_prefix},
};

use crate::report::Span;

/// A page may read so many days; one with fewer lines than asked for says where to go on.
const MOST_DAYS_READ: usize = 4;

/// Where a page ends: a day, and the sort key within it.
pub(super) struct Position {
    day: Date,
    after: Option<String>,
}

impl Position {
    pub(super) fn parse(cursor: &Cursor) -> Result<Self, CursorRefused> {
        let (day, after) = cursor.0.split_once('|').ok_or(CursorRefused::Invalid)?;
        let day = day.parse().map_err(|_| CursorRefused::Invalid)?;
        Ok(Self { day, after: (!after.is_empty()).then(|| after.to_owned()) })
    }

    pub(super) fn cursor(&self) -> Cursor {
        Cursor(format!("{}|{}", self.day, self.after.as_deref().unwrap_or_default()))
    }
}

/// Which events.
pub(super) struct Wanted {
    pub(super) span: Span,
    pub(super) ai_type: Option<AiType>,
    pub(super) position: Option<Position>,
    pub(super) limit: usize,
}

/// What each day counted.
pub(super) type Days = BTreeMap<Date, Counters>;

/// The days that a query may mean, whatever the account's zone is: it is not known before the
/// credential is checked. A query that means nothing is refused after that.
pub(super) async fn days_around(
    app: &App,
    tenant: Tenant,
    (from, to): (Option<&str>, Option<&str>),
    position: Option<&Position>,
) -> Result<Days, Error> {
    let todays = days_on_earth(app.clock.now());
    // What one of the days makes a range of, the account's own day may.
    let spans = todays.map(|today| Span::parse(from, to, today, super::MOST_DAYS));
    let first = spans.iter().flatten().map(|span| span.from).min();
    let last = spans.iter().flatten().map(|span| span.to).max();
    let (Some(first), Some(last)) = (first, last) else { return Ok(Days::new()) };
    let last = position.map_or(last, |position| last.min(position.day));
    let prefix = grain_prefix(Grain::Day);
    let range = Range::spanning(tenant, &format!("{prefix}{first}"), &format!("{prefix}{last}"));
    let mut days = Days::new();
    for record in app.table.records(range).await? {
        let (span, _) = counted_span(record.sort().strip_prefix(prefix).unwrap_or_default());
        if let Ok(day) = span.parse() {
            days.entry(day).or_default().merge(&Counters::read(&record));
        }
    }
    Ok(days)
}

/// One page, and where the next one begins if there is more.
pub(super) async fn page(
    caller: &Caller,
    wanted: Wanted,
    days: &Days,
) -> Result<(Vec<StoredEvent>, Option<Position>), Error> {
    let days = wanted.days(days);
    let (now, later) = days.split_at(needed(&days, wanted.limit));
    let pages = now.iter().map(|(day, _)| {
        let (kind, after) = (wanted.ai_type, wanted.after(*day));
        DayPage::read(&caller.app, &caller.account, *day, kind, after, wanted.limit)
    });
    let mut events = Vec::new();
    for ((day, _), mut page) in now.iter().zip(try_join_all(pages).await?) {
        let room = wanted.limit - events.len();
        if room == 0 {
            return Ok((events, Some(Position { day: *day, after: None })));
        }
        page.cut(room);
        events.append(&mut page.events);
        if page.next.is_some() {
            return Ok((events, Some(Position { day: *day, after: page.next })));
        }
    }
    let next = later.first().map(|(day, _)| Position { day: *day, after: None });
    Ok((events, next))
}

impl Wanted {
    /// The days that may hold such events, newest first, with their requests.
    fn days(&self, days: &Days) -> Vec<(Date, u64)> {
        let mut last = self.span.last();
        if let Some(position) = &self.position {
            last = last.min(position.day);
        }
        let days = days.iter().rev().filter(|(day, _)| (self.span.from..=last).contains(day));
        let counted = days.filter_map(|(day, counters)| {
            let requests = match self.ai_type {
                None => counters.totals.requests,
                Some(ai_type) => counters.by_type.get(&ai_type)?.requests,
            };
            Some((*day, requests))
        });
        counted.collect()
    }

    /// Where to go on within a day.
    fn after(&self, day: Date) -> Option<&str> {
        let position = self.position.as_ref().filter(|position| position.day == day)?;
        position.after.as_deref()
    }
}

/// How many of the days, newest first, hold as many events as are wanted.
fn needed(days: &[(Date, u64)], limit: usize) -> usize {
    let mut found = 0;
    for (place, (_, requests)) in days.iter().enumerate().take(MOST_DAYS_READ) {
        found += *requests;
        if found >= limit as u64 {
            return place + 1;
        }
    }
    days.len().min(MOST_DAYS_READ)
}
