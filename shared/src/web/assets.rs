//! Style and script: joined by the build from the parts that lie with the components, and served
//! under addresses that change with their content and which a browser therefore keeps for ever.

use axum::{
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};

use crate::{
    error::{Code, Error},
    http::Path,
};

/// A file that every page needs, as it is and as most browsers take it.
pub struct Asset {
    /// Where it is served.
    pub path: &'static str,
    kind: &'static str,
    plain: &'static [u8],
    /// Compressed with gzip.
    pub gzip: &'static [u8],
}

macro_rules! asset {
    ($name:literal, $kind:literal) => {
        Asset {
            path: include_str!(concat!(env!("OUT_DIR"), "/", $name, ".path")),
            kind: $kind,
            plain: include_bytes!(concat!(env!("OUT_DIR"), "/", $name)),
            gzip: include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".gz")),
        }
    };
}

/// All styles.
pub static STYLE: Asset = asset!("portal.css", "text/css; charset=utf-8");
/// The little that needs a script, and that no page needs.
pub static SCRIPT: Asset = asset!("portal.js", "text/javascript; charset=utf-8");

/// `GET /assets/icon.svg`: the browser tab's icon.
pub async fn serve_icon() -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("image/svg+xml")),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=86400")),
    ];
    (headers, include_str!("icon.svg")).into_response()
}

/// `GET /assets/{file}`: style or script, whatever version is asked for. A page that was made before
/// a deployment gets today's under yesterday's name, and is told not to keep it.
pub async fn serve_asset(Path(file): Path<String>, headers: HeaderMap) -> Result<Response, Error> {
    let ending = |asset: &&&Asset| file.rsplit('.').next() == asset.path.rsplit('.').next();
    let asset = [&STYLE, &SCRIPT].iter().find(ending).copied().ok_or(Code::NotFound)?;
    let current = asset.path.ends_with(&format!("/{file}"));
    let keep = if current { "public, max-age=31536000, immutable" } else { "no-cache" };
    let mut response = if takes_gzip(&headers) {
        ([(header::CONTENT_ENCODING, "gzip")], asset.gzip).into_response()
    } else {
        asset.plain.into_response()
    };
    let own = response.headers_mut();
    own.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.kind));
    own.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    own.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    Ok(response)
}

fn takes_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT_ENCODING).into_iter();
    let mut codings = accepted.filter_map(|it| it.to_str().ok()).flat_map(|it| it.split(','));
    codings.any(|coding| {
        let (name, quality) = coding.split_once(";q=").unwrap_or((coding, "1"));
        name.trim() == "gzip" && !quality.trim().trim_matches(['0', '.']).is_empty()
    })
}
