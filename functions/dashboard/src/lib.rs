//! What a client sees first: the dashboard, usage down to the single request, the profile. And the
//! way in of the gateway's usage events.

mod assets;
mod description;
mod docs;
mod events;
mod health;
mod ingest;
mod overview;
mod problems;
mod profile;
mod usage;

use shared::http::Routes;
use utoipa::OpenApi;

/// All that this function serves.
#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .get("/", overview::page)
        .get("/v1/dashboard", overview::json)
        .get("/usage", usage::page)
        .get("/v1/usage", usage::json)
        .get("/usage/requests", events::page)
        .get("/v1/usage/events", events::json)
        .post("/v1/usage/events", ingest::json)
        .get("/profile", profile::page)
        .post("/profile", profile::submit)
        .get("/profile/email", profile::email::page)
        .post("/profile/email", profile::email::submit)
        .post("/profile/language", profile::language)
        .post("/profile/theme", profile::theme)
        .get("/v1/profile", profile::json)
        .patch("/v1/profile", profile::patch)
        .get("/problems/{code}", problems::page)
        .get("/v1/openapi.json", description::json)
        .get("/docs", docs::page)
        .get("/assets/icon.svg", assets::icon)
        .get("/assets/{file}", assets::file)
        .get("/health", health::health)
}

/// The function's part of the API's description.
#[derive(OpenApi)]
#[openapi(paths(
    overview::json,
    usage::json,
    events::json,
    ingest::json,
    profile::json,
    profile::patch,
    description::json,
))]
pub struct Api;
