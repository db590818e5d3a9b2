//! What stands for a word in the filter of known words. The build script uses this file as well: it
//! packs what is looked up here.

use sha2::{Digest, Sha256};

/// The word's number.
pub(super) fn key(word: &str) -> u64 {
    let hash = Sha256::digest(word.as_bytes());
    hash[..8].iter().fold(0, |key, byte| key << 8 | u64::from(*byte))
}
