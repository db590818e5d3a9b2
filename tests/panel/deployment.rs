//! The parts of `template.yaml` and `Cargo.toml` that follow from what the functions say of themselves.

use std::fs;

use tests::deployment::{file, functions, members, queues, routes, watched, with_part};

/// `UPDATE=1 cargo nextest run -p tests deployment` writes them anew; the diff is to be reviewed.
#[test]
#[expect(clippy::disallowed_methods, reason = "a developer's switch, not a setting")]
fn the_template_and_the_workspace_have_the_functions_as_they_say_of_themselves() {
    let parts = [
        ("template.yaml", "queues", queues()),
        ("template.yaml", "functions", functions()),
        ("template.yaml", "routes", routes()),
        ("Cargo.toml", "members", members()),
        ("Cargo.toml", "watched", watched()),
    ];
    for (name, part, text) in parts {
        let path = file(name);
        let stored = fs::read_to_string(&path).unwrap();
        let anew = with_part(&stored, part, &text);
        if std::env::var("UPDATE").is_ok() {
            fs::write(&path, &anew).unwrap();
        }
        let stored = fs::read_to_string(&path).unwrap();
        assert!(
            stored == anew,
            "{part} of {name} is stale: UPDATE=1 cargo nextest run -p tests deployment"
        );
    }
}
