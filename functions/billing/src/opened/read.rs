//! Reading what a line is made of. Its days were kept with the invoice and add up to the line for ever; a day's
//! requests come from the log, as far as they were counted when the line was made.

use jiff::civil::Date;
use shared::{
    account::BillingPeriod,
    app::App,
    auth::Caller,
    billing::{Change, Invoice, Line, LineKind, Opened, invoice_key, opened_key},
    error::{Code, Error},
    id::{InvoiceId, LineId},
    table::{Cursor, CursorScope, Read, Tenant},
    usage::{DayPage, StoredEvent, Totals},
};

/// A day's requests of other lines are read past so many times, so many at once.
const MOST_READS: usize = 4;
const MOST_AT_ONCE: usize = 400;

/// What is asked of a line.
pub(crate) struct Asked {
    pub(crate) day: Option<Date>,
    pub(crate) limit: usize,
    pub(crate) cursor: Option<String>,
}

/// A part of a line.
pub(crate) struct Made {
    /// The day, or the moment of the request.
    pub(crate) start: String,
    pub(crate) used: Change,
    pub(crate) event: Option<StoredEvent>,
}

/// A line with its invoice and its days.
pub(crate) struct Opening {
    pub(crate) invoice: Invoice,
    pub(crate) line: Line,
    opened: Opened,
}

impl Opening {
    /// Finds a line; nothing where there is none.
    pub(crate) async fn read(
        app: &App,
        tenant: Tenant,
        id: &str,
        line: &str,
    ) -> Result<Option<Self>, Error> {
        let (Ok(id), Ok(line)) = (id.parse::<InvoiceId>(), line.parse::<LineId>()) else {
            return Ok(None);
        };
        let keys = [invoice_key(tenant, id), opened_key(tenant, id)];
        let mut items = app.table.batch(&keys, Read::Eventual).await?;
        let Some(invoice) = items.take::<Invoice>(&keys[0])? else { return Ok(None) };
        let opened = items.take(&keys[1])?.unwrap_or_default();
        let line = invoice.line(line).cloned();
        Ok(line.map(|line| Self { invoice, line, opened }))
    }

    /// What the line is made of: days, or the requests of one, with the cursor of the next ones.
    pub(crate) async fn open(
        opening: Option<Self>,
        caller: &Caller,
        asked: Asked,
    ) -> Result<(Vec<Made>, Option<String>), Error> {
        let opening = opening.ok_or(Code::NotFound)?;
        match asked.day {
            None => Ok((opening.days(caller), None)),
            Some(day) => opening.requests(caller, day, asked).await,
        }
    }

    fn days(&self, caller: &Caller) -> Vec<Made> {
        if !self.line.kind.is_usage() {
            return Vec::new();
        }
        // A line's span ends where its month does.
        let zones = &caller.account.zones;
        let last = zones.day(crate::words::last_moment(self.line.end));
        let days =
            self.opened.month(BillingPeriod::of(last)).map(|days| days.of(self.line.ai_type));
        let days = days.unwrap_or_default().into_iter();
        days.map(|(day, used)| Made { start: day.to_string(), used, event: None }).collect()
    }

    async fn requests(
        &self,
        caller: &Caller,
        day: Date,
        asked: Asked,
    ) -> Result<(Vec<Made>, Option<String>), Error> {
        let (app, account) = (&caller.app, &caller.account);
        let id = self.line.id.ok_or(Code::NotFound)?;
        let scope = CursorScope::new(&app.config, caller.tenant, format!("opened|{id}|{day}"));
        let after = asked.cursor.map(|cursor| scope.open(&cursor)).transpose()?;
        let after = after.map(|Cursor(sort)| sort);
        let (limit, kind) = (asked.limit, self.line.ai_type);
        let (mut made, mut next, mut step) = (Vec::new(), after, limit);
        for _ in 0..MOST_READS {
            let mut page = DayPage::read(app, account, day, kind, next.as_deref(), step).await?;
            page.cut(limit - made.len());
            next = page.next;
            made.extend(page.events.into_iter().filter_map(|event| self.made_of(event)));
            if next.is_none() || made.len() == limit {
                break;
            }
            step = MOST_AT_ONCE;
        }
        let next = next.map(|sort| scope.seal(&Cursor(sort))).transpose()?;
        Ok((made, next))
    }

    /// What a request is in the line: nothing, where it was counted in another one.
    fn made_of(&self, event: StoredEvent) -> Option<Made> {
        let until = self.invoice.finalized_at?;
        let from = self.line.counted_from;
        let in_span = self.line.kind.is_usage()
            && (self.line.kind != LineKind::Usage || self.line.start <= event.time)
            && event.time < self.line.end;
        let is_before = |at: Option<jiff::Timestamp>| match (at, from) {
            // Older events do not say when they were counted.
            (None, from) => from.is_some(),
            (Some(at), Some(from)) => at <= from,
            (Some(_), None) => false,
        };
        let counted = event.counted_at.is_none_or(|at| at <= until);
        let was_counted = is_before(event.counted_at);
        let taken_back = event.taken_back_at.is_some_and(|at| at <= until);
        let was_taken_back = event.taken_back_at.is_some() && is_before(event.taken_back_at);
        let now = counted && !taken_back;
        let before = was_counted && !was_taken_back;
        if !in_span || now == before {
            return None;
        }
        let used = event.used();
        let none = Totals::default();
        let used = if now { Change::between(&none, &used) } else { Change::between(&used, &none) };
        Some(Made { start: event.time.to_string(), used, event: Some(event) })
    }
}
