//! Lambda's Runtime API for one function: a process asks it for the next invocation and tells it
//! what came of the last.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use tokio::{
    net::TcpListener,
    sync::{Notify, mpsc, oneshot},
    task::JoinHandle,
};

use crate::{CloudError, address, listen};

/// A function's deadline as Lambda states it: far away.
const DEADLINE_MILLIS: &str = "4102444800000";

/// The Runtime API on 127.0.0.1. It closes when this is dropped.
pub struct Runtime {
    address: SocketAddr,
    asked: Arc<Notify>,
    invocations: mpsc::UnboundedSender<Invocation>,
    server: JoinHandle<()>,
}

/// What a function made of an event: its reply, or its error.
pub type Outcome = Result<String, String>;

/// An invocation as its invoker sees it.
pub struct Invoked {
    /// A process has taken it.
    pub began: oneshot::Receiver<()>,
    /// What came of it; nothing ever, if that process dies first.
    pub outcome: oneshot::Receiver<Outcome>,
}

struct Invocation {
    event: String,
    began: oneshot::Sender<()>,
    outcome: oneshot::Sender<Outcome>,
}

#[derive(Clone)]
struct Desk {
    waiting: Arc<tokio::sync::Mutex<mpsc::UnboundedReceiver<Invocation>>>,
    asked: Arc<Notify>,
    underway: Arc<Mutex<HashMap<String, oneshot::Sender<Outcome>>>>,
    count: Arc<AtomicU64>,
}

impl Runtime {
    /// Opens it on a free port.
    ///
    /// # Errors
    /// When there is none.
    pub async fn start() -> Result<Self, CloudError> {
        let listener = listen(0).await?;
        let address = address(&listener)?;
        let (invocations, waiting) = mpsc::unbounded_channel();
        let asked = Arc::new(Notify::new());
        let desk = Desk {
            waiting: Arc::new(tokio::sync::Mutex::new(waiting)),
            asked: Arc::clone(&asked),
            underway: Arc::default(),
            count: Arc::default(),
        };
        let server = tokio::spawn(serve(listener, desk));
        Ok(Self { address, asked, invocations, server })
    }

    /// What `AWS_LAMBDA_RUNTIME_API` has to say.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits until a process asks for an invocation: it has started, or is done with the last one.
    pub async fn asked(&self) {
        self.asked.notified().await;
    }

    /// Hands an event to whichever process asks next.
    #[must_use]
    pub fn invoke(&self, event: String) -> Invoked {
        let (begins, began) = oneshot::channel();
        let (ends, outcome) = oneshot::channel();
        // The desk listens as long as this lives.
        let _gone = self.invocations.send(Invocation { event, began: begins, outcome: ends });
        Invoked { began, outcome }
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn serve(listener: TcpListener, desk: Desk) {
    let router = Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
        .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
        .with_state(desk);
    // Serving ends only with the listener, and there is nobody left to tell.
    let _ended = axum::serve(listener, router).await;
}

async fn next(State(desk): State<Desk>) -> Response {
    desk.asked.notify_one();
    let Some(invocation) = desk.waiting.lock().await.recv().await else {
        return StatusCode::GONE.into_response();
    };
    let id = format!("invocation-{}", desk.count.fetch_add(1, Ordering::Relaxed));
    desk.underway().insert(id.clone(), invocation.outcome);
    // Whoever asked may have stopped waiting.
    let _gone = invocation.began.send(());
    let headers = [
        ("lambda-runtime-aws-request-id", id.as_str()),
        ("lambda-runtime-deadline-ms", DEADLINE_MILLIS),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:0:function:local"),
        ("content-type", "application/json"),
    ];
    (headers, invocation.event).into_response()
}

async fn response(State(desk): State<Desk>, Path(id): Path<String>, body: String) -> StatusCode {
    desk.settle(&id, Ok(body))
}

async fn error(State(desk): State<Desk>, Path(id): Path<String>, body: String) -> StatusCode {
    desk.settle(&id, Err(body))
}

impl Desk {
    fn underway(&self) -> std::sync::MutexGuard<'_, HashMap<String, oneshot::Sender<Outcome>>> {
        self.underway.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn settle(&self, id: &str, outcome: Outcome) -> StatusCode {
        let Some(sender) = self.underway().remove(id) else { return StatusCode::NOT_FOUND };
        // Whoever asked may have stopped waiting.
        let _gone = sender.send(outcome);
        StatusCode::ACCEPTED
    }
}
