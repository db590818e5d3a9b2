//! Usage: the reports and the log that a client reads, and the way in of the gateway's usage events.

mod alerts;
mod events;
mod ingest;
mod report;
#[cfg(feature = "testing")]
mod specimens;

use shared::{
    auth::{
        Access::{Client, ClientOr, Service},
        Scope::Read,
    },
    config::Setting,
    function::{Function, Trigger},
    http::Routes,
    outbox::Queue,
    places,
};
use utoipa::OpenApi;

#[cfg(feature = "testing")]
pub use specimens::specimens;

/// How it is deployed.
pub const FUNCTION: Function = Function::new(
    "usage",
    &[Setting::Table, Setting::Queue(Queue::Usage), Setting::PublicUrl, Setting::PanelSecret],
    Trigger::Http(places! {
        UsageApi "/v1/usage";
        UsageEvents "/v1/usage/*";
        UsagePage "/usage";
        UsagePages "/usage/*";
    }),
);

/// All that this function serves.
#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .get("/usage", Client, report::page)
        .get("/v1/usage", ClientOr(Read), report::json)
        .get("/usage/requests", Client, events::page)
        .get("/usage/alerts", Client, alerts::page)
        .post("/usage/alerts", Client, alerts::submit)
        .get("/v1/usage/alerts", ClientOr(Read), alerts::json)
        .put("/v1/usage/alerts", Client, alerts::put)
        .get("/v1/usage/events", ClientOr(Read), events::json)
        .post("/v1/usage/events", Service, ingest::json)
}

/// The function's part of the API's description.
#[derive(OpenApi)]
#[openapi(
    paths(report::json, alerts::json, alerts::put, events::json, ingest::json),
    components(schemas(ingest::UsageCloudEvent, ingest::VoidCloudEvent))
)]
pub struct Api;
