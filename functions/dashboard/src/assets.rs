//! The styles.

pub(crate) use shared::web::serve_style as style;
