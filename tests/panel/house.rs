//! The house's own rules.

use std::{
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The files below a folder, without what is built or local.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            let left_out = name.starts_with('.') || name == "target" || name == "node_modules";
            if !left_out {
                files(&path, found);
            }
        } else {
            found.push(path);
        }
    }
}

fn with_ending(endings: &[&str]) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    files(&root(), &mut found);
    let wanted = |path: &PathBuf| {
        path.extension().is_some_and(|it| endings.contains(&it.to_string_lossy().as_ref()))
    };
    found
        .into_iter()
        .filter(wanted)
        .map(|path| (path.clone(), fs::read_to_string(path).unwrap()))
        .collect()
}

#[test]
fn no_file_is_longer_than_four_hundred_lines() {
    for (path, text) in with_ending(&["rs", "html", "css", "js", "ftl", "sh"]) {
        assert!(text.lines().count() <= 400, "{} has {}", path.display(), text.lines().count());
    }
}

#[test]
fn every_path_that_the_documents_name_exists() {
    let documents = with_ending(&["md"]);
    assert!(documents.len() >= 4);
    for (document, text) in documents {
        let mut spans = text.split('`');
        // Between the first and the second backtick, the third and the fourth ...
        spans.next();
        for span in spans.step_by(2) {
            let first = span.split('/').next().unwrap_or_default();
            let is_path = span.contains('/')
                && ["shared", "functions", "infra", "tests", "docs", ".ci"].contains(&first)
                && !span.contains(['*', '<', ' ', '{', '…']);
            assert!(
                !is_path || root().join(span).exists(),
                "{} names {span}, which is not there",
                document.display()
            );
        }
    }
}

#[test]
fn only_shared_names_the_sdk_the_runtime_and_the_environment() {
    for (path, text) in with_ending(&["rs"]) {
        let path = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
        if path.starts_with("shared/") || path.starts_with("tests/") {
            continue;
        }
        for word in ["aws_sdk", "lambda_http", "lambda_runtime", "env::var"] {
            assert!(!text.contains(word), "{path} names {word}");
        }
    }
}

/// A tenant comes from a stored record, and so no request may be read as one.
#[test]
fn no_request_is_read_as_a_stored_record() {
    const OWNED: [&str; 14] = [
        "Invoice",
        "Balance",
        "Entry",
        "Ticket",
        "TicketHome",
        "StaffMember",
        "Hold",
        "Account",
        "EmailClaim",
        "EmailChange",
        "AddressCheck",
        "SecurityChange",
        "Notice",
        "Letter",
    ];
    const READERS: [&str; 6] =
        ["Json<", "Form<", "Query<", "Repeatable<", "Object<", "decode_json::<"];
    const ANYHOW: [&str; 3] = ["from_str::<", "from_slice::<", "from_value::<"];
    for (path, text) in with_ending(&["rs"]) {
        let in_a_function = path.components().any(|part| part.as_os_str() == "functions");
        assert!(!in_a_function || !text.contains("Owner"), "{} names an owner", path.display());
        let anyhow = if in_a_function { &ANYHOW[..] } else { &[] };
        for reader in READERS.iter().chain(anyhow) {
            for record in OWNED.map(|record| format!("{reader}{record}>")) {
                let here = path.ends_with("tests/panel/house.rs");
                assert!(here || !text.contains(&record), "{} reads {record}", path.display());
            }
        }
    }
}

/// Staff do what clients do by the same operations: what they do it with may know the slices.
#[test]
fn no_function_knows_another_but_staffs() {
    let slices: Vec<String> = fs::read_dir(root().join("functions"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    for slice in slices.iter().filter(|it| *it != "admin") {
        let manifest = root().join("functions").join(slice).join("Cargo.toml");
        let manifest = fs::read_to_string(manifest).unwrap();
        let dependencies = manifest.split("[dev-dependencies]").next().unwrap();
        for other in slices.iter().filter(|other| *other != slice) {
            for known in [format!("\n{other}.workspace"), format!("\n{other} =")] {
                assert!(!dependencies.contains(&known), "{slice} knows {other}");
            }
        }
    }
}

#[test]
fn no_message_is_unused() {
    /// Ids that are put together from a prefix and a name that the code knows.
    const BUILT: [&str; 41] = [
        "ticket-status-",
        "ticket-category-",
        "ticket-priority-now-",
        "ticket-priority-",
        "ticket-author-",
        "ticket-about-",
        "ticket-now-",
        "ticket-reply-by-",
        "ticket-solution-by-",
        "notice-ticket-near-",
        "notice-ticket-late-",
        "metric-",
        "problem-",
        "field-",
        "ai-",
        "usage-by-",
        "usage-group-",
        "usage-without-",
        "profile-theme-",
        "profile-digits-",
        "mail-verify-",
        "mail-known-",
        "mail-change-",
        "mail-reset-",
        "mail-notice-",
        "mail-closed-",
        "mail-check-",
        "mail-told-",
        "mail-many-notice-",
        "mail-many-",
        "notice-kind-",
        "notice-urgency-",
        "notice-",
        "channel-",
        "delivery-reason-",
        "delivery-",
        "preferences-digest-",
        "preferences-",
        "event-",
        "scope-",
        "keys-grace-",
    ];
    const ENDS: [&str; 5] = ["-title", "-detail", "-body", "-subject", "-lead"];
    let sources: String =
        with_ending(&["rs", "html", "txt"]).into_iter().map(|(_, text)| text).collect();
    for id in shared::web::message_ids(shared::web::Language::default()) {
        let built = BUILT.iter().find_map(|prefix| id.strip_prefix(prefix));
        let name =
            built.map_or(id, |name| ENDS.iter().fold(name, |name, end| name.trim_end_matches(end)));
        // Scopes have a colon where ids have a hyphen.
        let whole = sources.contains(&format!("\"{}\"", name.replace('-', ":")))
            || sources.contains(&format!("\"{name}\""))
            || sources.contains(&format!("\"{id}\""));
        assert!(whole, "the message {id} is used nowhere");
    }
}

#[test]
fn every_component_is_shown_on_the_design_page() {
    let page = fs::read_to_string(root().join("infra/local/src/design/page.html")).unwrap();
    let layout = root().join("shared/src/web/components/layout");
    let parts = ["layout.html", "head.html", "top.html", "bottom.html"];
    let parts = parts.map(|name| fs::read_to_string(layout.join(name)).unwrap());
    let shown = page + &parts.concat();
    for entry in fs::read_dir(root().join("shared/src/web/components")).unwrap() {
        let folder = entry.unwrap();
        let name = folder.file_name().into_string().unwrap();
        let Ok(component) = fs::read_to_string(folder.path().join("component.html")) else {
            // A component of styles alone is a class of its name.
            let class = format!("class=\"{name}");
            assert!(name == "layout" || name == "mod.rs" || shown.contains(&class), "{name}");
            continue;
        };
        for one in component.split("{% macro ").skip(1).filter_map(|it| it.split('(').next()) {
            assert!(
                shown.contains(&format!("::{one}(")),
                "{one} of {name} is not on the design page"
            );
        }
    }
}

#[test]
fn a_package_unwinds_where_code_panics() {
    // Left to itself, `cargo lambda` builds packages that abort; no test of ours runs those.
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let release = manifest.split("[profile.release]\n").nth(1).unwrap();
    assert!(release.split("\n[").next().unwrap().contains("panic = \"unwind\""));
}
