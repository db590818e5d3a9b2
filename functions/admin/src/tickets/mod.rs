//! Support's side of the tickets: the queue, the answers, and what staff tell each other.

pub(crate) mod answer;
mod change;
pub(crate) mod list;
mod note;
pub(crate) mod one;
pub(crate) mod set;
