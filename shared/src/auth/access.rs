//! Who a route is for, as its row says it. A handler's arguments enforce it; the row is what the
//! description, the access matrix and ACCESS.md are made from.

use super::Scope;

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody.
    Public,
    /// Anybody who is signed in, client or staff.
    SignedIn,
    /// The same, and the password or a code was given again a short while ago.
    Sudo,
    /// A user of a client.
    Client,
    /// The same, and the password or a code was given again a short while ago.
    ClientSudo,
    /// A user of a client, or its API key with the scope.
    ClientOr(Scope),
    /// Anybody who is signed in, or a client's API key with the scope.
    SignedInOr(Scope),
    /// One of the rental company's machines.
    Service,
    /// The rental company's people, with a second factor.
    Staff,
}

impl Access {
    /// The schemes of the API's description that open it; none for what is public.
    #[must_use]
    pub fn schemes(self) -> &'static [&'static str] {
        match self {
            Self::Public => &[],
            Self::SignedIn | Self::Sudo | Self::Client | Self::ClientSudo | Self::Staff => {
                &["session", "cookie"]
            }
            Self::ClientOr(_) | Self::SignedInOr(_) => &["session", "cookie", "api_key"],
            Self::Service => &["service_key"],
        }
    }

    /// What a refusal of somebody who is known means.
    #[must_use]
    pub fn refusal(self) -> &'static str {
        match self {
            Self::Public => "",
            Self::SignedIn => "Another credential than a session, or the account is suspended",
            Self::Sudo => "The password or a code is wanted again, or the account is suspended",
            Self::Client => "Not a client's session, or the account is suspended",
            Self::ClientSudo => {
                "The password or a code is wanted again, or it is not a client's session"
            }
            Self::ClientOr(_) | Self::SignedInOr(_) => {
                "The API key has not the scope, or the account is suspended"
            }
            Self::Service => "Another credential than a service key",
            Self::Staff => "Not staff, or without a second factor",
        }
    }

    /// Its name in ACCESS.md and for generated requests.
    #[must_use]
    pub fn name(self) -> String {
        let scoped = |who: &str, scope: Scope| format!("{who} or {}", scope.as_str());
        match self {
            Self::Public => "public".to_owned(),
            Self::SignedIn => "signed in".to_owned(),
            Self::Sudo => "signed in, sudo".to_owned(),
            Self::Client => "client".to_owned(),
            Self::ClientSudo => "client, sudo".to_owned(),
            Self::ClientOr(scope) => scoped("client", scope),
            Self::SignedInOr(scope) => scoped("signed in", scope),
            Self::Service => "service key".to_owned(),
            Self::Staff => "staff".to_owned(),
        }
    }
}
