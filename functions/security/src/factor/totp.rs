//! Time-based codes, as every program for them makes them: SHA-1, six digits, thirty seconds.

use base32::Alphabet;
use jiff::Timestamp;
use shared::{
    app::App,
    error::{Code, Error},
    id::UserId,
    random::Random,
    table::Tenant,
    text::latin_digit,
};
use totp_rs::{Builder, Secret, Totp};

use super::sealed_for;

/// RFC 4226 asks for 128 bits and recommends 160.
const SECRET_BYTES: usize = 20;
/// A clock may be one step off.
const SKEW: u16 = 1;

/// A secret that makes codes. It has no `Debug`.
pub(super) struct TotpSecret([u8; SECRET_BYTES]);

impl TotpSecret {
    pub(super) fn new(random: &Random) -> Self {
        Self(random.bytes())
    }

    /// The secret as it is stored.
    pub(super) fn seal(&self, app: &App, tenant: Tenant, user: UserId) -> Result<String, Error> {
        let sealed = app.config.sealing()?.seal(&sealed_for(tenant, user), &self.0, &app.random);
        sealed.map_err(|error| Error::fault(Code::Internal, error))
    }

    pub(super) fn open(
        app: &App,
        tenant: Tenant,
        user: UserId,
        sealed: &str,
    ) -> Result<Self, Error> {
        let fault = |error| Error::fault(Code::Internal, error);
        let bytes = app.config.sealing()?.open(&sealed_for(tenant, user), sealed).map_err(fault)?;
        bytes.try_into().map(Self).map_err(|_| Code::Internal.into())
    }

    /// As a person types it.
    pub(super) fn text(&self) -> String {
        base32::encode(Alphabet::Rfc4648 { padding: false }, &self.0)
    }

    /// The address that a program for codes reads.
    pub(super) fn url(&self, issuer: &str, email: &str) -> Result<String, Error> {
        let fault = |error| Error::fault(Code::Internal, error);
        let named = self.builder().with_issuer(Some(issuer)).with_account_name(email);
        named.build().map_err(fault)?.to_url().map_err(fault)
    }

    /// The step whose code this is, if it is one of now.
    pub(super) fn step_of(&self, code: &str, now: Timestamp) -> Option<u64> {
        let totp: Totp = self.builder().build_noncompliant();
        let seconds = u64::try_from(now.as_second()).unwrap_or_default();
        totp.check(code, seconds)
    }

    fn builder(&self) -> Builder {
        Builder::new().with_skew(SKEW).with_secret(Secret::new(Box::new(self.0)))
    }
}

/// A code as people type it: with blanks, or in the digits of their keyboard.
pub(super) fn plain_code(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '-').map(latin_digit).collect()
}
