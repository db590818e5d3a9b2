//! Who is asking: tokens, sessions, the extractors that make a handler's permission part of its
//! signature, and the limits on guessing.

mod access;
mod api_key;
mod attempts;
mod caller;
mod challenge;
mod errand;
mod extract;
mod former;
mod one_time;
mod password;
mod service_key;
mod session;
mod staff;
mod sudo_form;
mod token;

pub use access::Access;
pub use api_key::{
    API_KEYS, ApiKey, COST_LIMIT, KeyRefused, NewApiKey, Scope, api_key_key, api_keys_of,
    key_behind, keys_granted_since, most_api_keys,
};
pub use attempts::{Limit, Reservation, commit_within, forgive, reserve};
pub use caller::{Caller, Principal, if_still_signed_in};
pub use challenge::{Challenge, NewChallenge, PresentedChallenge};
pub use errand::{
    AddressCheck, EmailChange, Errand, Registration, Reset, SecurityChange, Word, newest_reset_key,
};
pub use extract::{
    Allowed, Anyone, BillingWriteScope, Client, Permission, Presented, ReadScope, Scoped, Service,
    ServiceClaim, SignedIn, Staff, Sudo, TicketsWriteScope,
};
pub use former::FormerSession;
pub use one_time::{
    InvalidOneTimeToken, OneTime, find_one_time, one_time_item, one_time_key, one_time_secret,
    read_one_time,
};
#[cfg(feature = "testing")]
pub use password::hashes_made;
pub use password::{
    Password, PasswordError, PasswordHash, hash_password, hash_secrets, verify_password,
};
pub use service_key::{NewServiceKey, SERVICE_KEYS, ServiceKey, service_key};
pub use session::{
    NewSession, SESSION_LIFE, SESSIONS, SUDO, Session, SessionIssued, session_key, sessions_of,
};
pub use staff::ClientAccount;
pub use sudo_form::{KeptForm, SudoFields, SudoForm};
pub use token::{MalformedToken, OneTimeToken, Secret, Token, TokenKind};

/// The cookie that carries a portal session. The prefix makes browsers refuse it without
/// `Secure`, with a `Domain`, or for another path than `/`.
pub const SESSION_COOKIE: &str = "__Host-session";
