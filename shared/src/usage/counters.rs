//! Counters: what was used in a month, a day or an hour, as flat numbers that are only ever added
//! to. One item holds the totals and the same numbers by AI type and by model.
//!
//! Attribute names: `r`, `i`, `o`, `c` (requests, input and output tokens, cost in 10^-12) for all
//! together, `t/<type>/r` ... by type, `m/<type>/<model>/r` ... by model; `q` is which part of `c` is by request.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    money::Pico,
    plan::AiType,
    table::{Record, Update},
};

/// What was used, and its list price.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Requests.
    pub requests: u64,
    /// Tokens in.
    pub input_tokens: u64,
    /// Tokens out.
    pub output_tokens: u64,
    /// At list prices, exact.
    pub cost: Pico,
}

impl Totals {
    /// Tokens in and out together.
    #[must_use]
    pub fn tokens(&self) -> u64 {
        self.input_tokens.saturating_add(self.output_tokens)
    }

    /// Adds other use to this.
    pub fn add(&mut self, other: &Self) {
        self.requests = self.requests.saturating_add(other.requests);
        self.input_tokens = self.input_tokens.saturating_add(other.input_tokens);
        self.output_tokens = self.output_tokens.saturating_add(other.output_tokens);
        self.cost += other.cost;
    }

    /// What is left of this use without a part of it.
    #[must_use]
    pub fn without(&self, part: &Self) -> Self {
        Self {
            requests: self.requests.saturating_sub(part.requests),
            input_tokens: self.input_tokens.saturating_sub(part.input_tokens),
            output_tokens: self.output_tokens.saturating_sub(part.output_tokens),
            cost: Pico::new(self.cost.get() - part.cost.get()),
        }
    }

    fn assign(&mut self, attribute: &str, number: i128) {
        let count = u64::try_from(number).unwrap_or(0);
        match attribute {
            "r" => self.requests = count,
            "i" => self.input_tokens = count,
            "o" => self.output_tokens = count,
            "c" => self.cost = Pico::new(number),
            _ => {}
        }
    }

    fn add_to(&self, update: Update, prefix: &str, sign: Sign) -> Update {
        let counts = [("r", self.requests), ("i", self.input_tokens), ("o", self.output_tokens)];
        let counts = counts.into_iter().map(|(name, count)| (name, i128::from(count)));
        let numbers = counts.chain([("c", self.cost.get())]);
        numbers.filter(|(_, number)| *number != 0).fold(update, |update, (name, number)| {
            update.add(format!("{prefix}{name}"), sign.of(number))
        })
    }
}

/// Whether use is added or taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// It was used.
    Used,
    /// It was taken back.
    TakenBack,
}

impl Sign {
    fn of(self, number: i128) -> i128 {
        match self {
            Self::Used => number,
            Self::TakenBack => -number,
        }
    }
}

/// The attribute of the part of the cost that is by request.
const BY_REQUEST: &str = "q";

/// The counters of one item.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counters {
    /// All together.
    pub totals: Totals,
    /// Which part of the cost is by request; the rest is by token.
    pub request_cost: Pico,
    /// By AI type.
    pub by_type: BTreeMap<AiType, Totals>,
    /// By AI type and model.
    pub by_model: BTreeMap<(AiType, String), Totals>,
}

impl Counters {
    /// Counts some use of a model, of whose cost a part is by request.
    pub fn count(&mut self, ai_type: AiType, model: &str, used: &Totals, by_request: Pico) {
        self.totals.add(used);
        self.request_cost += by_request;
        self.by_type.entry(ai_type).or_default().add(used);
        self.by_model.entry((ai_type, model.to_owned())).or_default().add(used);
    }

    /// Adds other counters to these.
    pub fn merge(&mut self, other: &Self) {
        self.totals.add(&other.totals);
        self.request_cost += other.request_cost;
        for (ai_type, totals) in &other.by_type {
            self.by_type.entry(*ai_type).or_default().add(totals);
        }
        for (model, totals) in &other.by_model {
            self.by_model.entry(model.clone()).or_default().add(totals);
        }
    }

    /// The update that adds all of these, or takes them back.
    #[must_use]
    pub fn update(&self, sign: Sign) -> Update {
        let mut update = self.totals_update(sign);
        if self.request_cost != Pico::ZERO {
            update = update.add(BY_REQUEST, sign.of(self.request_cost.get()));
        }
        for (ai_type, totals) in &self.by_type {
            update = totals.add_to(update, &format!("t/{ai_type}/"), sign);
        }
        for ((ai_type, model), totals) in &self.by_model {
            update = totals.add_to(update, &format!("m/{ai_type}/{model}/"), sign);
        }
        update
    }

    /// The update that adds the totals alone, for an item that counts one key or instance.
    #[must_use]
    pub fn totals_update(&self, sign: Sign) -> Update {
        self.totals.add_to(Update::new(), "", sign)
    }

    /// Reads a stored item.
    #[must_use]
    pub fn read(record: &Record) -> Self {
        let mut counters = Self::default();
        for (name, number) in record.numbers() {
            let Some((group, attribute)) = name.rsplit_once('/') else {
                match name {
                    BY_REQUEST => counters.request_cost = Pico::new(number),
                    _ => counters.totals.assign(name, number),
                }
                continue;
            };
            if let Some(ai_type) = group.strip_prefix("t/").and_then(|text| text.parse().ok()) {
                counters.by_type.entry(ai_type).or_default().assign(attribute, number);
            } else if let Some((ai_type, model)) = group
                .strip_prefix("m/")
                .and_then(|rest| rest.split_once('/'))
                .and_then(|(ai_type, model)| Some((ai_type.parse().ok()?, model.to_owned())))
            {
                counters.by_model.entry((ai_type, model)).or_default().assign(attribute, number);
            }
        }
        counters
    }
}
