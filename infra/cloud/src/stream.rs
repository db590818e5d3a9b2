//! The table's stream, as the event source of the relay reads it.

use dynoxide::{Database, actions};
use serde_json::Value;

use crate::{Cloud, CloudError};

/// A reader of the stream that knows how far it has come.
pub struct Stream {
    database: Database,
    position: Option<String>,
    shard: Option<(String, String)>,
}

impl Stream {
    pub(crate) fn new(database: Database, position: Option<String>) -> Self {
        Self { database, position, shard: None }
    }

    /// The sequence number of the last record that was passed; a reader made with it goes on from
    /// there.
    #[must_use]
    pub fn position(&self) -> Option<String> {
        self.position.clone()
    }

    /// The next records, oldest first, in the shape that Lambda hands to a function. They are not
    /// passed until [`Stream::advance`] is called.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn read(&mut self, most: usize) -> Result<Vec<Value>, CloudError> {
        let (arn, shard) = self.shard()?;
        let sequence_number = self.position.clone();
        let kind = if sequence_number.is_some() { "AFTER_SEQUENCE_NUMBER" } else { "TRIM_HORIZON" };
        let iterator = self
            .database
            .get_shard_iterator(actions::get_shard_iterator::GetShardIteratorRequest {
                stream_arn: arn,
                shard_id: shard,
                shard_iterator_type: kind.to_owned(),
                sequence_number,
            })
            .map_err(|error| failed(&error))?;
        let page = self
            .database
            .get_records(actions::get_records::GetRecordsRequest {
                shard_iterator: iterator.shard_iterator.unwrap_or_default(),
                limit: Some(most),
            })
            .map_err(|error| failed(&error))?;
        page.records
            .iter()
            .map(|record| serde_json::to_value(record).map_err(|error| failed(&error)))
            .collect()
    }

    /// Passes the records up to this one.
    pub fn advance(&mut self, record: &Value) {
        let sequence = record["dynamodb"]["SequenceNumber"].as_str().map(str::to_owned);
        // All are of one width, so that their order as text is their order.
        self.position = sequence.max(self.position.take());
    }

    fn shard(&mut self) -> Result<(String, String), CloudError> {
        if let Some(shard) = &self.shard {
            return Ok(shard.clone());
        }
        let streams = self
            .database
            .list_streams(actions::list_streams::ListStreamsRequest {
                table_name: Some(Cloud::TABLE.to_owned()),
                ..Default::default()
            })
            .map_err(|error| failed(&error))?;
        let arn = streams
            .streams
            .first()
            .map(|stream| stream.stream_arn.clone())
            .ok_or_else(|| CloudError::Table("it has no stream".to_owned()))?;
        let description = self
            .database
            .describe_stream(actions::describe_stream::DescribeStreamRequest {
                stream_arn: arn.clone(),
                ..Default::default()
            })
            .map_err(|error| failed(&error))?;
        let shard = description
            .stream_description
            .shards
            .first()
            .map(|shard| shard.shard_id.clone())
            .ok_or_else(|| CloudError::Table("its stream has no shard".to_owned()))?;
        Ok(self.shard.insert((arn, shard)).clone())
    }
}

fn failed(error: &impl std::fmt::Display) -> CloudError {
    CloudError::Table(error.to_string())
}
