//! Links that somebody asked for, and word to an address that has no account any more. They have a queue of
//! their own: no notice is in their way.

use jiff::{SignedDuration, Timestamp};

use crate::{
    app::App,
    auth::{Errand, one_time_item},
    config::NotAskedFor,
    id::TokenId,
    outbox::{Job, OutboxRecord},
    table::Transaction,
};

/// A kind of letter with a link.
#[derive(Debug, PartialEq, Eq)]
pub struct LinkKind {
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
static REGISTRATION: LinkKind = LinkKind {
    words: "verify",
    to_known: Some("known"),
    page: Some("verify"),
    life: DAY,
    to_account: false,
};

/// An account's new address has to be confirmed.
static EMAIL_CHANGE: LinkKind = LinkKind { words: "change", ..REGISTRATION };

/// A password was forgotten.
static RESET: LinkKind = LinkKind {
    words: "reset",
    to_known: None,
    page: Some("reset"),
    life: SignedDuration::from_mins(30),
    to_account: true,
};

/// The address that a user has is to be confirmed anew.
static ADDRESS_CHECK: LinkKind = LinkKind { words: "check", page: Some("verify"), ..RESET };

/// Something changed in how an account is protected; the link says that it was not one's own. It is good
/// for longer than others: people do not read mails at night.
pub static NOTICE: LinkKind = LinkKind {
    words: "notice",
    page: Some("not-me"),
    life: SignedDuration::from_hours(7 * 24),
    ..RESET
};

/// An address opens an account no longer.
static CLOSED: LinkKind = LinkKind { words: "closed", page: None, to_account: false, ..NOTICE };

/// All kinds.
pub static KINDS: [&LinkKind; 6] =
    [&REGISTRATION, &EMAIL_CHANGE, &RESET, &ADDRESS_CHECK, &NOTICE, &CLOSED];

impl Errand {
    /// What kind of word it is.
    #[must_use]
    pub fn kind(&self) -> &'static LinkKind {
        match self {
            Self::Registration(_) => &REGISTRATION,
            Self::EmailChange(_) => &EMAIL_CHANGE,
            Self::Reset(_) => &RESET,
            Self::AddressCheck(_) => &ADDRESS_CHECK,
            Self::NotMe(_) => &NOTICE,
            Self::Word(_) => &CLOSED,
        }
    }
}

/// Adds to a transaction that a link is mailed; its token.
///
/// # Errors
/// When the function does not ask for the settings that links are derived from.
pub fn send_link<R: Clone>(
    app: &App,
    now: Timestamp,
    errand: Errand,
    transaction: &mut Transaction<'_, R>,
) -> Result<TokenId, NotAskedFor> {
    let token = TokenId::new(now, &app.random);
    let kind = errand.kind();
    let (key, item) = one_time_item(&app.config, token, now, kind.life, errand)?;
    transaction.put(&key, &item);
    let record = OutboxRecord::new(Job::Mail { token }, now, &app.random);
    transaction.put(&record.key(), &record);
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
