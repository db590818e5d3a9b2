//! Starting a function: the only user of the Lambda runtime.

use std::{
    future::{Future, ready},
    pin::Pin,
    time::Duration,
};

use axum::{body, extract::Request, response::Response};
use lambda_http::{Body, IntoResponse, RequestExt, request::RequestContext};
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

/// Room is set aside for so many at once; a function has a handful of connections.
const IO_EVENTS: usize = 64;

/// Makes the connection to the table.
pub async fn greet_table(app: &App) {
    app.table.greet().await;
}

/// Makes the connection to SQS, at the mail queue.
pub async fn greet_mail_queue(app: &App) {
    app.queues.greet(&app.config.mail_queue).await;
}

/// Serves a module's routes behind API Gateway.
pub fn serve(routes: impl FnOnce() -> Routes) -> Result<(), BootError> {
    block_on(async {
        let app = start(greet_table).await?;
        let router = routes().into_router(app);
        let handle = async |request| {
            let Ok(response) = router.clone().oneshot(from_gateway(request)).await;
            Reply::of(response).await
        };
        lambda_http::run(lambda_http::service_fn(handle)).await
    })
}

/// Hands each event of a queue, a stream or a schedule to `handle`, whose reply names what failed.
pub fn consume<E, R, F>(
    greet: impl AsyncFnOnce(&App),
    handle: impl Fn(App, E) -> F,
) -> Result<(), BootError>
where
    E: DeserializeOwned,
    R: Serialize,
    F: Future<Output = R>,
{
    invoke(greet, |app, event| {
        let reply = handle(app, event);
        async { Ok(reply.await) }
    })
}

/// Hands each event to `handle`; an error is the invocation's.
pub fn invoke<E, R, F>(
    greet: impl AsyncFnOnce(&App),
    handle: impl Fn(App, E) -> F,
) -> Result<(), BootError>
where
    E: DeserializeOwned,
    R: Serialize,
    F: Future<Output = Result<R, BootError>>,
{
    block_on(async {
        let app = start(greet).await?;
        let handle = |event: LambdaEvent<E>| handle(app.clone(), event.payload);
        lambda_runtime::run(lambda_runtime::service_fn(handle)).await
    })
}

/// Puts a function together and greets whom it talks to first: Lambda gives it more processor time
/// while it starts, and no client waits for the handshake.
async fn start(greet: impl AsyncFnOnce(&App)) -> Result<App, BootError> {
    log_as_json();
    let app = App::new(Config::from_env()?, Clock::system(), Random::kernel(), &Wire::default())?;
    // Without an answer the first event makes the connection.
    let _late = tokio::time::timeout(GREETING, greet(&app)).await;
    Ok(app)
}

/// The client's address comes from the gateway's own context, never from a header.
fn from_gateway(request: lambda_http::Request) -> Request {
    let address = match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => context.http.source_ip.as_deref(),
        _ => None,
    };
    let address = address.and_then(|ip| ip.parse().ok());
    let mut request = request.map(body::Body::new);
    if let Some(address) = address {
        request.extensions_mut().insert(ClientAddress(address));
    }
    request
}

/// A response as API Gateway takes it. The library's own way there knows the encodings of all the
/// world's texts, whose tables are a twentieth of a package; ours are UTF-8.
struct Reply(http::Response<Body>);

impl Reply {
    async fn of(response: Response) -> Result<Self, lambda_http::Error> {
        let (head, body) = response.into_parts();
        let bytes = body::to_bytes(body, usize::MAX).await?;
        let body = match String::from_utf8(bytes.into()) {
            Ok(text) => Body::Text(text),
            Err(binary) => Body::Binary(binary.into_bytes()),
        };
        Ok(Self(http::Response::from_parts(head, body)))
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Pin<Box<dyn Future<Output = http::Response<Body>> + Send>> {
        Box::pin(ready(self.0))
    }
}

fn block_on<T>(work: impl Future<Output = Result<T, BootError>>) -> Result<T, BootError> {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().max_io_events_per_tick(IO_EVENTS).build()?.block_on(work)
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
