//! How many guesses a password takes somebody who knows how people make them: out of words, names,
//! keyboard walks, runs, years. The cheapest way to put it together from such parts is what counts.
//!
//! The method is zxcvbn's (Wheeler, "Low-Budget Password Strength Estimation", USENIX Security
//! 2016), without ranks: the crate of that name was a fifth of the whole function's package.
//! The tests hold it to the crate's judgement.

use std::sync::LazyLock;

use xorf::{BinaryFuse16Ref, Filter, FilterRef};

use super::{fold::folded, lookup};

/// Words, names and the passwords that everybody knows, folded; the build script packs them.
static WORDS: LazyLock<BinaryFuse16Ref<'static>> = LazyLock::new(|| {
    let descriptor = include_bytes!(concat!(env!("OUT_DIR"), "/words.descriptor"));
    BinaryFuse16Ref::from_dma(descriptor, &FINGERPRINTS.0)
});
static FINGERPRINTS: &Aligned<[u8]> =
    &Aligned(*include_bytes!(concat!(env!("OUT_DIR"), "/words.fingerprints")));

/// Puts the bytes at an even address: the filter reads them two by two.
#[repr(align(2))]
struct Aligned<T: ?Sized>(T);

/// A part of a password is a word from so many characters on.
pub(super) const SHORTEST_WORD: usize = 4;
/// And up to so many.
pub(super) const LONGEST_WORD: usize = 12;

/// Tenths of a power of ten: 10 stands for ten guesses, 80 for a hundred million.
type Tenths = u32;

const CHARACTER: Tenths = 10;
const WORD: Tenths = 25;
/// A word of the person's own: the name, the address, the company.
const OWN_WORD: Tenths = 5;
const WALK: Tenths = 15;
const YEAR: Tenths = 20;
const AGAIN: Tenths = 5;

/// What lies beside what on a keyboard, and in the alphabet.
const ROWS: [&str; 18] = [
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1234567890",
    "qwertzuiopü",
    "azertyuiop",
    "abcdefghijklmnopqrstuvwxyz",
    // Up and down the columns, and zigzag.
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "zaqxswcdevfrbgtnhymju",
    "zaq1xsw2cde3vfr4bgt5nhy6mju7",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "qawsedrftgyhujikolp",
    "azsxdcfvgbhnjmk",
    "12qw34er56ty78ui90op",
    "147258369",
    // In twos, and the first letter of each key of a telephone.
    "13579246801357924680",
    "adgjmptw",
];

/// The power of ten, in tenths, of the guesses that a password takes; `about` are words that
/// somebody who knows the person would try first.
pub(super) fn guesses(password: &str, about: &[&str]) -> Tenths {
    let text: Vec<char> = password.chars().flat_map(char::to_lowercase).collect();
    let folded: Vec<char> = text.iter().copied().map(folded).collect();
    let own = own_words(about);
    // The cheapest way to the first so many characters.
    let mut cheapest = vec![0; text.len() + 1];
    for end in 1..=text.len() {
        let parts = (0..end).filter_map(|start| {
            let part = part(&text, &folded, &own, start, end)?;
            Some(cheapest[start] + part)
        });
        cheapest[end] = parts.min().unwrap_or(Tenths::MAX);
    }
    cheapest[text.len()]
}

/// What the characters from `start` to `end` cost as one part, if they are one.
fn part(
    text: &[char],
    folded: &[char],
    own: &[Vec<char>],
    start: usize,
    end: usize,
) -> Option<Tenths> {
    let (plain, folded) = (&text[start..end], &folded[start..end]);
    let length = end - start;
    if own.iter().any(|word| word == folded) {
        return Some(OWN_WORD);
    }
    if length * 2 <= end && text[start - length..start] == *plain {
        return Some(AGAIN);
    }
    if length >= 3 && is_along(plain) {
        return Some(WALK);
    }
    if is_braid(plain) {
        return Some(2 * WALK);
    }
    if is_year(plain) {
        return Some(YEAR);
    }
    let is_word = (SHORTEST_WORD..=LONGEST_WORD).contains(&length)
        && is_known(&folded.iter().collect::<String>());
    match length {
        _ if is_word => Some(WORD),
        1 => Some(CHARACTER),
        _ => None,
    }
}

/// Whether a word is on the list, or the one in 65,536 others that the filter takes for one.
fn is_known(word: &str) -> bool {
    WORDS.contains(&lookup::key(word))
}

fn own_words(about: &[&str]) -> Vec<Vec<char>> {
    let words = about.iter().flat_map(|text| {
        let parts = text.split(|it: char| !it.is_alphanumeric());
        parts.chain(std::iter::once(*text))
    });
    let folded = words.map(|word| word.chars().flat_map(char::to_lowercase).map(folded));
    folded.map(Iterator::collect).filter(|word: &Vec<char>| word.len() >= 3).collect()
}

/// Two walks or runs in turns, as `a1b2c3` is and `102030`.
fn is_braid(text: &[char]) -> bool {
    let turn = |first| text.iter().copied().skip(first).step_by(2).collect::<Vec<_>>();
    text.len() >= 6 && is_along(&turn(0)) && is_along(&turn(1))
}

fn is_along(text: &[char]) -> bool {
    is_run(text) || is_walk(text)
}

/// One character again and again.
fn is_run(text: &[char]) -> bool {
    text.windows(2).all(|pair| pair[0] == pair[1])
}

/// Along a row of keys or the alphabet, forth or back.
fn is_walk(text: &[char]) -> bool {
    let forth: String = text.iter().collect();
    let back: String = text.iter().rev().collect();
    ROWS.iter().any(|row| row.contains(&forth) || row.contains(&back))
}

fn is_year(text: &[char]) -> bool {
    let digits = text.len() == 4 && text.iter().all(char::is_ascii_digit);
    digits && matches!((text[0], text[1]), ('1', '9') | ('2', '0'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    /// What zxcvbn calls safely unguessable.
    const STRONG: Tenths = 80;

    #[test]
    fn what_people_make_of_a_word_is_weak_and_zxcvbn_agrees() {
        let words = [
            "password",
            "sunshine",
            "Monkey",
            "dragon",
            "football",
            "letmein",
            "qwerty",
            "iloveyou",
            "princess",
            "welcome",
            "p@ssw0rd",
            "Michael",
            "superman",
            "123456789",
            "abcdefgh",
            "asdfghjkl",
            "aaaaaaaa",
            "baseball",
            "trustno1",
            "liverpool",
            "computer",
        ];
        let ends = ["", "1", "12", "123", "!", "1!", "2024", "1990!", "abc", "111"];
        for word in words {
            for end in ends {
                let password = format!("{word}{end}");
                let theirs = zxcvbn::zxcvbn(&password, &[]);
                assert!(theirs.score() < zxcvbn::Score::Three, "{password} is no example");
                assert!(guesses(&password, &[]) < STRONG, "{password}");
            }
        }
    }

    #[test]
    fn what_is_easy_for_fingers_or_known_by_everybody_is_weak() {
        let walks = ["a1b2c3d4", "1029384756", "13243546", "a1a2a3a4", "1020304050", "qawsedrf"];
        let walks = walks.into_iter().chain(["135792468", "adgjmptw", "12qw34er", "1z2x3c4v!"]);
        let known = ["lasvegas", "Vladimir1", "d4rthv4der", "alhamdulilah", "casablanca99"];
        for password in walks.chain(known) {
            assert!(guesses(password, &[]) < STRONG, "{password}");
        }
        assert!(guesses("a7k2q9w4", &[]) >= STRONG, "no walk is in it");
    }

    #[test]
    fn what_is_about_the_person_is_weak() {
        let about = ["ada.lovelace@example.com", "Ada Lovelace", "Analytical Engines"];
        for password in ["adalovelace1", "Lovelace2024", "analyticalengines", "ada.lovelace@ex"] {
            assert!(guesses(password, &about) < STRONG, "{password}");
        }
        assert!(guesses("Xvlq Rmtp 9w!", &about) >= STRONG);
    }

    #[test]
    fn what_nobody_guesses_is_strong_and_zxcvbn_agrees() {
        let random = Random::seeded(7);
        for _ in 0..500 {
            let letters = b"abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789-_!%";
            let password: String = (0..12)
                .map(|_| char::from(letters[usize::try_from(random.below(60)).unwrap()]))
                .collect();
            assert!(zxcvbn::zxcvbn(&password, &[]).score() >= zxcvbn::Score::Three);
            assert!(guesses(&password, &[]) >= STRONG, "{password}");
        }
        for password in ["glass-otter-runs-north", "plenty-otters-swim-north", "قطة خضراء تطير"]
        {
            assert!(guesses(password, &[]) >= STRONG, "{password}");
        }
    }

    #[test]
    fn a_longer_part_never_costs_more_than_its_characters() {
        for password in ["qwertyuiop", "2024", "sunshine", "aaaa", "zxq"] {
            let most = CHARACTER * u32::try_from(password.chars().count()).unwrap();
            assert!(guesses(password, &[]) <= most, "{password}");
        }
    }
}
