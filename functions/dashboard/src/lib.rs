//! What a client sees first: the dashboard. Beside it the profile, and what is the whole panel's:
//! style, icons, the API's description, the words of problems, whether it lives.

mod assets;
mod description;
mod docs;
mod health;
mod overview;
mod problems;
mod profile;

use shared::http::Routes;
use utoipa::OpenApi;

/// All that this function serves.
#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .get("/", overview::page)
        .get("/v1/dashboard", overview::json)
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
#[openapi(paths(overview::json, profile::json, profile::patch, description::json))]
pub struct Api;
