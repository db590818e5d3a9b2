//! What must be true together is written together. Each write names the refusal that its
//! condition means, so that a caller matches on its own words and not on positions.

use aws_sdk_dynamodb::{
    error::{BuildError, SdkError},
    operation::transact_write_items::TransactWriteItemsError,
    types::{
        AttributeValue, CancellationReason, ConditionCheck, Delete, Put, TransactWriteItem,
        Update as UpdateOperation,
    },
};
use serde::Serialize;

use super::{Condition, Item, Key, Placeholders, Table, TableError, Update, to_item};
use crate::wire::on_heap;

/// DynamoDB's limit on the writes of one transaction.
pub const MOST_WRITES: usize = 100;

/// Writes that happen all or not at all. `R` is what a refused condition means to the caller.
pub struct Transaction<'a, R> {
    writes: Writes<'a>,
    refusals: Vec<Option<R>>,
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
        Self { writes: Writes { table, operations: Ok(Vec::new()) }, refusals: Vec::new() }
    }

    /// Whether there is nothing to commit.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.refusals.is_empty()
    }

    /// Writes a whole item, whatever stood there.
    pub fn put(&mut self, key: &Key, item: &impl Serialize) {
        self.push_put(to_item(key, item), None);
        self.refusals.push(None);
    }

    /// Writes an item where none may stand yet.
    pub fn create(&mut self, key: &Key, item: &impl Serialize, refused: R) {
        self.put_if(key, item, Condition::Absent, refused);
    }

    /// Writes a whole item where the condition holds of what stands there.
    pub fn put_if(&mut self, key: &Key, item: &impl Serialize, condition: Condition, refused: R) {
        self.push_put(to_item(key, item), Some(condition));
        self.refusals.push(Some(refused));
    }

    /// Changes an item; `refused` is what its condition's failure means.
    pub fn update(&mut self, key: &Key, update: Update, refused: Option<R>) {
        self.writes.update(key, update);
        self.refusals.push(refused);
    }

    /// Writes nothing: the condition has to hold of an item that stays as it is.
    pub fn check(&mut self, key: &Key, condition: Condition, refused: R) {
        self.writes.check(key, condition);
        self.refusals.push(Some(refused));
    }

    /// Deletes an item, whether it is there or not.
    pub fn delete(&mut self, key: &Key) {
        self.writes.delete(key, None);
        self.refusals.push(None);
    }

    /// Deletes an item where the condition holds of it.
    pub fn delete_if(&mut self, key: &Key, condition: Condition, refused: R) {
        self.writes.delete(key, Some(condition));
        self.refusals.push(Some(refused));
    }

    /// Commits. A conflict with another transaction is tried again with jitter: it has written
    /// nothing.
    pub async fn commit(self) -> Result<(), Cancelled<R>> {
        self.commit_counting_conflicts(&mut 0).await
    }

    /// Commits, and adds to `conflicts` how many there were, whatever came of it.
    pub async fn commit_counting_conflicts(self, conflicts: &mut u32) -> Result<(), Cancelled<R>> {
        self.writes.commit(conflicts).await.map_err(|cancelled| match cancelled {
            Cancelled::Failed(error) => Cancelled::Failed(error),
            Cancelled::Refused(places) => {
                let refused = places.iter().filter_map(|&place| self.refusals.get(place));
                Cancelled::Refused(refused.flatten().cloned().collect())
            }
        })
    }

    fn push_put(&mut self, item: Result<Item, TableError>, condition: Option<Condition>) {
        match item {
            Ok(item) => self.writes.put(item, condition),
            Err(error) => self.writes.push(Err(error)),
        }
    }
}

/// The writes without their names: what a program needs once and not for each kind of refusal.
struct Writes<'a> {
    table: &'a Table,
    /// Or why they cannot be made.
    operations: Result<Vec<TransactWriteItem>, TableError>,
}

impl Writes<'_> {
    fn put(&mut self, item: Item, condition: Option<Condition>) {
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
        let operation = operation.map(|it| TransactWriteItem::builder().put(it).build());
        self.push(operation.map_err(defect));
    }

    fn update(&mut self, key: &Key, update: Update) {
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
        let operation = operation.map(|it| TransactWriteItem::builder().update(it).build());
        self.push(operation.map_err(defect));
    }

    fn delete(&mut self, key: &Key, condition: Option<Condition>) {
        let mut names = Placeholders::default();
        let condition = condition.map(|condition| condition.render(&mut names));
        let (names, values) = names.into_maps();
        let operation = Delete::builder()
            .table_name(&*self.table.name)
            .set_key(Some(to_key(key)))
            .set_condition_expression(condition)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values)
            .build();
        let operation = operation.map(|it| TransactWriteItem::builder().delete(it).build());
        self.push(operation.map_err(defect));
    }

    fn check(&mut self, key: &Key, condition: Condition) {
        let mut names = Placeholders::default();
        let condition = condition.render(&mut names);
        let (names, values) = names.into_maps();
        let operation = ConditionCheck::builder()
            .table_name(&*self.table.name)
            .set_key(Some(to_key(key)))
            .condition_expression(condition)
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values)
            .build();
        let operation =
            operation.map(|it| TransactWriteItem::builder().condition_check(it).build());
        self.push(operation.map_err(defect));
    }

    /// Adds a write; the first that cannot be made is what is told.
    fn push(&mut self, operation: Result<TransactWriteItem, TableError>) {
        match (&mut self.operations, operation) {
            (Ok(operations), Ok(operation)) => operations.push(operation),
            (Ok(_), Err(error)) => self.operations = Err(error),
            (Err(_), _) => {}
        }
    }

    /// Commits; a refusal names the places of the writes whose conditions did not hold.
    async fn commit(self, conflicts: &mut u32) -> Result<(), Cancelled<usize>> {
        let operations = self.operations?;
        let mut token = self.table.request_token();
        for attempt in 0..super::CONFLICT_TRIES {
            let request = self
                .table
                .client
                .transact_write_items()
                .client_request_token(&token)
                .set_transact_items(Some(operations.clone()));
            let Err(error) = on_heap(request.send()).await else { return Ok(()) };
            match verdict(&error) {
                Verdict::Refused(places) => return Err(Cancelled::Refused(places)),
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
}

/// A request that is not whole.
fn defect(error: BuildError) -> TableError {
    TableError::Request(Box::new(error))
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

/// What a failed commit means for the next step; refused were the writes at these places.
enum Verdict {
    Refused(Vec<usize>),
    Again { conflict: bool },
    InProgress,
    Failed,
}

fn verdict(error: &SdkError<TransactWriteItemsError>) -> Verdict {
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
            let reasons = cancelled.cancellation_reasons();
            let any = |code: &str| reasons.iter().any(|reason| is(reason, code));
            let refused = |reason: &CancellationReason| is(reason, "ConditionalCheckFailed");
            if reasons.iter().any(refused) {
                let places = reasons.iter().enumerate().filter(|(_, reason)| refused(reason));
                Verdict::Refused(places.map(|(place, _)| place).collect())
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
