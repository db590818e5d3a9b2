//! Client access: registering, confirming the address, signing in and out, sessions.
//!
//! What a stranger learns is nothing: a known and an unknown address get the same bytes after the
//! same work. Attempts are counted before they are judged.

mod login;
mod logout;
mod register;
mod sessions;
mod verify;

use shared::http::Routes;
use utoipa::OpenApi;

/// All that this function serves.
#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .post("/v1/auth/register", register::json)
        .get("/register", register::page)
        .post("/register", register::submit)
        .post("/v1/auth/verify-email", verify::json)
        .get("/verify", verify::page)
        .post("/verify", verify::submit)
        .post("/v1/auth/login", login::json)
        .get("/login", login::page)
        .post("/login", login::submit)
        .post("/v1/auth/logout", logout::json)
        .post("/logout", logout::submit)
        .get("/v1/sessions", sessions::json)
}

/// The function's part of the API's description.
#[derive(OpenApi)]
#[openapi(paths(register::json, verify::json, login::json, logout::json, sessions::json))]
pub struct Api;

pub use register::{Registration, RegistrationInput, register};
pub use verify::confirm;
