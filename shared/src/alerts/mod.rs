//! Being told of use before it surprises: at which thresholds, and what was told.
//!
//! There is one test of crossing, [`crate::usage::is_crossed`]. An alert is recorded once for each metric, month,
//! limit and threshold, so that raising a limit and lowering it again tells nothing a second time.

mod record;
mod settings;

pub use record::{
    Alert, AlertId, Paced, Told, alert_key, paced_key, told_lately, told_of, told_of_key,
};
pub use settings::{AlertSettings, MOST_THRESHOLDS, Mark, Threshold};
