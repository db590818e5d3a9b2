//! What a client sees first: the dashboard. Beside it the profile, and what is the whole panel's:
//! style, icons, the API's description, the words of problems, whether it lives.

mod assets;
mod description;
mod docs;
mod health;
mod overview;
mod problems;
mod profile;
#[cfg(feature = "testing")]
mod specimens;

use shared::{
    auth::{
        Access::{Client, ClientOr, Public, SignedIn, SignedInOr, Sudo},
        Scope::Read,
    },
    config::Setting,
    function::{Function, Trigger},
    http::Routes,
    places,
};
use utoipa::OpenApi;

#[cfg(feature = "testing")]
pub use specimens::specimens;

/// How it is deployed.
pub const FUNCTION: Function = Function::new(
    "dashboard",
    &[Setting::Table, Setting::PublicUrl, Setting::PanelSecret, Setting::SealingKeys],
    Trigger::Http(places! { Default "/*"; }),
);

/// All that this function serves.
#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .get("/", Client, overview::page)
        .get("/v1/dashboard", ClientOr(Read), overview::json)
        .get("/profile", SignedIn, profile::page)
        .post("/profile", SignedIn, profile::submit)
        .get("/profile/email", Sudo, profile::email::page)
        .post("/profile/email", Sudo, profile::email::submit)
        .post("/profile/language", SignedIn, profile::language)
        .post("/profile/theme", SignedIn, profile::theme)
        .get("/v1/profile", SignedInOr(Read), profile::json)
        .patch("/v1/profile", SignedIn, profile::patch)
        .get("/problems/{code}", Public, problems::page)
        .get("/v1/openapi.json", Public, description::json)
        .get("/docs", Public, docs::page)
        .get("/assets/icon.svg", Public, assets::icon)
        .get("/assets/{file}", Public, assets::file)
        .get("/health", Public, health::health)
}

/// The function's part of the API's description.
#[derive(OpenApi)]
#[openapi(paths(overview::json, profile::json, profile::patch, description::json))]
pub struct Api;
