//! One spelling for the many that guessers try. The build script uses this file as well: the list
//! that it packs is folded like what is looked up in it.

/// The character that this one stands for: small, and a letter where a digit or a sign is usually
/// put in a letter's place.
pub(super) fn folded(character: char) -> char {
    match character {
        '0' => 'o',
        '1' | '!' | '|' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' | '+' => 't',
        '8' => 'b',
        other => other.to_lowercase().next().unwrap_or(other),
    }
}
