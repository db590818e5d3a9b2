//! What passwords are made of, packed: English words, and the names and passwords of our own list.

use std::{collections::BTreeSet, fs, io};

use random_word::Lang;
use xorf::{BinaryFuse16, DmaSerializable};

#[path = "../src/auth/password/fold.rs"]
mod fold;
#[path = "../src/auth/password/lookup.rs"]
mod lookup;

/// Names and well-known passwords, as they are folded or not.
pub(super) const OURS: &str = "src/auth/password/common.txt";

/// English words of these lengths; longer ones are seldom typed, shorter ones cost what their
/// letters do.
const LENGTHS: std::ops::RangeInclusive<usize> = 4..=8;

/// The set as a filter of about 19 bits a word: how it is laid out, and its fingerprints.
pub(super) fn packed() -> io::Result<(Vec<u8>, Vec<u8>)> {
    let ours = fs::read_to_string(OURS)?;
    let english = random_word::all(Lang::En).iter().copied();
    let english = english.filter(|word| LENGTHS.contains(&word.len()));
    let ours = ours.split_whitespace().filter(|word| word.len() >= *LENGTHS.start());
    let words: BTreeSet<String> =
        english.chain(ours).map(|word| word.chars().map(fold::folded).collect()).collect();
    let keys: Vec<u64> = words.iter().map(|word| lookup::key(word)).collect();
    let filter = BinaryFuse16::try_from(keys).map_err(io::Error::other)?;
    let mut descriptor = vec![0; BinaryFuse16::DESCRIPTOR_LEN];
    filter.dma_copy_descriptor_to(&mut descriptor);
    Ok((descriptor, filter.dma_fingerprints().to_vec()))
}
