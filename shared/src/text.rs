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

fn check(text: &str, most: usize, allowed: impl Fn(char) -> bool) -> Result<String, TextError> {
    if text.chars().count() > most {
        return Err(TextError::TooLong);
    }
    let invisible = |c: char| (c.is_control() && !allowed(c)) || turns_direction(c) || is_hidden(c);
    if text.chars().any(invisible) { Err(TextError::Invisible) } else { Ok(text.to_owned()) }
}

/// Marks, embeddings, overrides and isolates of the bidirectional algorithm, and line breaks that
/// are no control characters.
#[must_use]
pub fn turns_direction(c: char) -> bool {
    matches!(c, '\u{200E}' | '\u{200F}' | '\u{061C}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// What shows nothing, or a blank that no blank is: two names that look alike would be two.
fn is_hidden(c: char) -> bool {
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
