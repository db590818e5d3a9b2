//! The mails of one-time tokens: each says in the reader's language what its link is good for.

use shared::{
    account::{Email, EmailClaim, User, email_key, user_key},
    app::App,
    auth::{
        AddressCheck, EmailChange, Errand, OneTimeToken, Registration, Reset, SecurityChange, Word,
        find_one_time, one_time_secret,
    },
    config::NotAskedFor,
    id::TokenId,
    notify::LinkKind,
    table::{Read, TableError, Tenant},
    web::{Language, Preferences, Text, device_words},
};

use crate::letter::Letter;

/// Why a letter was not written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LetterError {
    #[error("the table failed")]
    Table(#[from] TableError),
    #[error("a setting is not there")]
    Setting(#[from] NotAskedFor),
}

/// The letter of a token, or `None` when there is none to write: the token is gone, its time is
/// over, or nobody has the address.
pub(crate) async fn letter(app: &App, token: TokenId) -> Result<Option<Letter>, LetterError> {
    let stored = find_one_time(app, token).await?;
    let Some(stored) = stored.filter(|it| it.is_live(app.clock.now())) else { return Ok(None) };
    let kind = stored.errand.kind();
    let link = kind.page.map(|page| link(app, page, token)).transpose()?;
    match stored.errand {
        Errand::Registration(Registration { email, name, locale, .. }) => {
            to_be_confirmed(app, kind, email, name, locale, link).await
        }
        // A new address that has an account is told so, and gets no link.
        Errand::EmailChange(EmailChange { to, name, locale, .. }) => {
            to_be_confirmed(app, kind, to, name, locale, link).await
        }
        Errand::Reset(reset) => of_reset(app, kind, reset, link).await,
        Errand::NotMe(change) => Ok(Some(of_change(kind, change, link))),
        Errand::Word(Word { to, name, locale }) => {
            Ok(Some(Letter::new(kind, to, name, preferences(locale), link)))
        }
        Errand::AddressCheck(AddressCheck { email, name, locale, .. }) => {
            Ok(Some(Letter::new(kind, email, name, preferences(locale), link)))
        }
    }
}

/// An address that is to be confirmed, unless it has an account.
async fn to_be_confirmed(
    app: &App,
    kind: &'static LinkKind,
    to: Email,
    name: String,
    locale: Language,
    link: Option<String>,
) -> Result<Option<Letter>, LetterError> {
    let is_known = claim(app, &to).await?.is_some();
    let letter = Letter::new(kind, to, name, preferences(locale), link);
    Ok(Some(match kind.to_known.filter(|_| is_known) {
        Some(words) => Letter { words, link: Some(address(app, "login")?), ..letter },
        None => letter,
    }))
}

/// Nobody's address gets no mail.
async fn of_reset(
    app: &App,
    kind: &'static LinkKind,
    reset: Reset,
    link: Option<String>,
) -> Result<Option<Letter>, LetterError> {
    let Some(claim) = claim(app, &reset.email).await? else { return Ok(None) };
    let key = user_key(Tenant::of_record(&claim), claim.user);
    let user: Option<User> = app.table.get(&key, Read::Strong).await?;
    Ok(user.map(|user| Letter::new(kind, user.email, user.name, preferences(user.locale), link)))
}

/// Word of a change, with what is known of who made it.
pub(crate) fn of_change(
    kind: &'static LinkKind,
    notice: SecurityChange,
    link: Option<String>,
) -> Letter {
    let preferences = preferences(notice.locale);
    let text = Text::new(preferences.clone());
    let what = text.get(&format!("event-{}", notice.kind.as_str()));
    let subject = notice.subject.map(|subject| text.isolate(&subject)).unwrap_or_default();
    let facts = [
        ("mail-notice-what", format!("{what} {subject}")),
        // The account's zone is not known here: a time that reads alike everywhere.
        ("mail-notice-time", notice.at.strftime("%Y-%m-%d %H:%M UTC").to_string()),
        ("mail-notice-address", notice.ip),
        ("mail-notice-device", device_words(&notice.device, &text)),
    ];
    let facts = facts.map(|(label, fact)| (text.get(label), text.isolate(fact.trim())));
    let letter = Letter::new(kind, notice.to, notice.name, preferences, link);
    Letter { subject: Some(what), facts: facts.into(), ..letter }
}

async fn claim(app: &App, email: &Email) -> Result<Option<EmailClaim>, TableError> {
    app.table.get(&email_key(&email.normalised()), Read::Strong).await
}

fn preferences(language: Language) -> Preferences {
    Preferences { language, ..Preferences::default() }
}

/// Made from configuration, never from a request.
pub(crate) fn address(app: &App, page: &str) -> Result<String, NotAskedFor> {
    Ok(format!("{}/{page}", app.config.public_url()?))
}

pub(crate) fn link(app: &App, page: &str, id: TokenId) -> Result<String, NotAskedFor> {
    let secret = one_time_secret(&app.config, id)?;
    Ok(format!("{}?token={}", address(app, page)?, OneTimeToken { id, secret }))
}
