//! What the security log tells of.

use serde::{Deserialize, Serialize};

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        /// What happened. Each has its words in `event-<kind>`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum EventKind {
            $($(#[$doc])* $name,)*
        }

        impl EventKind {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Its name in the API and in message ids.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

kinds! {
    /// Somebody signed in.
    SignedIn = "signed_in";
    /// A backup code was used.
    BackupCodeUsed = "backup_code_used";
    /// Wrong codes of the second factor were given, five of them in a quarter of an hour.
    WrongCodes = "wrong_codes";
    /// The second factor was turned on.
    SecondFactorOn = "second_factor_on";
    /// The second factor was turned off.
    SecondFactorOff = "second_factor_off";
    /// New backup codes were made.
    BackupCodesMade = "backup_codes_made";
    /// The password was changed.
    PasswordChanged = "password_changed";
    /// The password was set anew by a mailed link.
    PasswordReset = "password_reset";
    /// A new address was entered that is not confirmed yet.
    EmailChangeAsked = "email_change_asked";
    /// The new address was confirmed.
    EmailChanged = "email_changed";
    /// Sensitive operations were opened.
    Elevated = "elevated";
    /// One session was ended.
    SessionEnded = "session_ended";
    /// All other sessions were ended.
    SessionsEnded = "sessions_ended";
    /// An API key was made.
    ApiKeyMade = "api_key_made";
    /// An API key was changed.
    ApiKeyChanged = "api_key_changed";
    /// An API key got another secret.
    ApiKeyRotated = "api_key_rotated";
    /// An API key was revoked.
    ApiKeyRevoked = "api_key_revoked";
    /// The user said that a change was not its own.
    NotMe = "not_me";
    /// A service key was made.
    ServiceKeyMade = "service_key_made";
    /// A service key was revoked.
    ServiceKeyRevoked = "service_key_revoked";
    /// Staff suspended the account.
    AccountSuspended = "account_suspended";
    /// Staff activated it again.
    AccountActivated = "account_activated";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_is_what_the_messages_are_called() {
        for kind in EventKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
    }
}
