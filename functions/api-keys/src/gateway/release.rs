//! `POST /v1/gateway/release`: gives back what was held for a request that is not made.

use axum::http::StatusCode;
use serde::Deserialize;
use shared::{auth::Service, error::Error, headroom::release, http::Json, id::HoldId};

/// What is given back.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReleaseInput {
    /// What `authorize` named.
    #[schema(example = "hold_01kapx0000000000000000000a")]
    reservation_id: String,
}

/// Gives a hold back. One that is settled, over or unknown holds nothing, and that is no failure.
#[utoipa::path(
    post, path = "/v1/gateway/release", operation_id = "release", tag = "api-keys",
    request_body = ReleaseInput,
    responses(
        (status = 204, description = "Nothing is held under it any more"),
        (status = 422, description = "It is not there, or no text", body = shared::http::Problem),
    )
)]
pub(crate) async fn json(
    service: Service,
    Json(input): Json<ReleaseInput>,
) -> Result<StatusCode, Error> {
    // What is no hold's id is an unknown one.
    if let Ok(id) = input.reservation_id.parse::<HoldId>() {
        release(&service.app, id).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}
