//! The one table, and the only user of the DynamoDB SDK.

mod cursor;
mod expression;
mod key;
mod transaction;

pub use cursor::{Cursor, CursorScope, InvalidCursor};
pub(crate) use expression::Placeholders;
pub use expression::{Condition, Update, Value};
pub use key::{Key, Tenant};
pub use transaction::{Cancelled, MOST_WRITES, Transaction};

use std::{collections::HashMap, error::Error as StdError, sync::Arc};

use aws_sdk_dynamodb::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    types::{AttributeValue, KeysAndAttributes, ReturnValue, ReturnValuesOnConditionCheckFailure},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::random::Random;
use transaction::to_key;

/// An item as it is stored.
pub type Item = HashMap<String, AttributeValue>;

/// The table could not do what was asked. A condition that does not hold is no such error.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// It did not answer, or asked to slow down; trying again later may help.
    #[error("the table is not available")]
    Unavailable(#[source] Box<dyn StdError + Send + Sync>),
    /// Others kept writing the same items.
    #[error("the table's items are being written by others")]
    Busy,
    /// The request was not one that it takes: a defect of ours.
    #[error("the table does not take the request")]
    Request(#[source] Box<dyn StdError + Send + Sync>),
    /// An item is not shaped as the code expects: a defect of ours.
    #[error("an item does not fit its type")]
    Shape(#[from] serde_dynamo::Error),
}

impl TableError {
    pub(crate) fn from_sdk<E>(error: SdkError<E>) -> Self
    where
        E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
    {
        let defect = matches!(
            error.code(),
            Some("ValidationException" | "ResourceNotFoundException" | "AccessDeniedException")
        );
        if defect { Self::Request(Box::new(error)) } else { Self::Unavailable(Box::new(error)) }
    }
}

/// How fresh a read must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Read {
    /// All that was written before; twice the price.
    Strong,
    /// May miss the last moment.
    Eventual,
}

/// The table.
#[derive(Clone)]
pub struct Table {
    client: Client,
    name: Arc<str>,
    random: Random,
}

/// Items of a batch read, by key.
pub struct Batch(HashMap<(String, String), Item>);

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
pub struct Record(Item);

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
    pk: String,
    from: String,
    to: String,
    newest_first: bool,
    limit: Option<i32>,
    filter: Option<(&'static str, Value)>,
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
        let pk = key::partition(tenant);
        Self {
            pk,
            from: from.into(),
            to: to.into(),
            newest_first: false,
            limit: None,
            filter: None,
        }
    }

    /// In a partition beside the main one.
    #[must_use]
    pub fn within(tenant: Tenant, partition: &str, from: &str, to: &str) -> Self {
        let pk = format!("A#{}#{partition}", tenant.account());
        Self {
            pk,
            from: from.into(),
            to: to.into(),
            newest_first: false,
            limit: None,
            filter: None,
        }
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

    /// Only items with this value; what is left out is read all the same.
    #[must_use]
    pub fn only(mut self, attribute: &'static str, value: impl Into<Value>) -> Self {
        self.filter = Some((attribute, value.into()));
        self
    }
}

/// What a single write came to.
#[derive(Debug)]
pub enum Written<T> {
    /// It happened; the item as it is now.
    Done(T),
    /// The condition did not hold; the item as it stands, if there is one.
    Refused(Option<T>),
}

impl Table {
    pub(crate) fn new(client: Client, name: &str, random: Random) -> Self {
        Self { client, name: name.into(), random }
    }

    /// One item.
    pub async fn get<T: DeserializeOwned>(
        &self,
        key: &Key,
        read: Read,
    ) -> Result<Option<T>, TableError> {
        let reply = self
            .client
            .get_item()
            .table_name(&*self.name)
            .set_key(Some(to_key(key)))
            .consistent_read(read == Read::Strong)
            .send()
            .await
            .map_err(TableError::from_sdk)?;
        Ok(reply.item.map(serde_dynamo::from_item).transpose()?)
    }

    /// Up to 100 items in one call. Keys that the table left over are asked for again.
    pub async fn batch(&self, keys: &[Key], read: Read) -> Result<Batch, TableError> {
        let mut found = HashMap::new();
        let mut wanted: Vec<Item> = keys.iter().map(to_key).collect();
        for _attempt in 0..4 {
            if wanted.is_empty() {
                return Ok(Batch(found));
            }
            let request = KeysAndAttributes::builder()
                .set_keys(Some(wanted))
                .consistent_read(read == Read::Strong)
                .build()
                .map_err(|error| TableError::Request(Box::new(error)))?;
            let reply = self
                .client
                .batch_get_item()
                .request_items(&*self.name, request)
                .send()
                .await
                .map_err(TableError::from_sdk)?;
            for item in reply.responses.into_iter().flat_map(HashMap::into_values).flatten() {
                found.insert((text(&item, "PK"), text(&item, "SK")), item);
            }
            let left = reply.unprocessed_keys.unwrap_or_default();
            wanted = left.into_values().flat_map(|rest| rest.keys).collect();
        }
        if wanted.is_empty() { Ok(Batch(found)) } else { Err(TableError::Busy) }
    }

    /// One page of a range, with the sort key to go on after (if there is more).
    pub async fn page<T: DeserializeOwned>(
        &self,
        range: &Range,
    ) -> Result<(Vec<T>, Option<String>), TableError> {
        let (items, next) = self.raw_page(range).await?;
        Ok((serde_dynamo::from_items(items)?, next))
    }

    /// All of a range, to be read attribute by attribute.
    pub async fn records(&self, mut range: Range) -> Result<Vec<Record>, TableError> {
        let mut records = Vec::new();
        loop {
            let (page, next) = self.raw_page(&range).await?;
            records.extend(page.into_iter().map(Record));
            let Some(next) = next else { return Ok(records) };
            range = range.after(&next);
        }
    }

    async fn raw_page(&self, range: &Range) -> Result<(Vec<Item>, Option<String>), TableError> {
        let mut names = Placeholders::default();
        let condition = format!(
            "{} = {} AND {} BETWEEN {} AND {}",
            names.name("PK"),
            names.value(range.pk.as_str().into()),
            names.name("SK"),
            names.value(range.from.as_str().into()),
            names.value(range.to.as_str().into()),
        );
        let filter = range
            .filter
            .clone()
            .map(|(name, value)| Condition::Equals(name, value).render(&mut names));
        let (names, values) = names.into_maps();
        let reply = self
            .client
            .query()
            .table_name(&*self.name)
            .key_condition_expression(condition)
            .set_filter_expression(filter)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values)
            .scan_index_forward(!range.newest_first)
            .set_limit(range.limit)
            .send()
            .await
            .map_err(TableError::from_sdk)?;
        let next = reply.last_evaluated_key.map(|key| text(&key, "SK"));
        Ok((reply.items.unwrap_or_default(), next))
    }

    /// All of a range, page after page.
    pub async fn all<T: DeserializeOwned>(&self, mut range: Range) -> Result<Vec<T>, TableError> {
        let mut items = Vec::new();
        loop {
            let (page, next) = self.page(&range).await?;
            items.extend(page);
            let Some(next) = next else { return Ok(items) };
            range = range.after(&next);
        }
    }

    /// Writes a whole item, whatever stood there.
    pub async fn put(&self, key: &Key, item: &impl Serialize) -> Result<(), TableError> {
        self.client
            .put_item()
            .table_name(&*self.name)
            .set_item(Some(to_item(key, item)?))
            .send()
            .await
            .map(drop)
            .map_err(TableError::from_sdk)
    }

    /// Changes one item under its condition.
    pub async fn update<T: DeserializeOwned>(
        &self,
        key: &Key,
        update: Update,
    ) -> Result<Written<T>, TableError> {
        let rendered = update.render();
        let (names, values) = rendered.placeholders.into_maps();
        let reply = self
            .client
            .update_item()
            .table_name(&*self.name)
            .set_key(Some(to_key(key)))
            .update_expression(rendered.update)
            .set_condition_expression(rendered.condition)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values)
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match reply {
            Ok(reply) => {
                let item = reply.attributes.unwrap_or_default();
                Ok(Written::Done(serde_dynamo::from_item(item)?))
            }
            Err(error) => match error
                .as_service_error()
                .filter(|it| it.is_conditional_check_failed_exception())
            {
                Some(refused) => {
                    let item = stored(refused).map(serde_dynamo::from_item).transpose()?;
                    Ok(Written::Refused(item))
                }
                None => Err(TableError::from_sdk(error)),
            },
        }
    }

    /// Begins a transaction.
    #[must_use]
    pub fn transaction<R: Clone>(&self) -> Transaction<'_, R> {
        Transaction::new(self)
    }
}

impl Range {
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

fn stored(error: &aws_sdk_dynamodb::operation::update_item::UpdateItemError) -> Option<Item> {
    use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
    match error {
        UpdateItemError::ConditionalCheckFailedException(refused) => refused.item.clone(),
        _ => None,
    }
}

fn to_item(key: &Key, item: &impl Serialize) -> Result<Item, TableError> {
    let mut item: Item = serde_dynamo::to_item(item)?;
    item.extend(to_key(key));
    Ok(item)
}

fn text(item: &Item, name: &str) -> String {
    item.get(name).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default()
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
