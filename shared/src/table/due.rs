//! The one index: what is due, by when. It is sparse: only items with both of its attributes are in it.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::{Deserialize, de::DeserializeOwned};

use super::{Item, Key, Placeholders, Table, TableError};
use crate::wire::on_heap;

/// The index's name in the template.
const INDEX: &str = "Due";
/// Which of its partitions an item is in.
pub(crate) const SHARD: &str = "due_shard";
/// When it is due; seconds since 1970.
pub(crate) const AT: &str = "due_at";

/// Where a reader of the index goes on.
pub(crate) struct DueAfter(Item);

/// An item's place in the index.
pub(crate) struct Indexed {
    /// Where the item lies.
    pub(crate) key: Key,
    /// Its place as a text, to go on after.
    pub(crate) text: String,
}

#[derive(Deserialize)]
struct Place {
    #[serde(rename = "PK")]
    pk: String,
    #[serde(rename = "SK")]
    sk: String,
    due_at: i64,
}

impl Indexed {
    /// The place that a text tells of, as the index knows it.
    fn item(shard: &str, text: &str) -> Result<Item, TableError> {
        let mut parts = text.splitn(3, '|');
        let (Some(at), Some(pk), Some(sk)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(TableError::Request("not a place of the index".into()));
        };
        let text = |text: &str| AttributeValue::S(text.to_owned());
        Ok(Item::from([
            (SHARD.to_owned(), text(shard)),
            (AT.to_owned(), AttributeValue::N(at.to_owned())),
            ("PK".to_owned(), text(pk)),
            ("SK".to_owned(), text(sk)),
        ]))
    }
}

impl Table {
    /// Up to `most` items of a partition of the index that are due at a moment, earliest first, and where to
    /// go on.
    pub(crate) async fn due<T: DeserializeOwned>(
        &self,
        shard: &str,
        until: Timestamp,
        most: i32,
        after: Option<DueAfter>,
    ) -> Result<(Vec<T>, Option<DueAfter>), TableError> {
        let mut names = Placeholders::default();
        let condition = format!(
            "{} = {} AND {} <= {}",
            names.name(SHARD),
            names.value(shard.into()),
            names.name(AT),
            names.value(until.as_second().into()),
        );
        let (names, values) = names.into_maps();
        let request = self
            .client
            .query()
            .table_name(&*self.name)
            .index_name(INDEX)
            .key_condition_expression(condition)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values)
            .set_exclusive_start_key(after.map(|DueAfter(key)| key))
            .limit(most);
        let reply = on_heap(request.send()).await.map_err(TableError::from_sdk)?;
        let items: Vec<T> = serde_dynamo::from_items(reply.items.unwrap_or_default())?;
        Ok((items, reply.last_evaluated_key.map(DueAfter)))
    }

    /// Up to `most` places of items of a partition of the index, in order, after another; and whether there are
    /// more.
    pub(crate) async fn indexed(
        &self,
        shard: &str,
        most: usize,
        after: Option<&str>,
    ) -> Result<(Vec<Indexed>, bool), TableError> {
        let mut names = Placeholders::default();
        let condition = format!("{} = {}", names.name(SHARD), names.value(shard.into()));
        let (names, values) = names.into_maps();
        let after = after.map(|text| Indexed::item(shard, text)).transpose()?;
        let request = self
            .client
            .query()
            .table_name(&*self.name)
            .index_name(INDEX)
            .key_condition_expression(condition)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values)
            .set_exclusive_start_key(after)
            .limit(i32::try_from(most).unwrap_or(i32::MAX));
        let reply = on_heap(request.send()).await.map_err(TableError::from_sdk)?;
        let places = reply.items.unwrap_or_default();
        let places: Result<Vec<_>, _> = places.into_iter().map(serde_dynamo::from_item).collect();
        let places: Vec<Place> = places?;
        let indexed = places.into_iter().map(|it| Indexed {
            key: Key::raw(&it.pk, &it.sk),
            text: format!("{}|{}|{}", it.due_at, it.pk, it.sk),
        });
        Ok((indexed.collect(), reply.last_evaluated_key.is_some()))
    }

    /// When the next item of a partition of the index is due, if there is one.
    #[cfg(feature = "desk")]
    pub(crate) async fn next_due(&self, shard: &str) -> Result<Option<i64>, TableError> {
        #[derive(serde::Deserialize)]
        struct Due {
            due_at: i64,
        }
        let (due, _) = self.due::<Due>(shard, Timestamp::MAX, 1, None).await?;
        Ok(due.first().map(|it| it.due_at))
    }
}
