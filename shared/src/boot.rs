//! Starting a function: the only user of the Lambda runtime.

use std::future::Future;

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

/// Serves a module's routes behind API Gateway.
pub fn serve(routes: impl FnOnce() -> Routes) -> Result<(), BootError> {
    log_as_json();
    let app = App::new(Config::from_env()?, Clock::system(), Random::kernel(), &Wire::default())?;
    let router = routes().into_router(app);
    block_on(lambda_http::run(lambda_http::service_fn(move |request: lambda_http::Request| {
        router.clone().oneshot(from_gateway(request))
    })))
}

/// Hands each event of a queue, a stream or a schedule to `handle`.
pub fn consume<E, R, F>(handle: impl Fn(App, E) -> F) -> Result<(), BootError>
where
    E: DeserializeOwned,
    R: Serialize,
    F: Future<Output = R>,
{
    log_as_json();
    let app = App::new(Config::from_env()?, Clock::system(), Random::kernel(), &Wire::default())?;
    block_on(lambda_runtime::run(lambda_runtime::service_fn(|event: LambdaEvent<E>| {
        let reply = handle(app.clone(), event.payload);
        async move { Ok::<R, BootError>(reply.await) }
    })))
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
        .without_time()
        .with_current_span(false)
        .finish();
    // A second subscriber in one process could only be a test's.
    let _already = tracing::subscriber::set_global_default(subscriber);
}
