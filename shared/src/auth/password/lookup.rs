//! The words of a filter that takes one in 65,536 of the words that are not in it for one of its own.
//! The build script uses this file as well: it packs what is looked up here.

use sha2::{Digest, Sha256};

/// What stands for a word in the filter.
pub(super) fn key(word: &str) -> u64 {
    let hash = Sha256::digest(word.as_bytes());
    hash[..8].iter().fold(0, |key, byte| key << 8 | u64::from(*byte))
}
