//! What a client does to prove itself: the program that makes codes, and the password again.

use base32::Alphabet;
use reqwest::StatusCode;
use serde_json::json;
use totp_rs::{Builder, Secret};

use super::{Client, PASSWORD, Site};

/// A program that makes codes, and the backup codes that were kept with it.
pub struct Authenticator {
    /// Base32, as it was shown.
    pub secret: String,
    /// The ten.
    pub backup_codes: Vec<String>,
}

impl Authenticator {
    /// The code of a moment, in seconds since 1970.
    #[must_use]
    pub fn code_at(&self, seconds: i64) -> String {
        let secret =
            base32::decode(Alphabet::Rfc4648 { padding: false }, &self.secret).expect("base32");
        let totp = Builder::new().with_secret(Secret::new(secret.into())).build_noncompliant();
        totp.generate(seconds.unsigned_abs()).to_string()
    }

    /// The code of now.
    #[must_use]
    pub fn code(&self, site: &Site) -> String {
        self.code_at(site.clock.now().as_second())
    }

    /// The code of the next step, which a clock that is a little ahead shows.
    #[must_use]
    pub fn next_code(&self, site: &Site) -> String {
        self.code_at(site.clock.now().as_second() + 30)
    }
}

impl Client {
    /// Gives the password again; the session goes on with its new token.
    pub async fn elevate(&mut self) {
        self.elevate_with(PASSWORD).await;
    }

    /// Gives a password again.
    pub async fn elevate_with(&mut self, password: &str) {
        let reply = self.post("/v1/auth/sudo", &json!({"password": password})).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
        reply.json()["token"].as_str().unwrap_or_default().clone_into(&mut self.token);
    }

    /// Turns the second factor on.
    pub async fn turn_factor_on(&mut self) -> Authenticator {
        let password = if self.email == self.site.staff.email {
            self.site.staff.password.clone()
        } else {
            PASSWORD.to_owned()
        };
        self.turn_factor_on_with(&password).await
    }

    /// Turns the second factor on, with a password that is not everybody's.
    pub async fn turn_factor_on_with(&mut self, password: &str) -> Authenticator {
        self.elevate_with(password).await;
        let begun = self.post("/v1/security/2fa/enable", &json!({})).await;
        assert_eq!(begun.status, StatusCode::OK, "{}", begun.text);
        let secret = begun.json()["secret"].as_str().unwrap_or_default().to_owned();
        let mut program = Authenticator { secret, backup_codes: Vec::new() };
        let code = json!({"code": program.code(&self.site)});
        let on = self.post("/v1/security/2fa/verify", &code).await;
        assert_eq!(on.status, StatusCode::OK, "{}", on.text);
        program.backup_codes =
            serde_json::from_value(on.json()["backup_codes"].clone()).expect("ten codes");
        program
    }
}

impl Site {
    /// The staff, signed in with a second factor. It stays on: once for each site.
    pub async fn staff_with_factor(&self) -> Client {
        let mut staff = self.staff().await;
        staff.turn_factor_on().await;
        staff
    }

    /// Asks for a sign-in; the challenge that a right password gets where a factor is on.
    pub async fn challenge(&self, email: &str) -> String {
        let login = json!({"email": email, "password": PASSWORD});
        let reply = self.post("/v1/auth/login", &login).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
        reply.json()["challenge"].as_str().expect("a challenge").to_owned()
    }
}
