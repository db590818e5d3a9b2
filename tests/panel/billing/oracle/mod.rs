//! Made-up lives of accounts, billed by the engine and by a calculation that shares no code with it: every invoice
//! is the same to the cent.

mod engine;
mod life;
mod sums;
mod table;

/// So many cents.
pub(super) fn cents(cents: i64) -> shared::money::Pico {
    shared::money::Pico::new(i128::from(cents) * 10_000_000_000)
}
