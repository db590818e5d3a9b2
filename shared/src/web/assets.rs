//! The styles: partials joined into one file, whose address changes with its content and which a
//! browser therefore keeps for ever.

use std::sync::LazyLock;

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use sha2::{Digest, Sha256};

/// All styles.
pub const STYLE: &str = concat!(
    include_str!("style/tokens.css"),
    include_str!("style/base.css"),
    include_str!("style/layout.css"),
    include_str!("style/components.css"),
    include_str!("style/forms.css"),
    include_str!("style/charts.css"),
);

static PATH: LazyLock<String> = LazyLock::new(|| {
    let hash = data_encoding::HEXLOWER.encode(&Sha256::digest(STYLE.as_bytes())[..8]);
    format!("/assets/{hash}.css")
});

/// Where the styles are served.
#[must_use]
pub fn style_path() -> &'static str {
    &PATH
}

/// `GET /assets/icon.svg`: the browser tab's icon.
pub async fn serve_icon() -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("image/svg+xml")),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=86400")),
    ];
    (headers, include_str!("icon.svg")).into_response()
}

/// `GET /assets/{file}`: the styles, whatever version is asked for. A page that was made before
/// a deployment gets today's styles under yesterday's name, and is told not to keep them.
pub async fn serve_style(axum::extract::Path(file): axum::extract::Path<String>) -> Response {
    let current = style_path().ends_with(&format!("/{file}"));
    let keep = if current { "public, max-age=31536000, immutable" } else { "no-cache" };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/css; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static(keep)),
    ];
    (headers, STYLE).into_response()
}
