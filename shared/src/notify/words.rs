//! What is told, worded when it is read: the names of messages and what they are filled with.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{
    money::Pico,
    usage::{Metric, Units},
    web::Text,
};

/// The messages `notice-<words>-title` and, where there is more to say, `notice-<words>-body`, and what they
/// are filled with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    id: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    with: BTreeMap<String, Filling>,
}

/// What a message is filled with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Filling {
    /// Another message.
    Message(String),
    /// What somebody wrote: it is isolated, so that its direction reaches nothing around it.
    Written(String),
    /// A number that names something: it has no groups.
    Number(u64),
    /// Whole percents.
    Percent(u64),
    /// So much of a metric.
    Amount(Metric, Units),
    /// An amount of money.
    Money(Pico),
    /// A day of the account's zone.
    Day(Date),
    /// A month, by a day of it.
    Month(Date),
}

impl Words {
    /// The words of this name.
    #[must_use]
    pub fn new(id: &str) -> Self {
        Self { id: id.to_owned(), with: BTreeMap::new() }
    }

    /// Filled with something.
    #[must_use]
    pub fn with(mut self, name: &str, filling: Filling) -> Self {
        self.with.insert(name.to_owned(), filling);
        self
    }

    /// What is told, in one line.
    #[must_use]
    pub fn title(&self, text: &Text) -> String {
        self.message(text, "title").trim().to_owned()
    }

    /// What more there is to say.
    #[must_use]
    pub fn body(&self, text: &Text) -> String {
        self.message(text, "body").trim().to_owned()
    }

    fn message(&self, text: &Text, part: &str) -> String {
        let fillings = self.with.iter().map(|(name, filling)| {
            let filling = match filling {
                Filling::Message(id) => text.get(id),
                Filling::Written(written) if written.is_empty() => String::new(),
                Filling::Written(written) => text.isolate(written),
                Filling::Number(number) => text.format().name(*number),
                Filling::Percent(percent) => text.percent(percent),
                Filling::Amount(metric, amount) => metric.words(text, amount.0),
                Filling::Money(amount) => text.money(amount),
                Filling::Day(day) => text.format().day(day),
                Filling::Month(day) => text.format().month(day),
            };
            (name.as_str(), filling)
        });
        text.filled(&format!("notice-{}-{part}", self.id), fillings)
    }
}
