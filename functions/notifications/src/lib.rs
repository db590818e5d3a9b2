//! What people were told, what became of it on each way, and how they want to be told.

mod address;
mod list;
mod one;
mod preferences;
mod read;
mod reply;
mod retry;
#[cfg(feature = "testing")]
mod specimens;
mod unread;

use shared::{
    auth::{
        Access::{SignedIn, SignedInOr},
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
    "notifications",
    &[Setting::Table, Setting::PublicUrl, Setting::PanelSecret],
    Trigger::Http(places! {
        Notifications "/v1/notifications";
        OneNotification "/v1/notifications/*";
        NotificationsPage "/notifications";
        NotificationsPages "/notifications/*";
    }),
);

/// All that this function serves.
#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .get("/v1/notifications", SignedInOr(Read), list::json)
        .post("/v1/notifications/read-all", SignedIn, read::all_json)
        .post("/v1/notifications/{id}/read", SignedIn, read::json)
        .post("/v1/notifications/{id}/retry", SignedIn, retry::json)
        .get("/v1/notifications/preferences", SignedInOr(Read), preferences::json)
        .put("/v1/notifications/preferences", SignedIn, preferences::put)
        .get("/notifications", SignedIn, list::page)
        .get("/notifications/unread", SignedIn, unread::json)
        .post("/notifications/read-all", SignedIn, read::all_submit)
        .get("/notifications/preferences", SignedIn, preferences::page)
        .post("/notifications/preferences", SignedIn, preferences::submit)
        .post("/notifications/address", SignedIn, address::submit)
        .get("/notifications/{id}", SignedIn, one::page)
        .post("/notifications/{id}/read", SignedIn, read::submit)
        .post("/notifications/{id}/retry", SignedIn, retry::submit)
}

/// The function's part of the API's description.
#[derive(OpenApi)]
#[openapi(paths(
    list::json,
    read::all_json,
    read::json,
    retry::json,
    preferences::json,
    preferences::put
))]
pub struct Api;
