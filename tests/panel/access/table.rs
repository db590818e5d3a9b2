//! ACCESS.md: who may use which route, as the rows say it; its diff is to be reviewed.

use std::{fmt::Write as _, fs, path::Path};

const HEAD: &str = "\
# Who may use what

Made from the rows of the functions' route tables, which a test holds the handlers to with every kind of
caller (`tests/panel/access.rs`). `sudo`: the password or a code was given again in the last ten minutes.
`client or read`: a client's session, or its API key with that scope. `staff`: with a second factor.

A row that changes fails the tests until this file is written anew and reviewed:
`UPDATE=1 cargo nextest run -p tests access`.
";

#[test]
#[expect(clippy::disallowed_methods, reason = "a developer's switch, not a setting")]
fn what_each_route_is_for_is_as_it_was_reviewed() {
    let mut text = HEAD.to_owned();
    for function in local::functions() {
        let _written =
            write!(text, "\n## {}\n\n| route | who |\n| --- | --- |\n", function.function.name);
        for row in function.routes.table() {
            let who = row.access.name();
            let _written = writeln!(text, "| `{} {}` | {who} |", row.method, row.path);
        }
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ACCESS.md");
    if std::env::var("UPDATE").is_ok() {
        fs::write(&path, &text).unwrap();
    }
    let reviewed = fs::read_to_string(path).unwrap_or_default();
    let new: Vec<&str> = text.lines().filter(|line| !reviewed.contains(line)).collect();
    assert!(reviewed == text, "not as reviewed in ACCESS.md:\n{}", new.join("\n"));
}
