//! Who is asking: tokens, sessions, the extractors that make a handler's permission part of its
//! signature, and the limits on guessing.

mod attempts;
mod extract;
mod one_time;
mod password;
mod service_key;
mod session;
mod token;

pub use attempts::{Attempt, Limit, Reservation, attempt, reserve};
pub use extract::{Client, Presented, Service, SignedIn};
pub use one_time::{
    InvalidOneTimeToken, OneTime, find_one_time, one_time_item, one_time_secret, read_one_time,
};
pub use password::{Password, PasswordError, PasswordHash, hash_password, verify_password};
pub use service_key::{ServiceKey, issue_service_key};
pub use session::{NewSession, Session, SessionIssued, session_key, sessions_of};
pub use token::{MalformedToken, OneTimeToken, Secret, Token, TokenKind};

/// The cookie that carries a portal session. The prefix makes browsers refuse it without
/// `Secure`, with a `Domain`, or for another path than `/`.
pub const SESSION_COOKIE: &str = "__Host-session";
