//! The API's description, merged from the functions' parts.

use serde_json::{Value, json};
use utoipa::OpenApi;

/// The merged OpenAPI 3.1 document, as it is embedded in `functions/dashboard/openapi.json`.
#[must_use]
pub fn merged() -> Value {
    let mut document = security::Api::openapi();
    document.merge(dashboard::Api::openapi());
    let mut document = serde_json::to_value(document).expect("it serialises");
    document["info"] = json!({
        "title": "AI rental panel",
        "version": "1",
        "description": "Accounts, usage and billing of rented AI capacity. Problems are \
                        application/problem+json; lists page by cursor.",
        "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
    });
    document["components"]["securitySchemes"] = json!({
        "session": {"type": "http", "scheme": "bearer", "description": "A session's token, mxs_..."},
        "service_key": {"type": "http", "scheme": "bearer", "description": "A service key, mxv_..."},
    });
    document
}
