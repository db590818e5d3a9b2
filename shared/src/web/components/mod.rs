//! What pages are put together from. A folder holds one component: `component.html` has its macros,
//! `style.css` its looks, `script.js` what it does better with a script, `mod.rs` what of it is code.

pub(super) mod chart;
pub(super) mod form;
pub(super) mod icon;
pub(super) mod prose;

/// A link among several ways to look at the same thing.
pub struct Choice {
    /// In the reader's words.
    pub label: String,
    /// Where it leads.
    pub href: String,
    /// Whether the page shows it now.
    pub current: bool,
}

/// A mark on a meter, in whole percents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tick(pub u64);

impl Tick {
    /// The mark, if it lies inside the meter: at its ends there is nothing to see.
    #[must_use]
    pub fn at(percent: u64) -> Option<Self> {
        (1..100).contains(&percent).then_some(Self(percent))
    }
}
