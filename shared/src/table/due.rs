//! The one index: what is due, by when. It is sparse: only items with both of its attributes are in it.

use jiff::Timestamp;
use serde::de::DeserializeOwned;

use super::{Item, Placeholders, Table, TableError};
use crate::wire::on_heap;

/// The index's name in the template.
const INDEX: &str = "Due";
/// Which of its partitions an item is in.
pub(crate) const SHARD: &str = "due_shard";
/// When it is due; seconds since 1970.
pub(crate) const AT: &str = "due_at";

/// Where a reader of the index goes on.
pub(crate) struct DueAfter(Item);

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
