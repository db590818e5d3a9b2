//! The form of the page `/usage/alerts`.

use serde::Deserialize;
use shared::{
    account::Account,
    alerts::{AlertSettings, Mark, Threshold},
    error::{Error, FieldError},
    money::{AmountInput, CURRENCY, Pico},
    text::latin_digit,
    usage::Metric,
    web::FormState,
};

use super::input::{Wanted, money_mark, number_mark, percent_mark};

/// The fields of a metric's thresholds: percents, amounts.
pub(super) const FIELDS: [(Metric, &str, &str); 3] = [
    (Metric::Requests, "requests_percents", "requests_amounts"),
    (Metric::Tokens, "tokens_percents", "tokens_amounts"),
    (Metric::Cost, "cost_percents", "cost_amounts"),
];

/// The form as the account has it.
pub(super) fn filled(account: &Account) -> FormState {
    let AlertSettings { thresholds, .. } = &account.alerts;
    let listed = |metric: Metric, of: fn(Metric, Mark) -> Option<String>| {
        let mine = thresholds.iter().filter(|it| it.metric == metric);
        mine.filter_map(|it| of(metric, it.at)).collect::<Vec<_>>().join(", ")
    };
    let mut values: Vec<(&'static str, String)> = Vec::new();
    for (metric, percents, amounts) in FIELDS {
        values.push((percents, listed(metric, percent_text)));
        values.push((amounts, listed(metric, amount_text)));
    }
    let cap = account.cost_cap.map(|cap| cap.to_string()).unwrap_or_default();
    values.push(("cost_cap", cap));
    FormState::filled(values)
}

fn percent_text(_metric: Metric, at: Mark) -> Option<String> {
    match at {
        Mark::Percent(percent) => Some(percent.to_string()),
        Mark::Amount(_) => None,
    }
}

fn amount_text(metric: Metric, at: Mark) -> Option<String> {
    match (metric, at) {
        (_, Mark::Percent(_)) => None,
        (Metric::Cost, Mark::Amount(amount)) => {
            Some(Pico::new(i128::try_from(amount.0).unwrap_or(i128::MAX)).to_string())
        }
        (Metric::Requests | Metric::Tokens, Mark::Amount(amount)) => Some(amount.to_string()),
    }
}

/// The form as it was sent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AlertsForm {
    requests_percents: String,
    requests_amounts: String,
    tokens_percents: String,
    tokens_amounts: String,
    cost_percents: String,
    cost_amounts: String,
    cost_cap: String,
    /// A box that is not ticked is not sent.
    #[serde(default)]
    pub(super) pace: Option<String>,
}

impl AlertsForm {
    fn of(&self, metric: Metric) -> (&str, &str) {
        match metric {
            Metric::Requests => (&self.requests_percents, &self.requests_amounts),
            Metric::Tokens => (&self.tokens_percents, &self.tokens_amounts),
            Metric::Cost => (&self.cost_percents, &self.cost_amounts),
        }
    }

    pub(super) fn state(&self) -> FormState {
        let mut values: Vec<(&'static str, String)> = Vec::new();
        for (metric, percents, amounts) in FIELDS {
            let typed = self.of(metric);
            values.push((percents, typed.0.to_owned()));
            values.push((amounts, typed.1.to_owned()));
        }
        values.push(("cost_cap", self.cost_cap.clone()));
        FormState::filled(values)
    }

    pub(super) fn wanted(&self) -> Result<Wanted, Error> {
        let mut wrong = Vec::new();
        let mut thresholds = Vec::new();
        for (metric, percents, amounts) in FIELDS {
            let typed = self.of(metric);
            let mut take =
                |field, typed: Vec<String>, code, mark: &dyn Fn(&str) -> Option<Mark>| {
                    for word in typed {
                        match mark(&word) {
                            Some(at) => thresholds.push(Threshold { metric, at }),
                            None => {
                                wrong.push(FieldError::new(field, code));
                                return;
                            }
                        }
                    }
                };
            let percent = |word: &str| percent_mark(word.parse().ok()?);
            take(percents, words(typed.0, &[',']), "percent_invalid", &percent);
            take(amounts, words(&ungrouped(typed.1), &[',']), "quantity_invalid", &|word| {
                match metric {
                    Metric::Cost => money_mark(money(word)?),
                    Metric::Requests | Metric::Tokens => number_mark(word.parse().ok()?),
                }
            });
        }
        let cap = words(&ungrouped(&self.cost_cap), &[]);
        let cost_cap = match cap.as_slice() {
            [one] => money(one).filter(|it| *it > Pico::ZERO),
            _ => None,
        };
        if cost_cap.is_none() && !cap.is_empty() {
            wrong.push(FieldError::new("cost_cap", "amount_invalid"));
        }
        let wanted = Wanted::new(thresholds, self.pace.is_some(), cost_cap, &mut wrong);
        if wrong.is_empty() { Ok(wanted) } else { Err(Error::fields(wrong)) }
    }
}

/// What is written between blanks and what else separates, in Latin digits and without signs of percent and money.
fn words(text: &str, separators: &[char]) -> Vec<String> {
    let plain: String = text.chars().map(latin_digit).collect();
    let separates =
        |c: char| c.is_whitespace() || separators.contains(&c) || [';', '،', '؛'].contains(&c);
    let words = plain.split(separates);
    let words = words.map(|word| word.trim_matches(['%', '٪', '$']).to_owned());
    words.filter(|word| !word.is_empty()).collect()
}

/// Without the signs that group digits by the thousand, and with a point where the Arabic keyboard has its own.
fn ungrouped(text: &str) -> String {
    let characters: Vec<char> = text.chars().map(latin_digit).collect();
    let is_digit = |place: usize| characters.get(place).is_some_and(char::is_ascii_digit);
    let groups = |place: usize| {
        let before = place > 0 && is_digit(place - 1);
        before && (1..=3).all(|step| is_digit(place + step)) && !is_digit(place + 4)
    };
    let plain = characters.iter().enumerate().filter_map(|(place, c)| match c {
        ',' | '٬' if groups(place) => None,
        '٫' => Some('.'),
        other => Some(*other),
    });
    plain.collect()
}

fn money(word: &str) -> Option<Pico> {
    AmountInput { amount: word.to_owned(), currency: CURRENCY.to_owned() }.parse()
}
