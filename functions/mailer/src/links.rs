//! The mails of one-time tokens: each says in the reader's language what its link is good for.

use shared::{
    account::{Email, EmailClaim, User, email_key, user_key},
    app::App,
    auth::{
        EmailChange, Errand, Notice, OneTimeToken, Registration, Reset, Word, find_one_time,
        one_time_secret,
    },
    id::TokenId,
    table::{Read, TableError, Tenant},
    web::{Language, Preferences, Text, device_words},
};

use crate::letter::Letter;

/// The letter of a token, or `None` when there is none to write: the token is gone, its time is
/// over, or nobody has the address.
pub(crate) async fn letter(app: &App, token: TokenId) -> Result<Option<Letter>, TableError> {
    let stored = find_one_time(app, token).await?;
    let Some(stored) = stored.filter(|it| it.is_live(app.clock.now())) else { return Ok(None) };
    match stored.errand {
        Errand::Registration(registration) => of_registration(app, token, registration).await,
        Errand::EmailChange(change) => of_change(app, token, change).await,
        Errand::Reset(reset) => of_reset(app, token, reset).await,
        Errand::NotMe(notice) => Ok(Some(of_notice(app, token, notice))),
        Errand::Word(word) => Ok(Some(of_word(word))),
    }
}

async fn of_registration(
    app: &App,
    token: TokenId,
    registration: Registration,
) -> Result<Option<Letter>, TableError> {
    let (kind, link) = if claim(app, &registration.email).await?.is_some() {
        ("known", address(app, "login"))
    } else {
        ("verify", link(app, "verify", token))
    };
    let Registration { email, name, locale, .. } = registration;
    Ok(Some(Letter::new(kind, email, name, preferences(locale), Some(link))))
}

/// A new address that has an account is told so, and gets no link.
async fn of_change(
    app: &App,
    token: TokenId,
    change: EmailChange,
) -> Result<Option<Letter>, TableError> {
    let (kind, link) = if claim(app, &change.to).await?.is_some() {
        ("known", address(app, "login"))
    } else {
        ("change", link(app, "verify", token))
    };
    let EmailChange { to, name, locale, .. } = change;
    Ok(Some(Letter::new(kind, to, name, preferences(locale), Some(link))))
}

/// Nobody's address gets no mail.
async fn of_reset(app: &App, token: TokenId, reset: Reset) -> Result<Option<Letter>, TableError> {
    let Some(claim) = claim(app, &reset.email).await? else { return Ok(None) };
    let key = user_key(Tenant::of_record(&claim), claim.user);
    let user: Option<User> = app.table.get(&key, Read::Strong).await?;
    let link = link(app, "reset", token);
    Ok(user.map(|user| {
        Letter::new("reset", user.email, user.name, preferences(user.locale), Some(link))
    }))
}

/// Word of a change, with what is known of who made it.
fn of_notice(app: &App, token: TokenId, notice: Notice) -> Letter {
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
    let link = link(app, "not-me", token);
    let letter = Letter::new("notice", notice.to, notice.name, preferences, Some(link));
    Letter { subject: Some(what), facts: facts.into(), ..letter }
}

/// Word of what needs no answer here.
fn of_word(word: Word) -> Letter {
    let Word { to, name, locale } = word;
    Letter::new("closed", to, name, preferences(locale), None)
}

async fn claim(app: &App, email: &Email) -> Result<Option<EmailClaim>, TableError> {
    app.table.get(&email_key(&email.normalised()), Read::Strong).await
}

fn preferences(language: Language) -> Preferences {
    Preferences { language, ..Preferences::default() }
}

/// Made from configuration, never from a request.
fn address(app: &App, page: &str) -> String {
    format!("{}/{page}", app.config.public_url)
}

fn link(app: &App, page: &str, id: TokenId) -> String {
    let secret = one_time_secret(&app.config, id);
    format!("{}?token={}", address(app, page), OneTimeToken { id, secret })
}
