//! What clients' programs sign their requests with, and the gateway's question about it.

mod gateway;
mod keys;
#[cfg(feature = "testing")]
mod specimens;

use shared::{
    auth::Access::{Client, ClientSudo, Service},
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
    "api-keys",
    &[Setting::Table, Setting::PublicUrl, Setting::PanelSecret, Setting::SealingKeys],
    Trigger::Http(places! {
        ApiKeys "/v1/api-keys";
        OneApiKey "/v1/api-keys/*";
        Gateway "/v1/gateway/*";
        KeysPage "/security/keys";
        KeysPages "/security/keys/*";
    }),
)
// Every request of every client at the gateway waits for its answer: memory buys processor.
.memory(1024);

/// All that this function serves.
#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .get("/v1/api-keys", Client, keys::list::json)
        .post("/v1/api-keys", ClientSudo, keys::create::json)
        .patch("/v1/api-keys/{id}", Client, keys::change::json)
        .delete("/v1/api-keys/{id}", Client, keys::revoke::json)
        .post("/v1/api-keys/{id}/rotate", ClientSudo, keys::rotate::json)
        .get("/security/keys", Client, keys::page::list)
        .get("/security/keys/new", ClientSudo, keys::page::new)
        .post("/security/keys/new", ClientSudo, keys::page::new_submit)
        .get("/security/keys/{id}", Client, keys::page::one)
        .post("/security/keys/{id}/rotate", ClientSudo, keys::page::rotate_submit)
        .post("/security/keys/{id}/revoke", Client, keys::page::revoke_submit)
        .post("/v1/gateway/authorize", Service, gateway::json)
        .post("/v1/gateway/release", Service, gateway::release::json)
}

/// The function's part of the API's description.
#[derive(OpenApi)]
#[openapi(paths(
    keys::list::json,
    keys::create::json,
    keys::change::json,
    keys::revoke::json,
    keys::rotate::json,
    gateway::json,
    gateway::release::json
))]
pub struct Api;
