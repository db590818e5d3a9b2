//! What the functions were seen to ask for, against what they are given: rights and settings.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    path::PathBuf,
};

use shared::{config::Setting, function::Function};
use tests::deployment::{RIGHTS, rights};

const HEAD: &str = "\
# What each function asks of AWS, as it was measured (`tests/panel/costs/rights.rs`): its role in
# template.yaml allows this and what feeds it, no more and no less. Written anew by
# `UPDATE=1 cargo nextest run -p tests costs`; its diff is to be reviewed.

";

/// A role allows what its function was seen to ask for, no more and no less.
#[expect(clippy::disallowed_methods, reason = "a developer's switch, not a setting")]
pub(crate) fn are_what_is_used(used: &BTreeMap<&'static str, BTreeSet<&'static str>>) {
    let mut text = HEAD.to_owned();
    for function in local::declared() {
        let mut actions = used.get(function.name).cloned().unwrap_or_default();
        // Who talks to the table greets it at the start (`shared/src/boot.rs`).
        if function.settings.contains(&Setting::Table) {
            actions.insert("dynamodb:GetItem");
        }
        let line = |action: &&str| ["    \"", action, "\",\n"].concat();
        let lines: String = actions.iter().map(line).collect();
        let _written = write!(text, "{} = [\n{lines}]\n", function.name);
    }
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(RIGHTS);
    if std::env::var("UPDATE").is_ok() {
        std::fs::write(&path, &text).unwrap();
    }
    let reviewed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(reviewed == text, "left: what {RIGHTS} allows; right: what was asked for\n{text}");
    assert_eq!(rights().len(), local::declared().len());
}

/// A function is given the settings that it was seen to read, no more and no less.
pub(crate) fn settings_are_what_is_read(read: &BTreeMap<&'static str, BTreeSet<Setting>>) {
    for Function { name, settings, .. } in local::declared() {
        let given: BTreeSet<Setting> = settings.iter().copied().collect();
        let mut read = read.get(name).cloned().unwrap_or_default();
        // Its name is read by whoever reads or writes.
        read.extend(given.contains(&Setting::Table).then_some(Setting::Table));
        assert_eq!(given, read, "left: the settings that {name} asks for; right: what it read");
    }
}
