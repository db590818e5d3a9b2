//! The client's API keys, newest first.

use serde::Serialize;
use shared::{
    auth::{API_KEYS, ApiKey, Client},
    error::Error,
    http::{ListQuery, Query},
};

use super::KeyReply;

/// One page of keys.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct KeyList {
    items: Vec<KeyReply>,
    next_cursor: Option<String>,
}

/// The client's API keys, newest first.
#[utoipa::path(
    get, path = "/v1/api-keys", operation_id = "list_api_keys", tag = "api-keys",
    params(ListQuery),
    responses(
        (status = 200, description = "The keys, newest first", body = KeyList),
        (status = 400, description = "The cursor is not of this list", body = shared::http::Problem),
        (status = 422, description = "The limit is not valid", body = shared::http::Problem),
    )
)]
pub(crate) async fn json(
    Client(signed_in): Client,
    Query(query): Query<ListQuery>,
) -> Result<axum::Json<KeyList>, Error> {
    let page = query.of(&signed_in, "api keys")?;
    let (keys, next_cursor) = page.read(API_KEYS, |key: &ApiKey| key.id).await?;
    let items = keys.into_iter().map(KeyReply::from).collect();
    Ok(axum::Json(KeyList { items, next_cursor }))
}
