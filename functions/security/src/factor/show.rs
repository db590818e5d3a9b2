//! Whether the second factor is on.

use jiff::Timestamp;
use serde::Serialize;
use shared::{auth::SignedIn, error::Error};

use super::{Factor, find};

/// The state of the second factor.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct FactorReply {
    enabled: bool,
    #[schema(value_type = Option<String>, format = "date-time")]
    enrolled_at: Option<Timestamp>,
    backup_codes_remaining: u64,
}

/// Whether the second factor is on, and how many backup codes are left.
#[utoipa::path(
    get, path = "/v1/security/2fa", operation_id = "second_factor", tag = "security",
    responses(
        (status = 200, description = "The state of the second factor", body = FactorReply),
    )
)]
pub(crate) async fn json(signed_in: SignedIn) -> Result<axum::Json<FactorReply>, Error> {
    let factor = find(&signed_in.app, signed_in.tenant, signed_in.session.user).await?;
    let factor = factor.filter(Factor::is_on);
    Ok(axum::Json(FactorReply {
        enabled: factor.is_some(),
        enrolled_at: factor.as_ref().and_then(|it| it.enabled_at),
        backup_codes_remaining: factor.as_ref().map_or(0, Factor::backup_codes_left),
    }))
}
