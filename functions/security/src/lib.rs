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
#[cfg(feature = "testing")]
mod specimens;
mod sudo;
mod verify;

use shared::{
    auth::Access::{Public, SignedIn, Sudo},
    config::Setting,
    function::{Function, Trigger},
    http::Routes,
    places,
};
use utoipa::OpenApi;

#[cfg(feature = "testing")]
pub use specimens::specimens;

/// How it is deployed.
pub const FUNCTION: Function = Function::new(
    "security",
    &[Setting::Table, Setting::PublicUrl, Setting::PanelSecret, Setting::SealingKeys],
    Trigger::Http(places! {
        Auth "/v1/auth/*";
        Sessions "/v1/sessions";
        OneSession "/v1/sessions/*";
        SecurityApi "/v1/security/*";
        Login "/login";
        LoginSteps "/login/*";
        Logout "/logout";
        Register "/register";
        Verify "/verify";
        Forgot "/forgot";
        Reset "/reset";
        NotMe "/not-me";
        Sudo "/sudo";
        SecurityPage "/security";
        SecurityPages "/security/*";
    }),
)
// Hashing a password takes a processor for a tenth of a second.
.memory(1024);

/// All that this function serves.
#[must_use]
pub fn routes() -> Routes {
    signing_in().merge(protecting())
}

/// Coming in: what needs no session, and the way out.
fn signing_in() -> Routes {
    Routes::new()
        .post("/v1/auth/register", Public, register::json)
        .get("/register", Public, register::page)
        .post("/register", Public, register::submit)
        .post("/v1/auth/verify-email", Public, verify::json)
        .get("/verify", Public, verify::page)
        .post("/verify", Public, verify::submit)
        .post("/v1/auth/login", Public, login::json)
        .get("/login", Public, login::page)
        .post("/login", Public, login::submit)
        .post("/v1/auth/login/verify", Public, login::second::json)
        .get("/login/verify", Public, login::second::page)
        .post("/login/verify", Public, login::second::submit)
        .post("/v1/auth/password/forgot", Public, password::forgot::json)
        .get("/forgot", Public, password::forgot::page)
        .post("/forgot", Public, password::forgot::submit)
        .post("/v1/auth/password/reset", Public, password::reset::json)
        .get("/reset", Public, password::reset::page)
        .post("/reset", Public, password::reset::submit)
        .get("/not-me", Public, not_me::page)
        .post("/not-me", Public, not_me::submit)
        .post("/v1/auth/logout", SignedIn, logout::json)
        .post("/logout", SignedIn, logout::submit)
}

/// What protects an account that is signed in.
fn protecting() -> Routes {
    Routes::new()
        .post("/v1/auth/sudo", SignedIn, sudo::json)
        .get("/sudo", SignedIn, sudo::page)
        .post("/sudo", SignedIn, sudo::submit)
        .get("/security", SignedIn, home::page)
        .post("/v1/security/password", SignedIn, password::change::json)
        .get("/security/password", SignedIn, password::change::page)
        .post("/security/password", SignedIn, password::change::submit)
        .get("/v1/security/2fa", SignedIn, factor::show::json)
        .post("/v1/security/2fa/enable", Sudo, factor::enable::json)
        .post("/v1/security/2fa/verify", SignedIn, factor::verify::json)
        .post("/v1/security/2fa/disable", Sudo, factor::disable::json)
        .get("/v1/security/2fa/backup-codes", SignedIn, factor::backup_codes::list)
        .post("/v1/security/2fa/backup-codes", Sudo, factor::backup_codes::json)
        .get("/security/two-factor", Sudo, factor::page::begin)
        .post("/security/two-factor", Sudo, factor::page::start)
        .get("/security/two-factor/confirm", Sudo, factor::page::confirm)
        .post("/security/two-factor/confirm", Sudo, factor::page::confirm_submit)
        .get("/security/two-factor/off", Sudo, factor::page::off_page)
        .post("/security/two-factor/off", Sudo, factor::page::off_submit)
        .get("/security/backup-codes", SignedIn, factor::page::codes)
        .post("/security/backup-codes", Sudo, factor::page::codes_submit)
        .get("/v1/sessions", SignedIn, sessions::json)
        .delete("/v1/sessions", Sudo, sessions::end::others)
        .delete("/v1/sessions/{id}", Sudo, sessions::end::one)
        .get("/security/sessions", SignedIn, sessions::page::page)
        .post("/security/sessions/end-others", Sudo, sessions::end::submit_others)
        .post("/security/sessions/{id}/end", Sudo, sessions::end::submit_one)
        .get("/v1/security/events", SignedIn, log::json)
        .get("/security/log", SignedIn, log::page)
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
