//! `GET /v1/openapi.json`: the API's description, merged from all functions' parts by a test that
//! fails when it is stale.

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};

/// The document as it is served.
pub(crate) const TEXT: &str = include_str!("../openapi.json");

/// This description.
#[utoipa::path(
    get, path = "/v1/openapi.json", operation_id = "describe", tag = "dashboard",
    responses((status = 200, description = "OpenAPI 3.1", body = Object)),
)]
pub(crate) async fn json() -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300")),
    ];
    (headers, TEXT).into_response()
}
