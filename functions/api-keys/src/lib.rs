//! What clients' programs sign their requests with, and the gateway's question about it.

mod gateway;
mod keys;

use shared::http::Routes;
use utoipa::OpenApi;

/// All that this function serves.
#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .get("/v1/api-keys", keys::list::json)
        .post("/v1/api-keys", keys::create::json)
        .patch("/v1/api-keys/{id}", keys::change::json)
        .delete("/v1/api-keys/{id}", keys::revoke::json)
        .post("/v1/api-keys/{id}/rotate", keys::rotate::json)
        .get("/security/keys", keys::page::list)
        .get("/security/keys/new", keys::page::new)
        .post("/security/keys/new", keys::page::new_submit)
        .get("/security/keys/{id}", keys::page::one)
        .post("/security/keys/{id}/rotate", keys::page::rotate_submit)
        .post("/security/keys/{id}/revoke", keys::page::revoke_submit)
        .post("/v1/gateway/authorize", gateway::json)
}

/// The function's part of the API's description.
#[derive(OpenApi)]
#[openapi(paths(
    keys::list::json,
    keys::create::json,
    keys::change::json,
    keys::revoke::json,
    keys::rotate::json,
    gateway::json
))]
pub struct Api;
