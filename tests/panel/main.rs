//! One binary for all tests from outside.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails where its world does")]

mod access;
mod alerts;
mod api;
mod billing;
mod callers;
mod connector;
mod costs;
mod crash;
mod deployment;
mod guards;
mod holds;
mod house;
mod ingest;
mod journey;
mod login;
mod notifications;
mod pages;
mod payments;
mod profile;
mod replay;
mod request_faults;
mod security;
mod soak;
mod specimens;
mod template;
mod tickets;
mod timers;
mod trust;
mod usage;
