//! Sessions: a sign-in on one device. The item holds the secret's hash and a snapshot of what
//! every page needs to know of its user.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    Caller,
    token::{Secret, Token, TokenKind},
};
use crate::{
    account::{Account, AccountKind, User},
    app::App,
    http::Context,
    id::{SessionId, UserId},
    table::{Condition, Key, Range, TableError, Tenant, Update},
    web::{Digits, Language, Preferences, Theme},
};

/// A session ends when it is not used for so long.
const IDLE: SignedDuration = SignedDuration::from_hours(14 * 24);
/// A session ends after so long in any case.
pub const SESSION_LIFE: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Sensitive operations are open for so long after the password or a code was asked for again.
pub const SUDO: SignedDuration = SignedDuration::from_mins(10);
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
    /// Whether a second factor was given in it.
    #[serde(default)]
    pub second_factor: bool,
    /// Until when sensitive operations are open; seconds since 1970.
    #[serde(default)]
    pub sudo_until: i64,
    /// Until when that is so because a second factor was given, and not just the password.
    #[serde(default)]
    pub factor_until: i64,
    /// The user's when it began: all sessions of an earlier one are over.
    #[serde(default)]
    pub epoch: u64,
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
    pub fn is_live(&self, account: &Account, now: Timestamp) -> bool {
        now.as_second() < self.expires_at
            && now.duration_since(self.last_seen_at) < IDLE
            && self.epoch == account.epoch_of(self.user)
            && account.role_of(self.user).is_some()
    }

    /// Whether sensitive operations are open to it.
    #[must_use]
    pub fn is_elevated(&self, now: Timestamp) -> bool {
        now.as_second() < self.sudo_until
    }

    /// Whether they are because a second factor was given.
    #[must_use]
    pub fn has_given_factor(&self, now: Timestamp) -> bool {
        now.as_second() < self.factor_until
    }

    /// When it ends in any case.
    #[must_use]
    pub fn ends_at(&self) -> Timestamp {
        Timestamp::from_second(self.expires_at).unwrap_or(Timestamp::MAX)
    }

    /// How its user wants pages.
    #[must_use]
    pub fn preferences(&self, account: &Account, now: Timestamp) -> Preferences {
        Preferences {
            language: self.locale,
            digits: self.digits,
            theme: self.theme,
            zone: account.zones.at(now).zone().clone(),
            name: Some(self.name.clone()),
            staff: account.kind == AccountKind::Staff,
            unread: None,
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
    pub fn new(
        app: &App,
        context: &Context,
        tenant: Tenant,
        user: &User,
        second_factor: bool,
    ) -> Self {
        let now = app.clock.now();
        let id = SessionId::new(now, &app.random);
        let secret = Secret::new(&app.random);
        let session = Session {
            id,
            secret_hash: secret.hash(),
            user: user.id,
            name: user.name.clone(),
            locale: user.locale,
            digits: user.digits,
            theme: user.theme,
            device: context.user_agent.clone(),
            ip: context.address_text(),
            second_factor,
            sudo_until: 0,
            factor_until: 0,
            epoch: user.epoch,
            created_at: now,
            last_seen_at: now,
            expires_at: now.as_second() + SESSION_LIFE.as_secs(),
        };
        let kind = TokenKind::Session;
        let token = Token { kind, account: tenant.account(), id: id.to_bytes(), secret };
        Self { key: session_key(tenant, id), session, token }
    }

    /// What leaves once the item is written.
    #[must_use]
    pub fn issued(&self) -> SessionIssued {
        SessionIssued { token: self.token.to_string(), expires_at: self.session.ends_at() }
    }
}

impl Session {
    /// A new secret for this session: the token that leaves once, and the change that makes it so
    /// if the present secret is still the one that asked.
    #[must_use]
    pub fn with_new_secret(&self, app: &App, tenant: Tenant) -> (SessionIssued, Update) {
        let secret = Secret::new(&app.random);
        let update = self.if_same_secret().set("secret_hash", secret.hash());
        let (kind, id) = (TokenKind::Session, self.id.to_bytes());
        let token = Token { kind, account: tenant.account(), id, secret };
        (SessionIssued { token: token.to_string(), expires_at: self.ends_at() }, update)
    }

    /// The change that keeps this session when all others of its user end.
    #[must_use]
    pub fn kept(&self, epoch: u64) -> Update {
        self.if_same_secret().set("epoch", epoch)
    }

    /// A change of this session that happens if the present secret is still the one that asked.
    #[must_use]
    pub fn if_same_secret(&self) -> Update {
        let same = Condition::Equals("secret_hash", self.secret_hash.as_str().into());
        Update::new().when(same)
    }
}

/// Where a session's item lies.
#[must_use]
pub fn session_key(tenant: Tenant, id: SessionId) -> Key {
    Key::of(tenant, format_args!("{SESSIONS}{id}"))
}

/// What the sort keys of sessions begin with.
pub const SESSIONS: &str = "SESSION#";

/// The live sessions of one user, oldest first.
pub async fn sessions_of(caller: &Caller, user: UserId) -> Result<Vec<Session>, TableError> {
    let now = caller.app.clock.now();
    let range = Range::prefix(caller.tenant, SESSIONS);
    let mut sessions: Vec<Session> = caller.app.table.all(range).await?;
    sessions.retain(|session| session.user == user && session.is_live(&caller.account, now));
    Ok(sessions)
}
