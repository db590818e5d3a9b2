//! A Bloom filter: a set of words in three bytes a word, which takes one in a hundred thousand that
//! are not in it for one of its own. The build script uses this file as well.

use sha2::{Digest, Sha256};

/// Bits that each word sets. With 24 bits a word this many let the fewest strangers in.
const PROBES: u64 = 17;

/// The bits of a word in a filter of so many bytes.
pub(super) fn probes(word: &str, bytes: usize) -> impl Iterator<Item = usize> {
    let hash = Sha256::digest(word.as_bytes());
    let half = |from: usize| {
        hash[from..from + 8].iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte))
    };
    let (first, step) = (half(0), half(8) | 1);
    let bits = 8 * bytes as u64;
    (0..PROBES).map(move |probe| {
        let bit = first.wrapping_add(step.wrapping_mul(probe)) % bits.max(1);
        usize::try_from(bit).unwrap_or(0)
    })
}
