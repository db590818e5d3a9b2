//! Starting a function: the only user of the Lambda runtime.

use std::{future::Future, time::Duration};

use axum::extract::Request;
use lambda_http::{RequestExt, request::RequestContext};
use lambda_runtime::LambdaEvent;
use serde::{Serialize, de::DeserializeOwned};
use tower::ServiceExt;

use crate::{
    app::App,
    clock::Clock,
    config::Config,
    http::{ClientAddress, Routes},
    random::Random,
    wire::Wire,
};

/// What ends a function's process.
pub type BootError = lambda_runtime::Error;

/// The first event waits no longer than this for a connection that does not come.
const GREETING: Duration = Duration::from_millis(300);

/// Whom a function talks to first. The connection is made while the function starts: Lambda gives
/// it more processor time then, and no client waits for the handshake.
#[derive(Debug, Clone, Copy)]
pub enum Peer {
    /// The table.
    Table,
    /// SQS, at the mail queue.
    MailQueue,
}

/// Serves a module's routes behind API Gateway.
pub fn serve(routes: impl FnOnce() -> Routes) -> Result<(), BootError> {
    block_on(async {
        let app = start(Peer::Table).await?;
        let router = routes().into_router(app);
        let handle = |request| router.clone().oneshot(from_gateway(request));
        lambda_http::run(lambda_http::service_fn(handle)).await
    })
}

/// Hands each event of a queue, a stream or a schedule to `handle`, whose reply names what failed.
pub fn consume<E, R, F>(peer: Peer, handle: impl Fn(App, E) -> F) -> Result<(), BootError>
where
    E: DeserializeOwned,
    R: Serialize,
    F: Future<Output = R>,
{
    invoke(peer, |app, event| {
        let reply = handle(app, event);
        async { Ok(reply.await) }
    })
}

/// Hands each event to `handle`; an error is the invocation's.
pub fn invoke<E, R, F>(peer: Peer, handle: impl Fn(App, E) -> F) -> Result<(), BootError>
where
    E: DeserializeOwned,
    R: Serialize,
    F: Future<Output = Result<R, BootError>>,
{
    block_on(async {
        let app = start(peer).await?;
        let handle = |event: LambdaEvent<E>| handle(app.clone(), event.payload);
        lambda_runtime::run(lambda_runtime::service_fn(handle)).await
    })
}

async fn start(peer: Peer) -> Result<App, BootError> {
    log_as_json();
    let app = App::new(Config::from_env()?, Clock::system(), Random::kernel(), &Wire::default())?;
    let greeting = async {
        match peer {
            Peer::Table => app.table.greet().await,
            Peer::MailQueue => app.queues.greet(&app.config.mail_queue).await,
        }
    };
    // Without an answer the first event makes the connection.
    let _late = tokio::time::timeout(GREETING, greeting).await;
    Ok(app)
}

/// The client's address comes from the gateway's own context, never from a header.
fn from_gateway(request: lambda_http::Request) -> Request {
    let context = request.request_context_ref().cloned();
    let mut request = request.map(axum::body::Body::new);
    if let Some(RequestContext::ApiGatewayV2(context)) = context {
        let address = context.http.source_ip.as_deref().and_then(|ip| ip.parse().ok());
        if let Some(address) = address {
            request.extensions_mut().insert(ClientAddress(address));
        }
    }
    request
}

fn block_on<T>(work: impl Future<Output = Result<T, BootError>>) -> Result<T, BootError> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work)
}

fn log_as_json() {
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_max_level(tracing::Level::INFO)
        .with_current_span(false)
        .finish();
    // A second subscriber in one process could only be a test's.
    let _already = tracing::subscriber::set_global_default(subscriber);
}
