//! What the links in mails do. A link of one kind is never taken for another's: each names its
//! errand.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::PasswordHash;
use crate::{
    account::{Email, Moment, address_hash},
    audit::EventKind,
    id::UserId,
    table::{Key, Owner, owned},
    web::Language,
};

/// What a one-time token is good for.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Errand {
    /// Making a registration an account.
    Registration(Registration),
    /// Confirming an account's new address.
    EmailChange(EmailChange),
    /// Setting a password anew.
    Reset(Reset),
    /// Confirming anew the address that a user has.
    AddressCheck(AddressCheck),
    /// Saying that a change was not one's own.
    NotMe(SecurityChange),
    /// Nothing: a mail that tells and brings no link.
    Word(Word),
}

/// A registration that waits for its link to be used.
#[derive(Clone, Serialize, Deserialize)]
pub struct Registration {
    /// The address.
    pub email: Email,
    /// The password, hashed.
    pub password_hash: PasswordHash,
    /// The person's name.
    pub name: String,
    /// The company's name, or nothing.
    pub company: String,
    /// The language of the mail and then of the pages.
    pub locale: Language,
}

/// A new address that waits for its link to be used.
#[derive(Clone, Serialize, Deserialize)]
pub struct EmailChange {
    /// Whose.
    pub account: Owner,
    /// Whose.
    pub user: UserId,
    /// The address that counts until then.
    pub from: Email,
    /// The address to confirm.
    pub to: Email,
    /// The user's epoch: a change is void once all sessions were ended.
    pub epoch: u64,
    /// The person's name.
    pub name: String,
    /// The language of the mail.
    pub locale: Language,
}

/// An address that mails came back from, and that is to be confirmed anew.
#[derive(Clone, Serialize, Deserialize)]
pub struct AddressCheck {
    /// Whose.
    pub account: Owner,
    /// Whose.
    pub user: UserId,
    /// The address.
    pub email: Email,
    /// The person's name.
    pub name: String,
    /// The language of the mail.
    pub locale: Language,
}

/// A password that was forgotten. Whose it is is found out when the link is used, so that asking
/// for it costs the same for every address.
#[derive(Clone, Serialize, Deserialize)]
pub struct Reset {
    /// The address that was entered.
    pub email: Email,
}

/// Word of a change to an account's security, and the way to say that it was not one's own.
#[derive(Clone, Serialize, Deserialize)]
pub struct SecurityChange {
    /// Whose.
    pub account: Owner,
    /// Whose.
    pub user: UserId,
    /// Where the word goes: where the user was reached before the change.
    pub to: Email,
    /// The person's name.
    pub name: String,
    /// The language of the mail.
    pub locale: Language,
    /// What happened.
    pub kind: EventKind,
    /// What it was done to.
    #[serde(default)]
    pub subject: Option<String>,
    /// When.
    pub at: Timestamp,
    /// The user's epoch when whoever changed it saw the user.
    #[serde(default)]
    pub epoch: u64,
    /// The user's version then.
    pub version: u64,
    /// The address it came from.
    pub ip: String,
    /// The browser or program.
    pub device: String,
}

owned! {
    EmailChange: account;
    AddressCheck: account;
    SecurityChange: account;
}

impl SecurityChange {
    /// When it happened.
    #[must_use]
    pub fn moment(&self) -> Moment {
        Moment { version: self.version, at: self.at }
    }
}

/// Word to an address that opens an account no longer. It says nothing of who closed it, for nobody
/// knows who reads it.
#[derive(Clone, Serialize, Deserialize)]
pub struct Word {
    /// Where the word goes.
    pub to: Email,
    /// The person's name.
    pub name: String,
    /// The language of the mail.
    pub locale: Language,
}

/// Where it stands which link for a forgotten password is the newest of an address.
#[must_use]
pub fn newest_reset_key(email: &Email) -> Key {
    Key::global("RESET", address_hash(&email.normalised()))
}
