//! Where a form goes on: a path of ours, whatever the request says.

/// The path if it is relative to this site, else the dashboard's.
#[must_use]
pub fn own_path(text: &str) -> &str {
    // A second slash or a backslash would be another host to a browser, and a control character
    // could hide one of them.
    let plain = |c: char| c.is_ascii_graphic() && c != '\\';
    let relative = text.starts_with('/') && !text.starts_with("//") && text.chars().all(plain);
    if relative { text } else { "/" }
}

/// A path as the value of a query's field.
#[must_use]
pub fn encoded(text: &str) -> String {
    let pair = serde_urlencoded::to_string([("", text)]).unwrap_or_default();
    pair.trim_start_matches('=').to_owned()
}

#[cfg(test)]
mod tests {
    use super::own_path;

    #[test]
    fn only_paths_of_ours_are_followed() {
        for bad in [
            "//evil.test",
            "https://evil.test",
            "/\\evil.test",
            "/\t/evil.test",
            "javascript:x",
            "",
            "evil",
            "\\/evil.test",
            "/\n/evil.test",
            " //evil.test",
        ] {
            assert_eq!(own_path(bad), "/", "{bad:?}");
        }
        assert_eq!(own_path("/usage?from=2026-11-01"), "/usage?from=2026-11-01");
    }
}
