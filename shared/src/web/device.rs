//! What a browser or program calls itself, in words: "Firefox on Windows".

use super::Text;

/// Names in the order in which they are looked for: most browsers also name those they resemble.
const PROGRAMS: [(&str, &str); 12] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
    ("PostmanRuntime/", "Postman"),
    ("python-requests/", "Python"),
    ("Python-urllib/", "Python"),
];
const SYSTEMS: [(&str, &str); 7] = [
    ("Windows", "Windows"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];
const MOST_CHARACTERS: usize = 60;

/// The words for a `User-Agent`; what is not known is shown as it is, cut short.
#[must_use]
pub fn device_words(agent: &str, text: &Text) -> String {
    let find = |names: &[(&str, &'static str)]| {
        names.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name)
    };
    match (find(&PROGRAMS), find(&SYSTEMS)) {
        (Some(program), Some(system)) => {
            let (program, system) = (text.isolate(program), text.isolate(system));
            text.with2("device-program-on-system", ("program", &program), ("system", &system))
        }
        (Some(program), None) => program.to_owned(),
        _ if agent.is_empty() => text.get("device-unknown"),
        _ => agent.chars().filter(|c| !c.is_control()).take(MOST_CHARACTERS).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::Preferences;

    #[test]
    fn browsers_are_told_apart_from_those_they_resemble() {
        let text = Text::new(Preferences::default());
        let words = |agent: &str| {
            let words = device_words(agent, &text);
            words.chars().filter(char::is_ascii).collect::<String>()
        };
        let edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36 Edg/142.0";
        assert_eq!(words(edge), "Edge on Windows");
        assert_eq!(words(&edge.replace(" Edg/142.0", "")), "Chrome on Windows");
        let phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Mobile/15E148 Safari/604.1";
        assert_eq!(words(phone), "Safari on iPhone");
        assert_eq!(words("curl/8.14.1"), "curl");
        assert_eq!(words(""), "Unknown device");
        assert_eq!(words("something/1.0"), "something/1.0");
    }
}
