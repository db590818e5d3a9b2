//! What pages are put together from. A folder holds one component: `component.html` has its macros,
//! `style.css` its looks, `script.js` what it does better with a script, `mod.rs` what of it is code.

pub(super) mod chart;
pub(super) mod form;
pub(super) mod icon;

/// A link among several ways to look at the same thing.
pub struct Choice {
    /// In the reader's words.
    pub label: String,
    /// Where it leads.
    pub href: String,
    /// Whether the page shows it now.
    pub current: bool,
}
