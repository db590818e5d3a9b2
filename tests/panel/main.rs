//! One binary for all tests from outside.

mod access;
mod api;
mod house;
mod ingest;
mod journey;
mod login;
mod pages;
mod profile;
mod template;
mod usage;
