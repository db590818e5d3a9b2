//! Styles and icon.

pub(crate) use shared::web::{serve_icon as icon, serve_style as style};
