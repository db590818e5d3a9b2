//! Text that people write about themselves: names, companies, addresses. What is inside may stand
//! in a mail or beside other words without changing what those say.

/// Why a text is not taken; each names a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing but blanks.
    #[error("empty")]
    Required,
    /// More characters than allowed.
    #[error("too long")]
    TooLong,
    /// Characters that do not show, or marks that turn the direction of what follows.
    #[error("characters that do not show")]
    Invisible,
}

impl TextError {
    /// The code of the field's error.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::TooLong => "too_long",
            Self::Invisible => "characters_invisible",
        }
    }
}

/// A digit of an Arabic keyboard as a Latin one; any other character as it is.
#[must_use]
pub fn latin_digit(c: char) -> char {
    let latin = |zero: u32| char::from_digit(u32::from(c) - zero, 10).unwrap_or(c);
    match c {
        '\u{0660}'..='\u{0669}' => latin(0x0660),
        '\u{06F0}'..='\u{06F9}' => latin(0x06F0),
        other => other,
    }
}

/// One line, trimmed, of at most `most` characters; it may be empty.
pub fn line(text: &str, most: usize) -> Result<String, TextError> {
    check(text.trim(), most, |_| false)
}

/// One line that is not empty.
pub fn required_line(text: &str, most: usize) -> Result<String, TextError> {
    let text = line(text, most)?;
    if text.chars().all(shapes_others) { Err(TextError::Required) } else { Ok(text) }
}

/// Several lines, trimmed.
pub fn lines(text: &str, most: usize) -> Result<String, TextError> {
    check(&text.trim().replace("\r\n", "\n"), most, |c| c == '\n')
}

/// One line that people write, with what does not show and turns things around left out: it is pasted from
/// everywhere, and nobody would know what to do about it.
pub fn cleaned_line(text: &str, most: usize) -> Result<String, TextError> {
    if text.chars().count() > most {
        return Err(TextError::TooLong);
    }
    let shown = |c: char| !(turns_direction(c) || hides(c));
    let blank = |c: char| if c.is_control() { ' ' } else { c };
    let cleaned: String = text.chars().filter(|c| shown(*c)).map(blank).collect();
    required_line(&cleaned, most)
}

/// What people write at length, trimmed: it holds whatever was pasted into it, and is shown as what it is
/// ([`crate::web::blocks`]). A control character shows as one.
pub fn written(text: &str, most: usize) -> Result<String, TextError> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let shown = |c: char| if c.is_control() && !matches!(c, '\n' | '\t') { '\u{FFFD}' } else { c };
    let text: String = text.trim_end().trim_start_matches('\n').chars().map(shown).collect();
    if text.chars().count() > most {
        return Err(TextError::TooLong);
    }
    let empty = text.chars().all(|c| shapes_others(c) || turns_direction(c) || hides(c));
    if empty { Err(TextError::Required) } else { Ok(text) }
}

/// The name of a file without the folders that it lay in.
pub fn file_name(text: &str, most: usize) -> Result<String, TextError> {
    let name = text.rsplit(['/', '\\']).next().unwrap_or_default();
    let name = cleaned_line(name, most)?;
    if name.chars().all(|c| c == '.') { Err(TextError::Required) } else { Ok(name) }
}

fn check(text: &str, most: usize, allowed: impl Fn(char) -> bool) -> Result<String, TextError> {
    if text.chars().count() > most {
        return Err(TextError::TooLong);
    }
    let invisible = |c: char| (c.is_control() && !allowed(c)) || turns_direction(c) || hides(c);
    if text.chars().any(invisible) { Err(TextError::Invisible) } else { Ok(text.to_owned()) }
}

/// Marks, embeddings, overrides and isolates of the bidirectional algorithm, and line breaks that
/// are no control characters.
#[must_use]
pub fn turns_direction(c: char) -> bool {
    matches!(c, '\u{200E}' | '\u{200F}' | '\u{061C}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// What shows nothing, or a blank that no blank is: two names that look alike would be two.
#[must_use]
pub fn hides(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180E}'
        | '\u{200B}' | '\u{2060}'..='\u{2064}' | '\u{206A}'..='\u{206F}' | '\u{2800}' | '\u{3164}'
        | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

/// What joins letters, keeps them apart or picks their shape: part of how words are written, and no
/// word.
fn shapes_others(c: char) -> bool {
    matches!(c, '\u{200C}' | '\u{200D}' | '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
        || c.is_whitespace()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_pasted_is_taken_and_shows() {
        let pasted = "\r\n a\u{0}b\u{1b}[31m\r\n\tc\u{202E} \n";
        let shown = written(pasted, 30);
        assert_eq!(shown.as_deref(), Ok(" a\u{FFFD}b\u{FFFD}[31m\n\tc\u{202E}"));
        assert_eq!(written("\u{200b}\n\u{202e} ", 9), Err(TextError::Required));
        assert_eq!(written("1234567890", 9), Err(TextError::TooLong));
        let subject = cleaned_line("in\u{202E}voice\u{0}\n\u{200b}5", 20);
        assert_eq!(subject.as_deref(), Ok("invoice  5"));
    }

    #[test]
    fn a_file_has_no_folder_and_a_name() {
        for (name, kept) in [("a.txt", "a.txt"), ("C:\\x\\b.txt", "b.txt"), ("../../etc/p", "p")] {
            assert_eq!(file_name(name, 20).as_deref(), Ok(kept));
        }
        let turned = file_name("exe\u{202E}txt.\"<b>", 20);
        assert_eq!(turned.as_deref(), Ok("exetxt.\"<b>"));
        for bad in ["", "..", "a/", "\u{200b}"] {
            assert_eq!(file_name(bad, 20), Err(TextError::Required), "{bad:?}");
        }
    }

    #[test]
    fn what_does_not_show_is_refused_and_both_languages_are_not() {
        for bad in [
            "a\nb",
            "a\u{202E}b",
            "a\u{2069}",
            "\u{7f}",
            "a\u{2028}b",
            "\u{200b}",
            "a\u{ad}b",
            "\u{3164}",
            "\u{2800}",
            "a\u{e0041}",
        ] {
            assert_eq!(line(bad, 9), Err(TextError::Invisible), "{bad:?}");
        }
        assert_eq!(line(" آدا لوفلايس ", 20).as_deref(), Ok("آدا لوفلايس"));
        assert_eq!(lines("1 Main St\r\nCairo", 20).as_deref(), Ok("1 Main St\nCairo"));
        assert_eq!(line("می\u{200c}خواهم", 20).as_deref(), Ok("می\u{200c}خواهم"));
        for nothing in ["  ", "\u{200d}", "\u{fe0f} \u{200c}"] {
            assert_eq!(required_line(nothing, 9), Err(TextError::Required), "{nothing:?}");
        }
        assert_eq!(line("1234567890", 9), Err(TextError::TooLong));
    }
}
