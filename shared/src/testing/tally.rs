//! What calls cost: an SDK interceptor that writes down each call, its place in sequence and the
//! capacity units that DynamoDB says it used.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use aws_sdk_dynamodb::{
    config::{
        ConfigBag, Intercept, RuntimeComponents, SharedInterceptor,
        interceptors::{
            BeforeSerializationInterceptorContextMut, BeforeSerializationInterceptorContextRef,
            FinalizerInterceptorContextRef,
        },
    },
    error::BoxError,
    operation::{
        batch_get_item::{BatchGetItemInput, BatchGetItemOutput},
        get_item::{GetItemInput, GetItemOutput},
        put_item::{PutItemInput, PutItemOutput},
        query::{QueryInput, QueryOutput},
        transact_write_items::{TransactWriteItemsInput, TransactWriteItemsOutput},
        update_item::{UpdateItemInput, UpdateItemOutput},
    },
    types::{ConsumedCapacity, ReturnConsumedCapacity},
};
use aws_sdk_s3::operation::{get_object::GetObjectInput, head_object::HeadObjectInput};
use aws_sdk_ses::operation::send_raw_email::SendRawEmailInput;
use aws_sdk_sqs::operation::send_message_batch::SendMessageBatchInput;
use aws_smithy_runtime_api::client::interceptors::context::{Input, Output};
use aws_smithy_types::config_bag::{Storable, StoreReplace};

use crate::wire::Wire;

/// One call, by its operation's name, with its units.
#[derive(Debug, Clone, PartialEq)]
pub struct Charge {
    /// `Query`, `SendMessageBatch` ...
    pub operation: &'static str,
    /// What IAM has to allow for it.
    pub actions: BTreeSet<&'static str>,
    /// Capacity units read, halves counted: an eventual read of one item is 1 half unit.
    pub half_read_units: u64,
    /// Capacity units written.
    pub write_units: u64,
    /// What SQS bills: one request for each 64 KB of a call.
    pub queue_requests: u64,
    began: usize,
    ended: Option<usize>,
    if_refused: u64,
}

/// What a stretch of work cost.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Bill {
    /// The calls, in the order they began.
    pub charges: Vec<Charge>,
    /// What IAM has to allow for what was signed for others to ask.
    pub signed: BTreeSet<&'static str>,
}

impl Bill {
    /// What IAM has to allow for all of it.
    pub fn actions(&self) -> impl Iterator<Item = &'static str> {
        let called = self.charges.iter().flat_map(|charge| charge.actions.iter());
        called.chain(&self.signed).copied()
    }

    /// Calls in the longest sequence, where each began after the one before had ended.
    #[must_use]
    pub fn depth(&self) -> usize {
        let mut depths: Vec<usize> = Vec::new();
        for charge in &self.charges {
            let before = self
                .charges
                .iter()
                .zip(&depths)
                .filter(|(earlier, _)| earlier.ended.is_some_and(|ended| ended < charge.began));
            depths.push(before.map(|(_, depth)| *depth).max().unwrap_or(0) + 1);
        }
        depths.into_iter().max().unwrap_or(0)
    }

    /// Halves of capacity units read.
    #[must_use]
    pub fn half_read_units(&self) -> u64 {
        self.charges.iter().map(|charge| charge.half_read_units).sum()
    }

    /// Capacity units written.
    #[must_use]
    pub fn write_units(&self) -> u64 {
        self.charges.iter().map(|charge| charge.write_units).sum()
    }

    /// Requests as SQS bills them.
    #[must_use]
    pub fn queue_requests(&self) -> u64 {
        self.charges.iter().map(|charge| charge.queue_requests).sum()
    }

    /// How many calls of an operation there were.
    #[must_use]
    pub fn count(&self, operation: &str) -> usize {
        self.charges.iter().filter(|charge| charge.operation == operation).count()
    }
}

/// The book that the calls are written into; clones share it.
#[derive(Debug, Clone, Default)]
pub struct Tally(Arc<Mutex<Book>>);

#[derive(Debug, Default)]
struct Book {
    moment: usize,
    bill: Bill,
}

/// Which charge of the book a call is.
#[derive(Debug, Clone, Copy)]
struct Line(usize);

impl Storable for Line {
    type Storer = StoreReplace<Self>;
}

impl Tally {
    /// An empty book.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A wire whose calls are written down here.
    #[must_use]
    pub fn wire(&self) -> Wire {
        let mut wire = Wire::default();
        wire.interceptors.push(SharedInterceptor::new(self.clone()));
        wire
    }

    /// What was written down since the last time, which begins a new page.
    #[must_use]
    pub fn take(&self) -> Bill {
        std::mem::take(&mut self.book().bill)
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Book {
    fn now(&mut self) -> usize {
        self.moment += 1;
        self.moment
    }
}

impl Intercept for Tally {
    fn name(&self) -> &'static str {
        "Tally"
    }

    fn read_before_execution(
        &self,
        context: &BeforeSerializationInterceptorContextRef<'_>,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let mut book = self.book();
        // An address is signed like a call, and nobody is called.
        if context.input().downcast_ref::<GetObjectInput>().is_some() {
            book.bill.signed.insert("s3:GetObject");
            return Ok(());
        }
        let began = book.now();
        config.interceptor_state().store_put(Line(book.bill.charges.len()));
        book.bill.charges.push(Charge {
            operation: operation(context.input()),
            actions: actions(context.input()),
            half_read_units: 0,
            write_units: 0,
            queue_requests: queue_requests(context.input()),
            began,
            ended: None,
            if_refused: refused_units(context.input()),
        });
        Ok(())
    }

    fn modify_before_serialization(
        &self,
        context: &mut BeforeSerializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        ask_for_capacity(context.input_mut());
        Ok(())
    }

    fn read_after_execution(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let mut book = self.book();
        let ended = book.now();
        let line = config.load::<Line>().map(|line| line.0);
        let Some(charge) = line.and_then(|line| book.bill.charges.get_mut(line)) else {
            return Ok(());
        };
        charge.ended = Some(ended);
        match context.output_or_error() {
            Some(Ok(output)) => charge.add(&capacity(output)),
            // The emulator says nothing of refusals; DynamoDB bills a refused condition as a write
            // of the item, and every write of a refused transaction twice.
            _ => charge.write_units += charge.if_refused,
        }
        Ok(())
    }
}

impl Charge {
    fn add(&mut self, consumed: &[ConsumedCapacity]) {
        for one in consumed {
            let units = one.capacity_units.unwrap_or_default();
            if ["TransactWriteItems", "UpdateItem", "PutItem"].contains(&self.operation) {
                self.write_units += halves(units) / 2;
            } else {
                self.half_read_units += halves(units);
            }
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::float_arithmetic,
    reason = "the SDK tells capacity as a float; halves are exact in one"
)]
fn halves(units: f64) -> u64 {
    (units * 2.0).round() as u64
}

#[expect(clippy::panic, reason = "what is not priced must not pass for free")]
fn operation(input: &Input) -> &'static str {
    macro_rules! name {
        ($($input:ty => $name:literal,)*) => {
            $(if input.downcast_ref::<$input>().is_some() { return $name; })*
        };
    }
    name! {
        GetItemInput => "GetItem",
        BatchGetItemInput => "BatchGetItem",
        QueryInput => "Query",
        UpdateItemInput => "UpdateItem",
        PutItemInput => "PutItem",
        TransactWriteItemsInput => "TransactWriteItems",
        SendMessageBatchInput => "SendMessageBatch",
        SendRawEmailInput => "SendRawEmail",
        HeadObjectInput => "HeadObject",
    }
    panic!("an operation without a price: {input:?}")
}

fn actions(input: &Input) -> BTreeSet<&'static str> {
    let Some(transaction) = input.downcast_ref::<TransactWriteItemsInput>() else {
        return BTreeSet::from([match operation(input) {
            "GetItem" => "dynamodb:GetItem",
            "BatchGetItem" => "dynamodb:BatchGetItem",
            "Query"
                if input.downcast_ref::<QueryInput>().is_some_and(|it| it.index_name.is_some()) =>
            {
                "dynamodb:Query on the index"
            }
            "Query" => "dynamodb:Query",
            // S3 has no right of its own for it.
            "HeadObject" => "s3:GetObject",
            "UpdateItem" => "dynamodb:UpdateItem",
            "PutItem" => "dynamodb:PutItem",
            "SendMessageBatch" => "sqs:SendMessage",
            "SendRawEmail" => "ses:SendRawEmail",
            unknown => unknown,
        }]);
    };
    let items = transaction.transact_items().iter().flat_map(|item| {
        [
            item.put().map(|_| "dynamodb:PutItem"),
            item.update().map(|_| "dynamodb:UpdateItem"),
            item.delete().map(|_| "dynamodb:DeleteItem"),
            item.condition_check().map(|_| "dynamodb:ConditionCheckItem"),
        ]
    });
    items.flatten().collect()
}

fn ask_for_capacity(input: &mut Input) {
    macro_rules! ask {
        ($($input:ty),*) => {
            $(if let Some(input) = input.downcast_mut::<$input>() {
                input.return_consumed_capacity = Some(ReturnConsumedCapacity::Total);
            })*
        };
    }
    ask!(
        GetItemInput,
        BatchGetItemInput,
        QueryInput,
        UpdateItemInput,
        PutItemInput,
        TransactWriteItemsInput
    );
}

fn capacity(output: &Output) -> Vec<ConsumedCapacity> {
    macro_rules! one {
        ($($output:ty),*) => {
            $(if let Some(output) = output.downcast_ref::<$output>() {
                return output.consumed_capacity.iter().cloned().collect();
            })*
        };
    }
    one!(GetItemOutput, QueryOutput, UpdateItemOutput, PutItemOutput);
    if let Some(output) = output.downcast_ref::<BatchGetItemOutput>() {
        return output.consumed_capacity().to_vec();
    }
    if let Some(output) = output.downcast_ref::<TransactWriteItemsOutput>() {
        return output.consumed_capacity().to_vec();
    }
    Vec::new()
}

fn queue_requests(input: &Input) -> u64 {
    const BILLED_BYTES: usize = 64 * 1024;
    let Some(input) = input.downcast_ref::<SendMessageBatchInput>() else { return 0 };
    let bytes: usize = input.entries().iter().map(|entry| entry.message_body().len()).sum();
    bytes.div_ceil(BILLED_BYTES) as u64
}

fn refused_units(input: &Input) -> u64 {
    if let Some(input) = input.downcast_ref::<TransactWriteItemsInput>() {
        return 2 * input.transact_items().len() as u64;
    }
    u64::from(input.downcast_ref::<UpdateItemInput>().is_some())
}
