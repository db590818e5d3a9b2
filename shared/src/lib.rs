//! What every function of the panel stands on.
//!
//! In reading order: how a function starts ([`function`], [`boot`], [`config`], [`app`], [`wire`]), the values everything
//! is made of ([`id`], [`money`], [`clock`], [`random`], [`seal`]), the way of a request ([`http`],
//! [`error`], [`auth`]), what is stored ([`table`], [`account`], [`plan`], [`usage`], [`billing`], [`payments`], [`ticket`], [`outbox`], [`audit`]),
//! what leaves ([`notify`], [`queue`], [`mail`], [`files`], [`provider`]) and what people see ([`web`]).

// Components name what they are made of by the path that pages of other crates know it by.
extern crate self as shared;

pub mod account;
pub mod alerts;
pub mod app;
pub mod audit;
pub mod auth;
pub mod billing;
pub mod boot;
pub mod clock;
pub mod config;
pub mod country;
pub mod error;
pub mod files;
pub mod function;
pub mod headroom;
pub mod http;
pub mod id;
pub mod mail;
pub mod money;
pub mod notify;
pub mod outbox;
pub mod payments;
pub mod plan;
pub mod provider;
pub mod queue;
pub mod random;
pub mod seal;
pub mod table;
pub mod text;
pub mod ticket;
pub mod timer;
pub mod usage;
pub mod web;
pub mod wire;

#[cfg(feature = "testing")]
#[expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a test fails where its world does"
)]
pub mod testing;
