//! What the rental company's people do: the keys of its own machines. Every route wants a session
//! with a second factor, and every write says who did it.

mod service_keys;

use shared::http::Routes;
use utoipa::OpenApi;

/// All that this function serves.
#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .get("/v1/admin/service-keys", service_keys::list::json)
        .post("/v1/admin/service-keys", service_keys::create::json)
        .delete("/v1/admin/service-keys/{id}", service_keys::revoke::json)
}

/// The function's part of the API's description.
#[derive(OpenApi)]
#[openapi(paths(service_keys::list::json, service_keys::create::json, service_keys::revoke::json))]
pub struct Api;
