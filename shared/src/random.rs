//! Randomness, passed in: from the kernel when it matters, seeded in tests.

use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest, Sha256};

/// A source of random bytes.
#[derive(Clone)]
pub struct Random(Source);

#[derive(Clone)]
enum Source {
    Kernel,
    Seeded(Arc<Mutex<(u64, u64)>>),
}

impl Random {
    /// The kernel's generator.
    #[must_use]
    pub fn kernel() -> Self {
        Self(Source::Kernel)
    }

    /// The same bytes for the same seed, every time. For tests only.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self(Source::Seeded(Arc::new(Mutex::new((seed, 0)))))
    }

    /// `N` random bytes.
    ///
    /// # Panics
    /// When the kernel has none: nothing is safe to do then.
    #[must_use]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        match &self.0 {
            Source::Kernel => {
                #[expect(
                    clippy::expect_used,
                    clippy::disallowed_methods,
                    reason = "this is where randomness comes in; without it nothing is safe to do"
                )]
                getrandom::fill(&mut bytes).expect("the kernel gives random bytes");
            }
            Source::Seeded(state) => {
                let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
                for chunk in bytes.chunks_mut(32) {
                    let (seed, count) = *state;
                    let block = Sha256::new()
                        .chain_update(seed.to_le_bytes())
                        .chain_update(count.to_le_bytes())
                        .finalize();
                    chunk.copy_from_slice(&block[..chunk.len()]);
                    state.1 += 1;
                }
            }
        }
        bytes
    }

    /// A number in `0..bound`; a bound of 0 counts as 1.
    #[must_use]
    pub fn below(&self, bound: u64) -> u64 {
        u64::from_le_bytes(self.bytes()) % bound.max(1)
    }
}
