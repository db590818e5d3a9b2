//! The client's API keys, newest first.

use serde::{Deserialize, Serialize};
use shared::{
    auth::{API_KEYS, ApiKey, Client, SignedIn},
    error::Error,
    http::{PageLimit, Query},
    table::{Cursor, CursorScope, Range, TableError},
};

use super::KeyReply;

/// One page of keys.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct KeyList {
    items: Vec<KeyReply>,
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

/// All of them: a plan has a few.
pub(crate) async fn all(signed_in: &SignedIn) -> Result<Vec<ApiKey>, TableError> {
    let range = Range::prefix(signed_in.tenant, API_KEYS);
    let mut keys: Vec<ApiKey> = signed_in.app.table.all(range).await?;
    keys.reverse();
    Ok(keys)
}

/// The client's API keys, newest first.
#[utoipa::path(
    get, path = "/v1/api-keys", operation_id = "list_api_keys", tag = "security", security(("session" = [])),
    params(PageQuery),
    responses(
        (status = 200, description = "The keys, newest first", body = KeyList),
        (status = 400, description = "The cursor is not of this list", body = shared::http::Problem),
        (status = 401, description = "Not signed in", body = shared::http::Problem),
        (status = 422, description = "The limit is not valid", body = shared::http::Problem),
    )
)]
pub(crate) async fn json(
    Client(signed_in): Client,
    Query(query): Query<PageQuery>,
) -> Result<axum::Json<KeyList>, Error> {
    let limit = PageLimit::parse(query.limit)?.get();
    let scope = CursorScope::new(&signed_in.app.config, signed_in.tenant, "api keys");
    let after = query.cursor.map(|cursor| scope.open(&cursor)).transpose()?;
    let mut keys = all(&signed_in).await?;
    if let Some(Cursor(after)) = after {
        keys.retain(|key| key.id.to_string() < after);
    }
    let more = keys.len() > limit;
    keys.truncate(limit);
    let last = keys.last().filter(|_| more).map(|key| Cursor(key.id.to_string()));
    Ok(axum::Json(KeyList {
        items: keys.into_iter().map(KeyReply::from).collect(),
        next_cursor: last.map(|cursor| scope.seal(&cursor)),
    }))
}
