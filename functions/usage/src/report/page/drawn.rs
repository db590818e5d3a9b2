//! Amounts as the charts draw them: numbers as they are, money in 10^-9 of the currency's unit, so that
//! what a long bar stands for still fits.

use shared::{money::Pico, usage::Metric, web::Text};

/// What is drawn of money, in its own 10^-12 of the unit.
const DRAWN: u32 = 1_000;

/// An amount, money in 10^-12 of the unit, as it is drawn.
pub(super) fn drawn(metric: Metric, amount: u128) -> u64 {
    let amount = match metric {
        Metric::Requests | Metric::Tokens => amount,
        Metric::Cost => amount / u128::from(DRAWN),
    };
    u64::try_from(amount).unwrap_or(u64::MAX)
}

/// A drawn amount in words, as short as an axis wants it: its ends are round.
pub(super) fn short(metric: Metric, text: &Text, drawn: u64) -> String {
    match metric {
        Metric::Requests | Metric::Tokens => text.short(drawn),
        Metric::Cost => exact(metric, text, drawn),
    }
}

/// A drawn amount in words, to its last decimal.
pub(super) fn exact(metric: Metric, text: &Text, drawn: u64) -> String {
    match metric {
        Metric::Requests | Metric::Tokens => text.format().number(drawn),
        Metric::Cost => text.money(Pico::new(i128::from(drawn) * i128::from(DRAWN))),
    }
}
