//! Use beside that of the time before.

use jiff::civil::Date;
use shared::{
    usage::{Metric, Totals},
    web::{Format, Text},
};

use super::Span;

/// Use of days that are over and of as many before them.
pub(super) struct Comparison {
    pub(super) over: Span,
    pub(super) now: Totals,
    pub(super) before: Totals,
}

impl Comparison {
    /// How much more or less than before, in words.
    pub(super) fn words(&self, text: &Text, metric: Metric, today: Date) -> String {
        let format = text.format();
        let span = self.over.before();
        let (from, to) = (short(&format, span.from, today), short(&format, span.last(), today));
        let (now, before) = (metric.of(&self.now), metric.of(&self.before));
        if before == 0 {
            return text.with2("usage-before-none", ("from", &from), ("to", &to));
        }
        let when = text.with2("usage-before", ("from", &from), ("to", &to));
        if now == before {
            return text.with("usage-before-same", "when", &when);
        }
        let percent = |more: u128| u64::try_from(more.saturating_mul(100) / before);
        let (id, percent) = if now > before {
            ("usage-before-more", percent(now - before))
        } else {
            ("usage-before-less", percent(before - now))
        };
        let percent = text.percent(percent.unwrap_or(u64::MAX));
        let amount = metric.words(text, before);
        text.with3(id, ("percent", &percent), ("amount", &amount), ("when", &when))
    }
}

/// A day, with its year where that is not this one.
pub(super) fn short(format: &Format<'_>, day: Date, today: Date) -> String {
    if day.year() == today.year() { format.day(&day) } else { format.date(&day) }
}
