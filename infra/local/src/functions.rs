//! Every function, declared once for all that runs or tests the whole of them.

use std::pin::Pin;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use shared::{app::App, function::Function, http::Routes};
use utoipa::openapi::OpenApi;

/// An HTTP function.
pub struct HttpFunction {
    /// What it says of itself.
    pub function: Function,
    /// What it serves.
    pub routes: Routes,
    /// What it says of its own API.
    pub description: OpenApi,
    /// One honest request of each of its routes.
    #[cfg(feature = "testing")]
    pub specimens: Vec<shared::testing::Specimen>,
}

/// A function that is handed events.
pub struct Worker {
    /// What it says of itself.
    pub function: Function,
    /// Hands it an event, as Lambda does; what it replies, or that the invocation failed.
    pub handle: Handle,
    /// Events that it is handed all day.
    #[cfg(feature = "testing")]
    pub specimens: Vec<shared::testing::EventSpecimen>,
}

/// A function's handler of events, as JSON.
pub type Handle = Box<dyn Fn(App, Value) -> Handled + Send + Sync>;
/// What came of an event.
pub type Handled = Pin<Box<dyn Future<Output = Result<Value, Unhandled>> + Send>>;

/// The function was not handed what it takes, or failed.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Unhandled(String);

macro_rules! functions {
    (http { $($slice:ident)* } workers { $($worker:ident $way:ident;)* }) => {
        /// The HTTP functions.
        #[must_use]
        pub fn functions() -> Vec<HttpFunction> {
            vec![$(HttpFunction {
                function: $slice::FUNCTION,
                routes: $slice::routes(),
                description: <$slice::Api as utoipa::OpenApi>::openapi(),
                #[cfg(feature = "testing")]
                specimens: $slice::specimens(),
            }),*]
        }

        /// The functions that are handed events.
        #[must_use]
        pub fn workers() -> Vec<Worker> {
            vec![$(Worker {
                function: $worker::FUNCTION,
                handle: $way($worker::handle),
                #[cfg(feature = "testing")]
                specimens: $worker::specimens(),
            }),*]
        }
    };
}

functions! {
    http { admin api_keys billing dashboard notifications security tickets usage }
    workers {
        usage_meter consumes;
        outbox_relay consumes;
        mailer consumes;
        notifier consumes;
        usage_alerts consumes;
        ticket_clock consumes;
        closing consumes;
        payments consumes;
        mail_feedback consumes;
        timekeeper is_invoked;
        operator is_invoked;
    }
}

/// What all of the HTTP functions serve together.
#[must_use]
pub fn all_routes() -> Routes {
    functions().into_iter().fold(Routes::new(), |all, function| all.merge(function.routes))
}

/// All of them, as they say of themselves.
#[must_use]
pub fn declared() -> Vec<Function> {
    let http = functions().into_iter().map(|it| it.function);
    http.chain(workers().into_iter().map(|it| it.function)).collect()
}

/// One whose reply names what failed.
fn consumes<E, R, F>(handle: impl Fn(App, E) -> F + Send + Sync + 'static) -> Handle
where
    E: DeserializeOwned + Send + 'static,
    R: Serialize,
    F: Future<Output = R> + Send + 'static,
{
    is_invoked(move |app, event| {
        let reply = handle(app, event);
        async { Ok::<_, std::convert::Infallible>(reply.await) }
    })
}

/// One whose error is the invocation's.
fn is_invoked<E, R, F, X>(handle: impl Fn(App, E) -> F + Send + Sync + 'static) -> Handle
where
    E: DeserializeOwned + Send + 'static,
    R: Serialize,
    X: std::fmt::Display,
    F: Future<Output = Result<R, X>> + Send + 'static,
{
    let unhandled = |error: &dyn std::fmt::Display| Unhandled(error.to_string());
    Box::new(move |app, event| {
        let reply = serde_json::from_value(event).map(|event| handle(app, event));
        Box::pin(async move {
            let reply = reply.map_err(|error| unhandled(&error))?;
            let reply = reply.await.map_err(|error| unhandled(&error))?;
            serde_json::to_value(reply).map_err(|error| unhandled(&error))
        })
    })
}
