//! What a client wants to be told of its use, parsed once.

use serde::Deserialize;
use serde_json::{Map, Value};
use shared::{
    alerts::{MOST_THRESHOLDS, Mark, Threshold},
    error::{Error, FieldError},
    http::Object,
    money::{AmountInput, Pico},
    usage::{Metric, Units},
};

/// Past this nobody sells anything.
const MOST_PERCENT: u32 = 1000;

/// What a client wants to be told of its use.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AlertsInput {
    /// At 80, 90 and 100 percent of each limit, if nothing is said.
    #[serde(default)]
    #[schema(value_type = Option<Vec<ThresholdInput>>, max_items = 30)]
    thresholds: Option<Vec<Object<ThresholdInput>>>,
    /// Whether to tell when the pace leads past a limit; yes, if nothing is said.
    #[serde(default)]
    pace: Option<bool>,
    /// Requests are refused once usage of a billing period has cost so much; without a cap, if nothing is said.
    #[serde(default)]
    #[schema(value_type = Option<AmountInput>)]
    cost_cap: Option<Object<AmountInput>>,
    /// Told in replies, and no choice.
    #[serde(default)]
    #[schema(value_type = Option<Vec<Object>>)]
    #[expect(dead_code, reason = "what was read may be sent back as it came")]
    limits: Option<Vec<Map<String, Value>>>,
    /// Told in replies, and no choice.
    #[serde(default)]
    #[schema(value_type = Option<Vec<Object>>)]
    #[expect(dead_code, reason = "what was read may be sent back as it came")]
    sent: Option<Vec<Map<String, Value>>>,
    /// Told in replies, and no choice.
    #[serde(default)]
    #[schema(value_type = Option<Vec<Object>>)]
    #[expect(dead_code, reason = "what was read may be sent back as it came")]
    pace_sent: Option<Vec<Map<String, Value>>>,
}

/// A threshold: in percent of the limit in force, or so much.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct ThresholdInput {
    #[schema(value_type = Metric)]
    metric: String,
    #[serde(default)]
    #[schema(value_type = Option<i32>, minimum = 1, maximum = 1000)]
    percent: Option<u32>,
    /// Of cost an amount of money, of anything else a number.
    #[serde(default)]
    amount: Option<QuantityInput>,
}

/// A number, or money.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(untagged)]
enum QuantityInput {
    Number(i64),
    #[schema(value_type = AmountInput)]
    Money(Object<AmountInput>),
}

/// What a client wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    /// In order, each once.
    pub(super) thresholds: Vec<Threshold>,
    pub(super) pace: bool,
    pub(super) cost_cap: Option<Pico>,
}

impl AlertsInput {
    /// What is wanted.
    pub(super) fn parse(&self) -> Result<Wanted, Error> {
        let mut wrong = Vec::new();
        let thresholds = match &self.thresholds {
            None => shared::alerts::AlertSettings::default().thresholds,
            Some(inputs) => {
                let parsed = inputs.iter().enumerate().filter_map(|(place, Object(input))| {
                    let parsed = input.parse();
                    if let Err((field, code)) = parsed {
                        let pointer = format!("/thresholds/{place}/{field}");
                        wrong.push(FieldError { pointer, code });
                    }
                    parsed.ok()
                });
                parsed.collect()
            }
        };
        let cost_cap = self.cost_cap.as_ref().map(|Object(amount)| amount.parse());
        let cost_cap = cost_cap.map(|amount| amount.filter(|it| *it > Pico::ZERO));
        if cost_cap == Some(None) {
            wrong.push(FieldError::new("cost_cap", "amount_invalid"));
        }
        let wanted =
            Wanted::new(thresholds, self.pace.unwrap_or(true), cost_cap.flatten(), &mut wrong);
        if wrong.is_empty() { Ok(wanted) } else { Err(Error::fields(wrong)) }
    }
}

impl Wanted {
    /// With the thresholds in order, each once.
    pub(super) fn new(
        mut thresholds: Vec<Threshold>,
        pace: bool,
        cost_cap: Option<Pico>,
        wrong: &mut Vec<FieldError>,
    ) -> Self {
        thresholds.sort_unstable();
        thresholds.dedup();
        if thresholds.len() > MOST_THRESHOLDS {
            wrong.push(FieldError::new("thresholds", "too_many"));
        }
        Self { thresholds, pace, cost_cap }
    }
}

impl ThresholdInput {
    /// The threshold, or the field that is wrong and why.
    fn parse(&self) -> Result<Threshold, (&'static str, &'static str)> {
        let metric = Metric::ALL.into_iter().find(|it| it.as_str() == self.metric);
        let metric = metric.ok_or(("metric", "choice_unknown"))?;
        let at = match (self.percent, &self.amount) {
            (Some(percent), None) => percent_mark(percent).ok_or(("percent", "percent_invalid"))?,
            (None, Some(amount)) => amount.mark(metric).ok_or(("amount", "quantity_invalid"))?,
            (None, None) => return Err(("percent", "required")),
            (Some(_), Some(_)) => return Err(("amount", "one_of_both")),
        };
        Ok(Threshold { metric, at })
    }
}

pub(super) fn percent_mark(percent: u32) -> Option<Mark> {
    (1..=MOST_PERCENT).contains(&percent).then_some(Mark::Percent(percent))
}

/// An amount of money that use can come to.
pub(super) fn money_mark(amount: Pico) -> Option<Mark> {
    let units = u128::try_from(amount.get()).ok().filter(|units| *units > 0);
    units.map(|units| Mark::Amount(Units(units)))
}

/// A number of requests or tokens that use can come to.
pub(super) fn number_mark(number: i64) -> Option<Mark> {
    let units = u128::try_from(number).ok().filter(|units| *units > 0);
    units.map(|units| Mark::Amount(Units(units)))
}

impl QuantityInput {
    fn mark(&self, metric: Metric) -> Option<Mark> {
        match (self, metric) {
            (Self::Money(Object(amount)), Metric::Cost) => money_mark(amount.parse()?),
            (Self::Number(number), Metric::Requests | Metric::Tokens) => number_mark(*number),
            _ => None,
        }
    }
}
