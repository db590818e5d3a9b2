//! Style, script and icon.

pub(crate) use shared::web::{serve_asset as file, serve_icon as icon};
