//! The service keys, newest first.

use serde::{Deserialize, Serialize};
use shared::{
    auth::{SERVICE_KEYS, ServiceKey, Staff},
    error::Error,
    http::{PageLimit, Query},
    table::{Cursor, CursorScope, Range},
};

use super::ServiceKeyReply;

/// One page of keys.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct ServiceKeyList {
    items: Vec<ServiceKeyReply>,
    next_cursor: Option<String>,
}

/// Which page.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageQuery {
    /// 1 to 100.
    #[serde(default)]
    #[param(default = 25, minimum = 1, maximum = 100)]
    limit: Option<usize>,
    /// From the page before.
    #[serde(default)]
    cursor: Option<String>,
}

/// The service keys, newest first.
#[utoipa::path(
    get, path = "/v1/admin/service-keys", operation_id = "list_service_keys", tag = "admin", security(("session" = [])),
    params(PageQuery),
    responses(
        (status = 200, description = "The keys, newest first", body = ServiceKeyList),
        (status = 400, description = "The cursor is not of this list", body = shared::http::Problem),
        (status = 401, description = "Not signed in", body = shared::http::Problem),
        (status = 403, description = "Not staff, or without a second factor", body = shared::http::Problem),
        (status = 422, description = "The limit is not valid", body = shared::http::Problem),
    )
)]
pub(crate) async fn json(
    Staff(signed_in): Staff,
    Query(query): Query<PageQuery>,
) -> Result<axum::Json<ServiceKeyList>, Error> {
    let limit = PageLimit::parse(query.limit)?.get();
    let (app, tenant) = (&signed_in.app, signed_in.tenant);
    let scope = CursorScope::new(&app.config, tenant, "service keys");
    let after = query.cursor.map(|cursor| scope.open(&cursor)).transpose()?;
    let mut range = Range::prefix(tenant, SERVICE_KEYS).newest_first().limit(limit + 1);
    if let Some(Cursor(id)) = after {
        range = range.after(&format!("{SERVICE_KEYS}{id}"));
    }
    let (mut keys, _): (Vec<ServiceKey>, _) = app.table.page(&range).await?;
    let more = keys.len() > limit;
    keys.truncate(limit);
    let last = keys.last().filter(|_| more).map(|key| Cursor(key.id.to_string()));
    Ok(axum::Json(ServiceKeyList {
        items: keys.into_iter().map(ServiceKeyReply::from).collect(),
        next_cursor: last.map(|cursor| scope.seal(&cursor)),
    }))
}
