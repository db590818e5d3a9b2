//! Faults between the SDK and the services: what DynamoDB, SQS and SES do on a bad day, and a
//! process that dies in the middle. They lie below the SDK, so that its own retries are part of
//! what is tested.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use aws_sdk_dynamodb::config::{
    http::{HttpRequest, HttpResponse},
    retry::TokenBucket,
};
use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector},
    result::ConnectorError,
};
use aws_smithy_types::body::SdkBody;
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::hold::Hold;
use crate::wire::Wire;

/// What can go wrong with one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The service asks to slow down; nothing was done.
    Throttle,
    /// Another transaction holds an item; nothing was done. Calls that know no such answer are
    /// throttled.
    Conflict,
    /// The same transaction is still at work, and will commit. Calls that know no such answer are
    /// throttled.
    InProgress,
    /// The service does nothing of a batch and says so in its reply; it throttles a transaction for
    /// one of its items. Other calls are throttled.
    Partial,
    /// The service fails; nothing was done.
    ServerError,
    /// No answer in time; nothing was done.
    TimeoutBefore,
    /// No answer in time; it was done.
    TimeoutAfter,
    /// It was done, and the connection broke before the answer came.
    LostReply,
    /// The process dies before the call leaves: this call and all later ones hang for ever.
    KillBefore,
    /// The process dies after the call was done.
    KillAfter,
}

impl Fault {
    /// Every one.
    pub const ALL: [Self; 10] = [
        Self::Throttle,
        Self::Conflict,
        Self::InProgress,
        Self::Partial,
        Self::ServerError,
        Self::TimeoutBefore,
        Self::TimeoutAfter,
        Self::LostReply,
        Self::KillBefore,
        Self::KillAfter,
    ];

    fn passes(self, operation: &str) -> bool {
        match self {
            Self::TimeoutAfter | Self::LostReply | Self::KillAfter => true,
            Self::InProgress => operation == "TransactWriteItems",
            _ => false,
        }
    }

    /// Whether a call can meet it. To a call that knows no such answer it is a throttle, which it meets anyway.
    #[must_use]
    pub fn is_of(self, operation: &str) -> bool {
        let writes = matches!(operation, "UpdateItem" | "PutItem" | "DeleteItem");
        match self {
            Self::Conflict => writes || operation == "TransactWriteItems",
            Self::InProgress => operation == "TransactWriteItems",
            Self::Partial => {
                matches!(operation, "BatchGetItem" | "SendMessageBatch" | "TransactWriteItems")
            }
            _ => true,
        }
    }

    /// Whether the process dies of it.
    #[must_use]
    pub fn kills(self) -> bool {
        matches!(self, Self::KillBefore | Self::KillAfter)
    }
}

/// A call that is about to leave.
#[derive(Debug, Clone)]
pub struct Call {
    /// 1 for the first call; a retry by the SDK is a call of its own.
    pub number: usize,
    /// `TransactWriteItems`, `SendMessageBatch`, `SendRawEmail` ...
    pub operation: String,
}

type Plan = Arc<dyn Fn(&Call) -> Option<Fault> + Send + Sync>;

/// A bad day, and what became of the process that lives through it.
#[derive(Clone)]
pub struct Faults {
    plan: Plan,
    inner: SharedHttpConnector,
    calls: Arc<AtomicUsize>,
    death: Arc<Death>,
    hold: Option<Hold>,
}

#[derive(Default)]
struct Death {
    happened: AtomicBool,
    notify: Notify,
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "faults after {} calls", self.calls())
    }
}

impl Faults {
    /// What `plan` says of each call.
    #[must_use]
    pub fn new(plan: impl Fn(&Call) -> Option<Fault> + Send + Sync + 'static) -> Self {
        Self {
            plan: Arc::new(plan),
            inner: Wire::real_connector(),
            calls: Arc::default(),
            death: Arc::default(),
            hold: None,
        }
    }

    /// A good day: the calls are only numbered.
    #[must_use]
    pub fn none() -> Self {
        Self::new(|_| None)
    }

    /// The same day with a call that is held.
    pub(super) fn held(self, hold: Hold) -> Self {
        Self { hold: Some(hold), ..self }
    }

    /// One fault at one call.
    #[must_use]
    pub fn once(fault: Fault, at: usize) -> Self {
        Self::new(move |call| (call.number == at).then_some(fault))
    }

    /// The fault at one call and at every later one.
    #[must_use]
    pub fn lasting(fault: Fault, from: usize) -> Self {
        Self::new(move |call| (call.number >= from).then_some(fault))
    }

    /// Pauses are short, and neither time limits nor what other tests have used up of the SDK's
    /// retries matter: only the faults decide.
    #[must_use]
    pub fn wire(&self) -> Wire {
        let unhurried = Duration::from_mins(1);
        Wire {
            pause: Duration::from_micros(200),
            connect: unhurried,
            one_try: unhurried,
            all_tries: unhurried,
            retries: TokenBucket::unlimited(),
            http: Some(SharedHttpConnector::new(self.clone())),
            ..Wire::default()
        }
    }

    /// How many calls left so far.
    #[must_use]
    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    /// Does the work unless the process dies of it: then `None`.
    pub async fn run<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            done = work => Some(done),
            () = self.died() => None,
        }
    }

    async fn died(&self) {
        let notified = self.death.notify.notified();
        if !self.death.happened.load(Ordering::SeqCst) {
            notified.await;
        }
    }

    fn die(&self) {
        self.death.happened.store(true, Ordering::SeqCst);
        self.death.notify.notify_waiters();
    }
}

impl HttpConnector for Faults {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (faults, inner) = (self.clone(), self.inner.clone());
        HttpConnectorFuture::new(async move {
            if faults.death.happened.load(Ordering::SeqCst) {
                return std::future::pending().await;
            }
            let number = faults.calls.fetch_add(1, Ordering::SeqCst) + 1;
            let call = Call { number, operation: operation(&request) };
            if let Some(hold) = &faults.hold {
                hold.pass(&call).await;
            }
            let Some(fault) = (faults.plan)(&call) else { return inner.call(request).await };
            let body = request.body().bytes().map(<[u8]>::to_vec).unwrap_or_default();
            if fault.passes(&call.operation) {
                inner.call(request).await?;
            }
            if fault.kills() {
                faults.die();
                return std::future::pending().await;
            }
            answer(fault, &call.operation, &body)
        })
    }
}

/// The operation of a request: the JSON protocols name it in a header, SES in the form.
fn operation(request: &HttpRequest) -> String {
    let target = request.headers().get("x-amz-target");
    let name = target.and_then(|target| target.rsplit('.').next());
    if let Some(name) = name {
        return name.to_owned();
    }
    // The payment provider is told by its version: its calls are named by method and place.
    if request.headers().get("stripe-version").is_some() {
        return provider_call(request.method(), request.uri());
    }
    let form = request.body().bytes().and_then(|form| std::str::from_utf8(form).ok());
    let action = form.and_then(|form| form.strip_prefix("Action=")?.split('&').next());
    action.unwrap_or("unknown").to_owned()
}

/// `POST payment_intents/confirm`: the method and the kinds in the path, without ids.
fn provider_call(method: &str, uri: &str) -> String {
    let path = uri.split("/v1/").nth(1).unwrap_or_default();
    let path = path.split('?').next().unwrap_or_default();
    let is_id = |part: &&str| {
        let (kind, rest) = part.split_once('_').unwrap_or((part, ""));
        matches!(kind, "pi" | "pm" | "cus" | "cs" | "re" | "seti" | "evt") && !rest.is_empty()
    };
    let kinds: Vec<&str> = path.split('/').filter(|part| !is_id(part)).collect();
    format!("{method} {}", kinds.join("/"))
}

fn answer(fault: Fault, operation: &str, body: &[u8]) -> Result<HttpResponse, ConnectorError> {
    let broken = || std::io::Error::from(std::io::ErrorKind::ConnectionReset).into();
    let of_provider = operation.starts_with("POST ") || operation.starts_with("GET ");
    match fault {
        Fault::Throttle | Fault::Conflict | Fault::InProgress | Fault::Partial if of_provider => {
            let error = json!({"error": {"type": "invalid_request_error", "code": "rate_limit"}});
            Ok(response(429, error.to_string()))
        }
        Fault::TimeoutBefore | Fault::TimeoutAfter => Err(ConnectorError::timeout(broken())),
        Fault::LostReply => Err(ConnectorError::io(broken())),
        Fault::ServerError => Ok(response(500, refusal("InternalServerError", operation))),
        Fault::Conflict => Ok(response(400, conflict(operation))),
        Fault::Partial if operation == "BatchGetItem" => {
            let request: Value = serde_json::from_slice(body).unwrap_or_default();
            let reply = json!({"Responses": {}, "UnprocessedKeys": request["RequestItems"]});
            Ok(response(200, reply.to_string()))
        }
        Fault::Partial if operation == "SendMessageBatch" => Ok(response(200, none_taken(body))),
        Fault::Partial if operation == "TransactWriteItems" => {
            Ok(response(400, cancelled("ThrottlingError")))
        }
        Fault::InProgress if operation == "TransactWriteItems" => {
            Ok(response(400, refusal("TransactionInProgressException", operation)))
        }
        _ => Ok(response(400, refusal("ThrottlingException", operation))),
    }
}

fn conflict(operation: &str) -> String {
    match operation {
        "TransactWriteItems" => cancelled("TransactionConflict"),
        "UpdateItem" | "PutItem" | "DeleteItem" => {
            refusal("TransactionConflictException", operation)
        }
        _ => refusal("ThrottlingException", operation),
    }
}

/// A transaction cancelled for one of its items.
fn cancelled(code: &str) -> String {
    let reply = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": "cancelled",
        "CancellationReasons": [{"Code": "None"}, {"Code": code, "Message": "not now"}],
    });
    reply.to_string()
}

/// A batch of messages of which the queue took none.
fn none_taken(body: &[u8]) -> String {
    let request: Value = serde_json::from_slice(body).unwrap_or_default();
    let entries = request["Entries"].as_array().cloned().unwrap_or_default();
    let failed = entries
        .iter()
        .map(|entry| json!({"Id": entry["Id"], "Code": "InternalError", "SenderFault": false}));
    json!({"Successful": [], "Failed": failed.collect::<Vec<_>>()}).to_string()
}

fn refusal(code: &str, operation: &str) -> String {
    if operation == "SendRawEmail" {
        let code = if code.starts_with("Internal") { "InternalFailure" } else { "Throttling" };
        return format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code>\
             <Message>not now</Message></Error></ErrorResponse>"
        );
    }
    format!(r#"{{"__type":"com.amazonaws.service#{code}","message":"not now"}}"#)
}

#[expect(clippy::expect_used, reason = "constants are good statuses")]
fn response(status: u16, body: String) -> HttpResponse {
    HttpResponse::new(status.try_into().expect("a status"), SdkBody::from(body))
}
