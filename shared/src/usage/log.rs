//! Reading the log of one day, whose events lie in several partitions side by side.

use futures::future::try_join_all;
use jiff::civil::Date;

use super::{Logged, StoredEvent, event_partition, event_sort};
use crate::{
    account::Account,
    app::App,
    plan::AiType,
    table::{Range, TableError, Tenant},
};

/// The events of a day down to a sort key, after which there may be more.
pub struct DayPage {
    /// The newest first.
    pub events: Vec<StoredEvent>,
    /// Where to go on.
    pub next: Option<String>,
}

impl DayPage {
    /// The newest events of a day, of one AI type or of all, after a sort key.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn read(
        app: &App,
        account: &Account,
        day: Date,
        ai_type: Option<AiType>,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Self, TableError> {
        let partitions = account.spread.on(day).events;
        // The hash spreads evenly: each partition is asked for its share and some more.
        let share = (2 * limit / usize::from(partitions) + 4).min(limit);
        let pages = (0..partitions).map(async |partition| {
            let partition = event_partition(day, partition);
            let mut range = Range::within(Tenant::of_record(account), &partition, " ", "~");
            range = range.newest_first().limit(share);
            if let Some(ai_type) = ai_type {
                range = range.only("ai_type", ai_type.as_str());
            }
            if let Some(after) = after {
                range = range.after(after);
            }
            let (logged, next): (Vec<Logged>, _) = app.table.page(&range).await?;
            let events = logged.into_iter().filter_map(Logged::event).collect();
            Ok::<(Vec<StoredEvent>, Option<String>), TableError>((events, next))
        });
        Ok(Self::merge(try_join_all(pages).await?))
    }

    /// The partitions' pages as one. What lies below the shallowest of them may have newer events
    /// between, and is left for the next page.
    fn merge(pages: Vec<(Vec<StoredEvent>, Option<String>)>) -> Self {
        let next = pages.iter().filter_map(|(_, next)| next.clone()).max();
        let mut events: Vec<_> = pages.into_iter().flat_map(|(events, _)| events).collect();
        events.sort_by_cached_key(|event| std::cmp::Reverse(sort(event)));
        if let Some(depth) = &next {
            events.retain(|event| sort(event) >= *depth);
        }
        Self { events, next }
    }

    /// At most so many.
    pub fn cut(&mut self, limit: usize) {
        if self.events.len() > limit {
            self.events.truncate(limit);
            self.next = self.events.last().map(sort);
        }
    }
}

fn sort(event: &StoredEvent) -> String {
    event_sort(&event.source, &event.id, event.time)
}
