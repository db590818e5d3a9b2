//! Pages: the common layout, words in the reader's language, numbers and dates as the reader
//! writes them, and the styles.

mod assets;
mod chart;
mod format;
mod language;
mod page;
mod text;

pub use assets::{STYLE, serve_icon, serve_style, style_path};
pub use chart::{Bar, Chart};
pub use format::Format;
pub use language::{Digits, Language, Preferences, Theme};
pub use page::{ErrorPage, FieldState, FormState, Layout, Nav, render, see_other};
pub use text::{Text, message_ids};
