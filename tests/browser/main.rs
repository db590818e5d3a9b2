//! Pages in a real browser: what it shows, what a keyboard reaches, what is left without scripts,
//! and what axe finds. Chromium with its driver, and axe-core below `.local/browser`, are installed by
//! `tests/run`.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails where its world does"
)]

mod account;
mod alerts;
mod browser;
mod journeys;
mod looks;
mod notifications;
mod payments;
mod tickets;
