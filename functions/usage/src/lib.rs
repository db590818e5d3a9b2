//! Usage: the reports and the log that a client reads, and the way in of the gateway's usage events.

mod events;
mod ingest;
mod report;

use shared::http::Routes;
use utoipa::OpenApi;

/// All that this function serves.
#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .get("/usage", report::page)
        .get("/v1/usage", report::json)
        .get("/usage/requests", events::page)
        .get("/v1/usage/events", events::json)
        .post("/v1/usage/events", ingest::json)
}

/// The function's part of the API's description.
#[derive(OpenApi)]
#[openapi(paths(report::json, events::json, ingest::json))]
pub struct Api;
