//! What must be true together is written together. Each write names the refusal that its
//! condition means, so that a caller matches on its own words and not on positions.

use aws_sdk_dynamodb::{
    error::SdkError,
    operation::transact_write_items::TransactWriteItemsError,
    types::{
        AttributeValue, CancellationReason, Delete, Put, TransactWriteItem,
        Update as UpdateOperation,
    },
};
use serde::Serialize;

use super::{Condition, Key, Placeholders, Table, TableError, Update, to_item};

/// DynamoDB's limit on the writes of one transaction.
pub const MOST_WRITES: usize = 100;

/// Writes that happen all or not at all. `R` is what a refused condition means to the caller.
pub struct Transaction<'a, R> {
    table: &'a Table,
    writes: Vec<TransactWriteItem>,
    refusals: Vec<Option<R>>,
    failed: Option<TableError>,
}

/// Why a transaction did not happen. Nothing was written.
#[derive(Debug)]
pub enum Cancelled<R> {
    /// Conditions did not hold: what their writes were named, in order.
    Refused(Vec<R>),
    /// The table did not answer, or not in time.
    Failed(TableError),
}

impl<R> From<TableError> for Cancelled<R> {
    fn from(error: TableError) -> Self {
        Self::Failed(error)
    }
}

impl<'a, R: Clone> Transaction<'a, R> {
    pub(super) fn new(table: &'a Table) -> Self {
        Self { table, writes: Vec::new(), refusals: Vec::new(), failed: None }
    }

    /// Writes a whole item, whatever stood there.
    pub fn put(&mut self, key: &Key, item: &impl Serialize) {
        self.push_put(key, item, None, None);
    }

    /// Writes an item where none may stand yet.
    pub fn create(&mut self, key: &Key, item: &impl Serialize, refused: R) {
        self.push_put(key, item, Some(Condition::Absent), Some(refused));
    }

    /// Writes a whole item where the condition holds of what stands there.
    pub fn put_if(&mut self, key: &Key, item: &impl Serialize, condition: Condition, refused: R) {
        self.push_put(key, item, Some(condition), Some(refused));
    }

    /// Changes an item; `refused` is what its condition's failure means.
    pub fn update(&mut self, key: &Key, update: Update, refused: Option<R>) {
        let rendered = update.render();
        let (names, values) = rendered.placeholders.into_maps();
        let operation = UpdateOperation::builder()
            .table_name(&*self.table.name)
            .set_key(Some(to_key(key)))
            .update_expression(rendered.update)
            .set_condition_expression(rendered.condition)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values)
            .build();
        self.push(operation.map(|it| TransactWriteItem::builder().update(it).build()), refused);
    }

    /// Deletes an item under a condition.
    pub fn delete(&mut self, key: &Key, condition: Condition, refused: R) {
        let mut names = Placeholders::default();
        let condition = condition.render(&mut names);
        let (names, values) = names.into_maps();
        let operation = Delete::builder()
            .table_name(&*self.table.name)
            .set_key(Some(to_key(key)))
            .condition_expression(condition)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values)
            .build();
        self.push(
            operation.map(|it| TransactWriteItem::builder().delete(it).build()),
            Some(refused),
        );
    }

    /// Commits. A conflict with another transaction is tried again with jitter: it has written
    /// nothing.
    pub async fn commit(self) -> Result<(), Cancelled<R>> {
        self.commit_counting_conflicts(&mut 0).await
    }

    /// Commits, and adds to `conflicts` how many there were, whatever came of it.
    pub async fn commit_counting_conflicts(self, conflicts: &mut u32) -> Result<(), Cancelled<R>> {
        if let Some(error) = self.failed {
            return Err(error.into());
        }
        let mut token = self.table.request_token();
        for attempt in 0..super::CONFLICT_TRIES {
            let outcome = self
                .table
                .client
                .transact_write_items()
                .client_request_token(&token)
                .set_transact_items(Some(self.writes.clone()))
                .send()
                .await;
            let Err(error) = outcome else { return Ok(()) };
            match verdict(&error) {
                Verdict::Refused(reasons) => return Err(Cancelled::Refused(self.refused(reasons))),
                // What may still commit keeps its token, and is not done twice.
                Verdict::InProgress => {}
                Verdict::Again { conflict } => {
                    *conflicts += u32::from(conflict);
                    token = self.table.request_token();
                }
                Verdict::Failed => return Err(TableError::from_sdk(error).into()),
            }
            self.table.backoff.wait(attempt).await;
        }
        Err(TableError::Busy.into())
    }

    fn refused(&self, reasons: &[CancellationReason]) -> Vec<R> {
        let named = reasons.iter().zip(&self.refusals);
        named
            .filter(|(reason, _)| is(reason, "ConditionalCheckFailed"))
            .filter_map(|(_, refusal)| refusal.clone())
            .collect()
    }

    fn push_put(
        &mut self,
        key: &Key,
        item: &impl Serialize,
        condition: Option<Condition>,
        refused: Option<R>,
    ) {
        let item = match to_item(key, item) {
            Ok(item) => item,
            Err(error) => {
                self.failed.get_or_insert(error);
                return;
            }
        };
        let mut names = Placeholders::default();
        let condition = condition.map(|condition| condition.render(&mut names));
        let (names, values) = names.into_maps();
        let operation = Put::builder()
            .table_name(&*self.table.name)
            .set_item(Some(item))
            .set_condition_expression(condition)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values)
            .build();
        self.push(operation.map(|it| TransactWriteItem::builder().put(it).build()), refused);
    }

    fn push(
        &mut self,
        write: Result<TransactWriteItem, aws_sdk_dynamodb::error::BuildError>,
        refused: Option<R>,
    ) {
        match write {
            Ok(write) => {
                self.writes.push(write);
                self.refusals.push(refused);
            }
            Err(error) => {
                self.failed.get_or_insert(TableError::Request(Box::new(error)));
            }
        }
    }
}

pub(super) fn to_key(key: &Key) -> std::collections::HashMap<String, AttributeValue> {
    [("PK", &key.pk), ("SK", &key.sk)]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), AttributeValue::S(value.clone())))
        .collect()
}

/// Another transaction held an item.
const CONFLICT: &str = "TransactionConflict";
/// Reasons that another moment may not have. The SDK tries none of these again by itself.
const AGAIN: [&str; 3] = [CONFLICT, "ThrottlingError", "ProvisionedThroughputExceeded"];

/// What a failed commit means for the next step.
enum Verdict<'e> {
    Refused(&'e [CancellationReason]),
    Again { conflict: bool },
    InProgress,
    Failed,
}

fn verdict(error: &SdkError<TransactWriteItemsError>) -> Verdict<'_> {
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
            let reasons = cancelled.cancellation_reasons();
            let any = |code: &str| reasons.iter().any(|reason| is(reason, code));
            if any("ConditionalCheckFailed") {
                Verdict::Refused(reasons)
            } else if AGAIN.into_iter().any(any) {
                Verdict::Again { conflict: any(CONFLICT) }
            } else {
                Verdict::Failed
            }
        }
        // Two calls with one token met: the other one is still at work.
        Some(TransactWriteItemsError::TransactionInProgressException(_)) => Verdict::InProgress,
        _ => Verdict::Failed,
    }
}

fn is(reason: &CancellationReason, code: &str) -> bool {
    reason.code() == Some(code)
}
