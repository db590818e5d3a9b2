//! What passwords are made of, packed: English words, and the names and passwords of our own list.

use std::{collections::BTreeSet, fs, io};

use random_word::Lang;

#[path = "../src/auth/password/bloom.rs"]
mod bloom;
#[path = "../src/auth/password/fold.rs"]
mod fold;

/// Names and well-known passwords, as they are folded or not.
pub(super) const OURS: &str = "src/auth/password/common.txt";

/// English words of these lengths; longer ones are seldom typed, shorter ones cost what their
/// letters do.
const LENGTHS: std::ops::RangeInclusive<usize> = 4..=8;
const BITS_A_WORD: usize = 24;

/// The set as a Bloom filter.
pub(super) fn packed() -> io::Result<Vec<u8>> {
    let ours = fs::read_to_string(OURS)?;
    let english = random_word::all(Lang::En).iter().copied();
    let english = english.filter(|word| LENGTHS.contains(&word.len()));
    let ours = ours.split_whitespace().filter(|word| word.len() >= *LENGTHS.start());
    let words: BTreeSet<String> =
        english.chain(ours).map(|word| word.chars().map(fold::folded).collect()).collect();
    let mut bits = vec![0; (words.len() * BITS_A_WORD).div_ceil(8)];
    for word in &words {
        for bit in bloom::probes(word, bits.len()) {
            bits[bit / 8] |= 1 << (bit % 8);
        }
    }
    Ok(bits)
}
