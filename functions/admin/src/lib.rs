//! What the rental company's people do: the keys of its own machines. Every route wants a session
//! with a second factor, and every write says who did it.

mod service_keys;
#[cfg(feature = "testing")]
mod specimens;

use shared::{
    auth::Access::Staff,
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
    "admin",
    &[Setting::Table, Setting::PublicUrl, Setting::PanelSecret, Setting::SealingKeys],
    Trigger::Http(places! { AdminApi "/v1/admin/*"; }),
);

/// All that this function serves.
#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .get("/v1/admin/service-keys", Staff, service_keys::list::json)
        .post("/v1/admin/service-keys", Staff, service_keys::create::json)
        .delete("/v1/admin/service-keys/{id}", Staff, service_keys::revoke::json)
}

/// The function's part of the API's description.
#[derive(OpenApi)]
#[openapi(paths(service_keys::list::json, service_keys::create::json, service_keys::revoke::json))]
pub struct Api;
