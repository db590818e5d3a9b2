//! Icons, drawn by name.

use askama::Template;

#[derive(Template)]
#[template(path = "components/icon/drawing.html")]
struct Drawing<'a> {
    name: &'a str,
}

/// The icon of a name, as SVG; one that is not known is empty. It is rendered apart from the page,
/// so that the drawings are in the machine code once.
#[must_use]
pub fn icon(name: impl AsRef<str>) -> String {
    let drawing = Drawing { name: name.as_ref() }.render().unwrap_or_default();
    drawing.trim_end().to_owned()
}
