//! `GET /health`: the function runs. It asks nothing of anybody, so that a check costs nothing.

use axum::Json;
use serde_json::{Value, json};

pub(crate) async fn health() -> Json<Value> {
    Json(json!({"status": "ok"}))
}
