//! Ranges of one partition, and what reads of items give.

use std::collections::HashMap;

use serde::de::DeserializeOwned;

use super::{Item, Key, Read, TableError, Tenant, Value, key};

/// Items of a batch read, by key.
pub struct Batch(pub(super) HashMap<(String, String), Item>);

impl Batch {
    /// Takes one item out to be read attribute by attribute.
    pub fn record(&mut self, key: &Key) -> Option<Record> {
        self.0.remove(&(key.pk.clone(), key.sk.clone())).map(Record)
    }

    /// Takes one item out, or `None` if it is not stored.
    pub fn take<T: DeserializeOwned>(&mut self, key: &Key) -> Result<Option<T>, TableError> {
        let item = self.0.remove(&(key.pk.clone(), key.sk.clone()));
        Ok(item.map(serde_dynamo::from_item).transpose()?)
    }
}

/// An item read attribute by attribute: counters, whose names are data and whose numbers may
/// need 128 bits.
#[derive(Debug, Clone)]
pub struct Record(pub(super) Item);

impl Record {
    /// A text, empty if it is not there.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.0.get(name).and_then(|value| value.as_s().ok()).map_or("", String::as_str)
    }

    /// The sort key.
    #[must_use]
    pub fn sort(&self) -> &str {
        self.text("SK")
    }

    /// The whole item, as a type has it.
    pub fn read<T: DeserializeOwned>(self) -> Result<T, TableError> {
        Ok(serde_dynamo::from_item(self.0)?)
    }

    /// All numbers with their names.
    pub fn numbers(&self) -> impl Iterator<Item = (&str, i128)> {
        self.0.iter().filter_map(|(name, value)| {
            let number = value.as_n().ok()?.parse().ok()?;
            Some((name.as_str(), number))
        })
    }
}

/// A range of one partition's items.
pub struct Range {
    pub(super) pk: String,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) newest_first: bool,
    pub(super) limit: Option<i32>,
    pub(super) read: Read,
    pub(super) filter: Option<(&'static str, Value)>,
}

impl Range {
    /// A tenant's items whose sort key begins with `prefix`.
    #[must_use]
    pub fn prefix(tenant: Tenant, prefix: &str) -> Self {
        Self::between(tenant, prefix, &format!("{prefix}\u{10FFFF}"))
    }

    /// A tenant's items from `from` to `to`, both included.
    #[must_use]
    pub fn between(tenant: Tenant, from: &str, to: &str) -> Self {
        Self::of(key::partition(tenant), from, to)
    }

    /// A tenant's items from the first that begins with `from` to the last that begins with `to`.
    #[must_use]
    pub fn spanning(tenant: Tenant, from: &str, to: &str) -> Self {
        Self::between(tenant, from, &format!("{to}\u{10FFFF}"))
    }

    /// In a partition beside the main one.
    #[must_use]
    pub fn within(tenant: Tenant, partition: &str, from: &str, to: &str) -> Self {
        Self::of(format!("{}#{partition}", key::partition(tenant)), from, to)
    }

    fn of(pk: String, from: &str, to: &str) -> Self {
        let (from, to) = (from.to_owned(), to.to_owned());
        let read = Read::Eventual;
        Self { pk, from, to, newest_first: false, limit: None, read, filter: None }
    }

    /// From the end to the beginning.
    #[must_use]
    pub fn newest_first(mut self) -> Self {
        self.newest_first = true;
        self
    }

    /// At most so many items.
    #[must_use]
    pub fn limit(mut self, most: usize) -> Self {
        self.limit = Some(i32::try_from(most).unwrap_or(i32::MAX));
        self
    }

    /// With all that was written before, for twice the price.
    #[must_use]
    pub fn strong(mut self) -> Self {
        self.read = Read::Strong;
        self
    }

    /// Only items with this value; what is left out is read all the same.
    #[must_use]
    pub fn only(mut self, attribute: &'static str, value: impl Into<Value>) -> Self {
        self.filter = Some((attribute, value.into()));
        self
    }

    /// The rest of the range, after this sort key.
    #[must_use]
    pub fn after(mut self, sort: &str) -> Self {
        if self.newest_first {
            // The greatest text below: the sort keys of a page are ASCII, so dropping the last
            // character's code point by one and adding the greatest character is enough.
            self.to = predecessor(sort);
        } else {
            self.from = format!("{sort}\u{0}");
        }
        self
    }
}

fn predecessor(sort: &str) -> String {
    let mut text = sort.to_owned();
    match text.pop().map(u32::from).and_then(|last| last.checked_sub(1)).and_then(char::from_u32) {
        Some(before) => {
            text.push(before);
            text.push('\u{10FFFF}');
            text
        }
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::predecessor;

    #[test]
    fn the_predecessor_lies_between_a_key_and_all_that_come_before_it() {
        let before = predecessor("KEY#b5");
        for smaller in ["KEY#b4", "KEY#b4zzz", "KEY#b", "KEY#azz"] {
            assert!(*smaller < *before, "{smaller}");
        }
        assert!(*before < *"KEY#b5");
    }
}
