//! The one table, and the only user of the DynamoDB SDK. What is generic over an item's type only
//! turns it into [`Item`] and back: the calls themselves stand in a program once.

mod cursor;
mod due;
mod expression;
mod key;
mod range;
mod transaction;

pub use cursor::{Cursor, CursorRefused, CursorScope};
pub(crate) use due::{AT as DUE_AT, DueAfter, Indexed, SHARD as DUE_SHARD};
pub(crate) use expression::Placeholders;
pub use expression::{Condition, Update, Value};
pub use key::{Key, Owned, Owner, Tenant};
pub(crate) use key::{owned, sealed};
pub use range::{Batch, Range, Record};
pub use transaction::{Cancelled, MOST_WRITES, Transaction};

use std::{collections::HashMap, error::Error as StdError, sync::Arc};

use aws_sdk_dynamodb::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    operation::update_item::UpdateItemError,
    types::{AttributeValue, KeysAndAttributes, ReturnValue, ReturnValuesOnConditionCheckFailure},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    random::Random,
    wire::{Backoff, Lazily, on_heap},
};
use transaction::to_key;

/// `BatchGetItem` takes at most so many keys.
pub const MOST_BATCH_KEYS: usize = 100;

/// How often a write that met a transaction is tried before it is given up.
const CONFLICT_TRIES: u32 = 8;

/// How often keys that the table left over are asked for again.
const BATCH_TRIES: u32 = 5;

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
    client: Lazily<Client>,
    name: Arc<str>,
    random: Random,
    backoff: Backoff,
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
    pub(crate) fn new(
        client: Lazily<Client>,
        name: &str,
        random: Random,
        backoff: Backoff,
    ) -> Self {
        Self { client, name: name.into(), random, backoff }
    }

    /// Asks for an item that is not there: whoever asks next finds the connection made.
    pub(crate) async fn greet(&self) {
        let key = Key::unowned("GREETING");
        let request = self.client.get_item().table_name(&*self.name).set_key(Some(to_key(&key)));
        // A greeting that fails costs nothing: the first request will tell.
        let _greeted = on_heap(request.send()).await;
    }

    /// One item.
    pub async fn get<T: DeserializeOwned>(
        &self,
        key: &Key,
        read: Read,
    ) -> Result<Option<T>, TableError> {
        let item = self.get_item(key, read).await?;
        Ok(item.map(serde_dynamo::from_item).transpose()?)
    }

    async fn get_item(&self, key: &Key, read: Read) -> Result<Option<Item>, TableError> {
        let request = self
            .client
            .get_item()
            .table_name(&*self.name)
            .set_key(Some(to_key(key)))
            .consistent_read(read == Read::Strong);
        let reply = on_heap(request.send()).await.map_err(TableError::from_sdk)?;
        Ok(reply.item)
    }

    /// Up to 100 items in one call. Keys that the table left over are asked for again.
    pub async fn batch(&self, keys: &[Key], read: Read) -> Result<Batch, TableError> {
        let mut found = HashMap::new();
        let mut wanted: Vec<Item> = keys.iter().map(to_key).collect();
        for attempt in 0..BATCH_TRIES {
            if wanted.is_empty() {
                return Ok(Batch(found));
            }
            if attempt > 0 {
                self.backoff.wait(attempt).await;
            }
            let request = KeysAndAttributes::builder()
                .set_keys(Some(wanted))
                .consistent_read(read == Read::Strong)
                .build()
                .map_err(|error| TableError::Request(Box::new(error)))?;
            let request = self.client.batch_get_item().request_items(&*self.name, request);
            let reply = on_heap(request.send()).await.map_err(TableError::from_sdk)?;
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
        let request = self
            .client
            .query()
            .table_name(&*self.name)
            .key_condition_expression(condition)
            .set_filter_expression(filter)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values)
            .scan_index_forward(!range.newest_first)
            .consistent_read(range.read == Read::Strong)
            .set_limit(range.limit);
        let reply = on_heap(request.send()).await.map_err(TableError::from_sdk)?;
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
        self.put_item(to_item(key, item)?).await
    }

    async fn put_item(&self, item: Item) -> Result<(), TableError> {
        let request = self.client.put_item().table_name(&*self.name).set_item(Some(item));
        on_heap(request.send()).await.map(drop).map_err(TableError::from_sdk)
    }

    /// Changes one item under its condition.
    pub async fn update<T: DeserializeOwned>(
        &self,
        key: &Key,
        update: Update,
    ) -> Result<Written<T>, TableError> {
        Ok(match self.update_item(key, update).await? {
            Written::Done(item) => Written::Done(serde_dynamo::from_item(item)?),
            Written::Refused(item) => {
                Written::Refused(item.map(serde_dynamo::from_item).transpose()?)
            }
        })
    }

    async fn update_item(&self, key: &Key, update: Update) -> Result<Written<Item>, TableError> {
        let rendered = update.render();
        let (names, values) = rendered.placeholders.into_maps();
        for attempt in 0..CONFLICT_TRIES {
            let request = self
                .client
                .update_item()
                .table_name(&*self.name)
                .set_key(Some(to_key(key)))
                .update_expression(&rendered.update)
                .set_condition_expression(rendered.condition.clone())
                .set_expression_attribute_names(names.clone())
                .set_expression_attribute_values(values.clone())
                .return_values(ReturnValue::AllNew)
                .return_values_on_condition_check_failure(
                    ReturnValuesOnConditionCheckFailure::AllOld,
                );
            let error = match on_heap(request.send()).await {
                Ok(reply) => return Ok(Written::Done(reply.attributes.unwrap_or_default())),
                Err(error) => error,
            };
            match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(refused)) => {
                    return Ok(Written::Refused(refused.item.clone()));
                }
                // A transaction holds the item; the SDK does not try this again.
                Some(UpdateItemError::TransactionConflictException(_)) => {
                    self.backoff.wait(attempt).await;
                }
                _ => return Err(TableError::from_sdk(error)),
            }
        }
        Err(TableError::Busy)
    }

    /// What makes a transaction that is sent again the same one.
    fn request_token(&self) -> String {
        hex::encode(self.random.bytes::<16>())
    }

    /// Begins a transaction.
    #[must_use]
    pub fn transaction<R: Clone>(&self) -> Transaction<'_, R> {
        Transaction::new(self)
    }
}

fn to_item(key: &Key, item: &impl Serialize) -> Result<Item, TableError> {
    Ok(with_key(key, serde_dynamo::to_item(item)?))
}

fn with_key(key: &Key, mut item: Item) -> Item {
    item.extend(to_key(key));
    item
}

fn text(item: &Item, name: &str) -> String {
    item.get(name).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default()
}
