//! Pages: the common layout, the components that pages are put together from, words in the reader's
//! language, numbers and dates as the reader writes them, styles and script.

mod assets;
mod components;
mod device;
mod format;
mod language;
mod layout;
mod metric;
mod nav;
mod patterns;
mod text;

pub use assets::{Asset, SCRIPT, STYLE, serve_asset, serve_icon};
pub use components::{
    Choice, Tick,
    chart::{Bars, Figure, Line, Lines, Mark, Series, sparkline},
    form::{FieldState, FormState, Options, input},
    icon::icon,
    prose::{Block, Span, blocks},
};
pub use device::device_words;
pub use format::Format;
pub use language::{Digits, Language, Preferences, Theme};
pub use layout::{ErrorPage, Layout, bell_number, render, see_other};
pub use nav::Nav;
pub use text::{Text, message_ids};
