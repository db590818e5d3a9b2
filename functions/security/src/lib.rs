//! Client access: registering, confirming the address, signing in and out, the second factor,
//! passwords, sessions, and the log of all that.
//!
//! What a stranger learns is nothing: a known and an unknown address get the same bytes after the
//! same work. Attempts are counted before they are judged. What is good once is used up in the
//! transaction of what it opens.

mod cookie;
mod factor;
mod home;
mod log;
mod login;
mod logout;
mod not_me;
mod password;
mod register;
mod sessions;
mod sudo;
mod verify;

use shared::http::Routes;
use utoipa::OpenApi;

/// All that this function serves.
#[must_use]
pub fn routes() -> Routes {
    signing_in().merge(protecting())
}

/// Coming in: what needs no session, and the way out.
fn signing_in() -> Routes {
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
        .post("/v1/auth/login/verify", login::second::json)
        .get("/login/verify", login::second::page)
        .post("/login/verify", login::second::submit)
        .post("/v1/auth/password/forgot", password::forgot::json)
        .get("/forgot", password::forgot::page)
        .post("/forgot", password::forgot::submit)
        .post("/v1/auth/password/reset", password::reset::json)
        .get("/reset", password::reset::page)
        .post("/reset", password::reset::submit)
        .get("/not-me", not_me::page)
        .post("/not-me", not_me::submit)
        .post("/v1/auth/logout", logout::json)
        .post("/logout", logout::submit)
}

/// What protects an account that is signed in.
fn protecting() -> Routes {
    Routes::new()
        .post("/v1/auth/sudo", sudo::json)
        .get("/sudo", sudo::page)
        .post("/sudo", sudo::submit)
        .get("/security", home::page)
        .post("/v1/security/password", password::change::json)
        .get("/security/password", password::change::page)
        .post("/security/password", password::change::submit)
        .get("/v1/security/2fa", factor::show::json)
        .post("/v1/security/2fa/enable", factor::enable::json)
        .post("/v1/security/2fa/verify", factor::verify::json)
        .post("/v1/security/2fa/disable", factor::disable::json)
        .get("/v1/security/2fa/backup-codes", factor::backup_codes::list)
        .post("/v1/security/2fa/backup-codes", factor::backup_codes::json)
        .get("/security/two-factor", factor::page::begin)
        .post("/security/two-factor", factor::page::start)
        .get("/security/two-factor/confirm", factor::page::confirm)
        .post("/security/two-factor/confirm", factor::page::confirm_submit)
        .get("/security/two-factor/off", factor::page::off_page)
        .post("/security/two-factor/off", factor::page::off_submit)
        .get("/security/backup-codes", factor::page::codes)
        .post("/security/backup-codes", factor::page::codes_submit)
        .get("/v1/sessions", sessions::json)
        .delete("/v1/sessions", sessions::end::others)
        .delete("/v1/sessions/{id}", sessions::end::one)
        .get("/security/sessions", sessions::page::page)
        .post("/security/sessions/end-others", sessions::end::submit_others)
        .post("/security/sessions/{id}/end", sessions::end::submit_one)
        .get("/v1/security/events", log::json)
        .get("/security/log", log::page)
}

/// The function's part of the API's description.
#[derive(OpenApi)]
#[openapi(paths(
    register::json,
    verify::json,
    login::json,
    login::second::json,
    logout::json,
    password::forgot::json,
    password::reset::json,
    password::change::json,
    sudo::json,
    sessions::json,
    sessions::end::one,
    sessions::end::others,
    factor::show::json,
    factor::enable::json,
    factor::verify::json,
    factor::disable::json,
    factor::backup_codes::list,
    factor::backup_codes::json,
    log::json
))]
pub struct Api;

pub use register::{RegistrationInput, register};
pub use verify::confirm;
