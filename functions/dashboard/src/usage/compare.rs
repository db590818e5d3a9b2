//! Use beside that of the time before.

use shared::web::Text;

use super::{Metric, Span};

/// How much more or less than before, in words; nothing where nothing was used before.
pub(super) fn change(text: &Text, metric: Metric, now: u128, before: u128, span: Span) -> String {
    let format = text.format();
    let (from, to) = (format.day(&span.from), format.day(&span.last()));
    if before == 0 {
        return text.with2("usage-before-none", ("from", &from), ("to", &to));
    }
    let hundredths =
        |more: u128| u64::try_from(more.saturating_mul(100) / before).unwrap_or(u64::MAX);
    let (id, percent) = if now >= before {
        ("usage-before-more", hundredths(now - before))
    } else {
        ("usage-before-less", hundredths(before - now))
    };
    let percent = text.percent(percent);
    let when = text.with2("usage-before", ("from", &from), ("to", &to));
    let amount = metric.words(text, before);
    text.with3(id, ("percent", &percent), ("amount", &amount), ("when", &when))
}
