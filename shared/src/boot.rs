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
    config::{Config, Setting},
    function::Function,
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

/// Serves a module's routes behind API Gateway.
pub fn serve(function: &Function, routes: impl FnOnce() -> Routes) -> Result<(), BootError> {
    block_on(async {
        let app = start(function).await?;
        let router = routes().into_router(app);
        let handle = async |request| {
            let Ok(response) = router.clone().oneshot(from_gateway(request)).await;
            Reply::of(response).await
        };
        lambda_http::run(lambda_http::service_fn(handle)).await
    })
}

/// Hands each event of a queue, a stream or a schedule to `handle`, whose reply names what failed.
pub fn consume<E, R, F>(function: &Function, handle: impl Fn(App, E) -> F) -> Result<(), BootError>
where
    E: DeserializeOwned,
    R: Serialize,
    F: Future<Output = R>,
{
    invoke(function, |app, event| {
        let reply = handle(app, event);
        async { Ok(reply.await) }
    })
}

/// Hands each event to `handle`; an error is the invocation's.
pub fn invoke<E, R, F>(function: &Function, handle: impl Fn(App, E) -> F) -> Result<(), BootError>
where
    E: DeserializeOwned,
    R: Serialize,
    F: Future<Output = Result<R, BootError>>,
{
    block_on(async {
        let app = start(function).await?;
        let handle = |event: LambdaEvent<E>| handle(app.clone(), event.payload);
        lambda_runtime::run(lambda_runtime::service_fn(handle)).await
    })
}

/// Puts a function together and greets whom it talks to first: Lambda gives it more processor time
/// while it starts, and no client waits for the handshake.
async fn start(function: &Function) -> Result<App, BootError> {
    log_as_json();
    let config = Config::from_env(function.settings)?;
    let app = App::new(config, Clock::system(), Random::kernel(), &Wire::default())?;
    // Without an answer the first event makes the connection.
    let _late = tokio::time::timeout(GREETING, greet(function, &app)).await;
    Ok(app)
}

/// Makes the connection to the table, or to SQS where the function does not ask for the table.
async fn greet(function: &Function, app: &App) {
    if function.settings.contains(&Setting::Table) {
        app.table.greet().await;
        return;
    }
    let queue = function.settings.iter().find_map(|setting| match setting {
        Setting::Queue(queue) => app.config.queue(*queue).ok(),
        _ => None,
    });
    if let Some(queue) = queue {
        app.queues.greet(queue).await;
    }
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
