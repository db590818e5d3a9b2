//! Telling somebody: one call in the transaction of what is told. What there is to tell is declared here
//! once: how urgent it is, where it goes, what its words are called and where its link leads.

use jiff::{SignedDuration, Timestamp};

use crate::{
    app::App,
    auth::{Errand, one_time_item},
    config::NotAskedFor,
    id::TokenId,
    outbox::{Job, OutboxRecord},
    table::Transaction,
};

/// How much it matters that somebody is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Urgency {
    /// Somebody asked for it and waits: a link.
    Asked,
    /// It touches who can get into the account.
    Security,
}

/// Where word goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// The user's address, by the mailer.
    Email,
}

/// A kind of word.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// How much it matters.
    pub urgency: Urgency,
    /// Where it goes.
    pub channels: &'static [Channel],
    /// The messages `mail-<words>-subject`, `-lead`, `-action` and `-ignore`.
    pub words: &'static str,
    /// The words for an address that has an account already, where that makes a difference.
    pub to_known: Option<&'static str>,
    /// The page that its link leads to, if it has one.
    pub page: Option<&'static str>,
    /// How long its link is good.
    pub life: SignedDuration,
    /// Whether it goes to an account's user, and not to whoever entered an address.
    pub to_account: bool,
}

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Somebody registered, and the address has to be confirmed.
pub static REGISTRATION: Kind = Kind {
    urgency: Urgency::Asked,
    channels: &[Channel::Email],
    words: "verify",
    to_known: Some("known"),
    page: Some("verify"),
    life: DAY,
    to_account: false,
};

/// An account's new address has to be confirmed.
pub static EMAIL_CHANGE: Kind = Kind { words: "change", ..REGISTRATION };

/// A password was forgotten.
pub static RESET: Kind = Kind {
    words: "reset",
    to_known: None,
    page: Some("reset"),
    life: SignedDuration::from_mins(30),
    to_account: true,
    ..REGISTRATION
};

/// Something changed in how an account is protected; the link says that it was not one's own. It is good
/// for longer than others: people do not read mails at night.
pub static NOTICE: Kind = Kind {
    urgency: Urgency::Security,
    words: "notice",
    page: Some("not-me"),
    life: SignedDuration::from_hours(7 * 24),
    ..RESET
};

/// An address opens an account no longer.
pub static CLOSED: Kind = Kind { words: "closed", page: None, to_account: false, ..NOTICE };

/// All kinds.
pub static KINDS: [&Kind; 5] = [&REGISTRATION, &EMAIL_CHANGE, &RESET, &NOTICE, &CLOSED];

impl Errand {
    /// What kind of word it is.
    #[must_use]
    pub fn kind(&self) -> &'static Kind {
        match self {
            Self::Registration(_) => &REGISTRATION,
            Self::EmailChange(_) => &EMAIL_CHANGE,
            Self::Reset(_) => &RESET,
            Self::NotMe(_) => &NOTICE,
            Self::Word(_) => &CLOSED,
        }
    }
}

/// Adds to a transaction that somebody is told; the token of the link.
///
/// # Errors
/// When the function does not ask for the settings that links are derived from.
pub fn notify<R: Clone>(
    app: &App,
    now: Timestamp,
    errand: Errand,
    transaction: &mut Transaction<'_, R>,
) -> Result<TokenId, NotAskedFor> {
    let token = TokenId::new(now, &app.random);
    let kind = errand.kind();
    let (key, item) = one_time_item(&app.config, token, now, kind.life, errand)?;
    transaction.put(&key, &item);
    for channel in kind.channels {
        let job = match channel {
            Channel::Email => Job::Mail { token },
        };
        let record = OutboxRecord::new(job, now, &app.random);
        transaction.put(&record.key(), &record);
    }
    Ok(token)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::{Language, message_ids};

    #[test]
    fn every_kind_has_its_words_in_every_language() {
        for language in Language::all() {
            let has = |id: String| message_ids(language).any(|known| known == id);
            for kind in KINDS {
                for words in [Some(kind.words), kind.to_known].into_iter().flatten() {
                    let parts = [
                        ("lead", true),
                        ("ignore", true),
                        ("action", kind.page.is_some()),
                        // A notice's subject is what happened.
                        ("subject", kind != &NOTICE),
                    ];
                    for (part, _) in parts.into_iter().filter(|(_, wanted)| *wanted) {
                        assert!(has(format!("mail-{words}-{part}")), "{words}-{part}");
                    }
                }
            }
        }
    }
}
