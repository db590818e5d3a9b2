//! The service keys, newest first.

use serde::Serialize;
use shared::{
    auth::{SERVICE_KEYS, ServiceKey, Staff},
    error::Error,
    http::{ListQuery, Query},
};

use super::ServiceKeyReply;

/// One page of keys.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct ServiceKeyList {
    items: Vec<ServiceKeyReply>,
    next_cursor: Option<String>,
}

/// The service keys, newest first.
#[utoipa::path(
    get, path = "/v1/admin/service-keys", operation_id = "list_service_keys", tag = "admin",
    params(ListQuery),
    responses(
        (status = 200, description = "The keys, newest first", body = ServiceKeyList),
        (status = 400, description = "The cursor is not of this list", body = shared::http::Problem),
        (status = 422, description = "The limit is not valid", body = shared::http::Problem),
    )
)]
pub(crate) async fn json(
    staff: Staff,
    Query(query): Query<ListQuery>,
) -> Result<axum::Json<ServiceKeyList>, Error> {
    let page = query.of_company(&staff, "service keys")?;
    let (keys, next_cursor) = page.read(SERVICE_KEYS, |key: &ServiceKey| key.id).await?;
    let items = keys.into_iter().map(ServiceKeyReply::from).collect();
    Ok(axum::Json(ServiceKeyList { items, next_cursor }))
}
