//! Sessions: a sign-in on one device. The item holds the secret's hash and a snapshot of what
//! every page needs to know of its user.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};

use super::token::{Secret, Token, TokenKind};
use crate::{
    account::{Role, User},
    app::App,
    http::Context,
    id::{SessionId, UserId},
    table::{Key, Range, TableError, Tenant},
    web::{Digits, Language, Preferences, Theme},
};

/// A session ends when it is not used for so long.
const IDLE: SignedDuration = SignedDuration::from_hours(14 * 24);
/// A session ends after so long in any case.
const ABSOLUTE: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Its last use is written down at most so often.
pub(super) const SEEN_EVERY: SignedDuration = SignedDuration::from_mins(5);

/// A session as it is stored.
#[derive(Clone, Serialize, Deserialize)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// The hash of its token's secret.
    pub(super) secret_hash: String,
    /// Whose it is.
    pub user: UserId,
    /// The user's name.
    pub name: String,
    /// The user's role.
    pub role: Role,
    /// The user's language.
    pub locale: Language,
    /// The user's digits.
    pub digits: Digits,
    /// The user's theme.
    pub theme: Theme,
    /// What the browser or program calls itself.
    pub device: String,
    /// The address it signed in from.
    pub ip: String,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was used last, give or take five minutes.
    pub last_seen_at: Timestamp,
    /// When it ends in any case; seconds since 1970.
    pub expires_at: i64,
}

impl Session {
    /// Whether it is still good, whether the table has dropped it or not.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        now.as_second() < self.expires_at && now.duration_since(self.last_seen_at) < IDLE
    }

    /// How its user wants pages.
    #[must_use]
    pub fn preferences(&self, zone: &TimeZone) -> Preferences {
        Preferences {
            language: self.locale,
            digits: self.digits,
            theme: self.theme,
            zone: zone.clone(),
            name: Some(self.name.clone()),
            staff: self.role == Role::Staff,
        }
    }
}

/// A session that is about to begin: its item, to be written with what allows it, and the token
/// that leaves once.
pub struct NewSession {
    /// Where the item lies.
    pub key: Key,
    /// The item.
    pub session: Session,
    token: Token,
}

/// What a client gets for its sign-in.
pub struct SessionIssued {
    /// The token, shown once.
    pub token: String,
    /// When it ends in any case.
    pub expires_at: Timestamp,
}

impl NewSession {
    /// A new session with a new secret.
    #[must_use]
    pub fn new(app: &App, context: &Context, tenant: Tenant, user: &User) -> Self {
        let now = app.clock.now();
        let id = SessionId::new(now, &app.random);
        let secret = Secret::new(&app.random);
        let session = Session {
            id,
            secret_hash: secret.hash(),
            user: user.id,
            name: user.name.clone(),
            role: user.role,
            locale: user.locale,
            digits: user.digits,
            theme: user.theme,
            device: context.user_agent.clone(),
            ip: context.address_text(),
            created_at: now,
            last_seen_at: now,
            expires_at: now.as_second() + ABSOLUTE.as_secs(),
        };
        let kind = TokenKind::Session;
        let token = Token { kind, account: tenant.account(), id: id.to_bytes(), secret };
        Self { key: session_key(tenant, id), session, token }
    }

    /// What leaves once the item is written.
    #[must_use]
    pub fn issued(&self) -> SessionIssued {
        let expires_at = Timestamp::from_second(self.session.expires_at).unwrap_or(Timestamp::MAX);
        SessionIssued { token: self.token.to_string(), expires_at }
    }
}

/// Where a session's item lies.
#[must_use]
pub fn session_key(tenant: Tenant, id: SessionId) -> Key {
    Key::of(tenant, format_args!("SESSION#{id}"))
}

/// The live sessions of one user, oldest first.
pub async fn sessions_of(
    app: &App,
    tenant: Tenant,
    user: UserId,
) -> Result<Vec<Session>, TableError> {
    let now = app.clock.now();
    let mut sessions: Vec<Session> = app.table.all(Range::prefix(tenant, "SESSION#")).await?;
    sessions.retain(|session| session.user == user && session.is_live(now));
    Ok(sessions)
}
