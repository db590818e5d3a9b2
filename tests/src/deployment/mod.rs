//! What the functions say of themselves, as `template.yaml` and `Cargo.toml` have it: resources, roles, logs,
//! alarms, routes. It is written by a test and reviewed by a person.

mod functions;
mod http;
mod queues;
mod roles;

use std::{collections::BTreeMap, fs, path::PathBuf};

pub use functions::functions;
pub use http::{members, routes, watched};
pub use queues::queues;

/// What each function asks of AWS, as it was measured.
pub const RIGHTS: &str = "infra/rights.toml";

/// A file of the project's.
#[must_use]
pub fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(name)
}

/// The measured rights of each function.
#[must_use]
pub fn rights() -> BTreeMap<String, Vec<String>> {
    let text = fs::read_to_string(file(RIGHTS)).expect("the rights");
    toml::from_str(&text).expect("TOML")
}

/// What begins and ends a part of a file that is written by a test.
const BEGIN: &str = "# >>> written by `UPDATE=1 cargo nextest run -p tests deployment` from what the functions say of themselves: ";
const END: &str = "# <<<";

/// A file's text with the part of a name written anew.
#[must_use]
pub fn with_part(text: &str, name: &str, part: &str) -> String {
    let begin = format!("{BEGIN}{name}\n");
    let (before, rest) = text.split_once(&begin).expect("the part begins");
    let (_old, after) = rest.split_once(END).expect("the part ends");
    // The end stands as far in as the beginning.
    let margin = before.rsplit('\n').next().unwrap_or_default();
    format!("{before}{begin}{part}{margin}{END}{after}")
}

/// `usage-meter` as a resource is called: `UsageMeter`.
fn logical(name: &str) -> String {
    let words = name.split('-').map(|word| {
        let (first, rest) = word.split_at(1);
        first.to_uppercase() + rest
    });
    words.collect()
}
