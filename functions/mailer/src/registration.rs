//! The mail of a registration: the link, or, where the address has an account, word of that.

use serde::Deserialize;
use shared::{
    account::{Email, EmailClaim, email_key},
    app::App,
    auth::{OneTimeToken, find_one_time, one_time_secret},
    id::TokenId,
    table::{Read, TableError},
    web::{Language, Preferences},
};

use crate::letter::Letter;

/// What this mail needs to know of a registration.
#[derive(Deserialize)]
struct Registration {
    email: Email,
    name: String,
    locale: Language,
}

/// The letter, or `None` when the registration is gone or its time is over.
pub(crate) async fn letter(app: &App, token: TokenId) -> Result<Option<Letter>, TableError> {
    let stored = find_one_time::<Registration>(app, token).await?;
    let Some(registration) = stored.filter(|it| it.is_live(app.clock.now())) else {
        return Ok(None);
    };
    let registration = registration.payload;
    let claim: Option<EmailClaim> =
        app.table.get(&email_key(&registration.email.normalised()), Read::Strong).await?;
    let url = &app.config.public_url;
    let (kind, link) = if claim.is_some() {
        ("known", format!("{url}/login"))
    } else {
        let secret = one_time_secret(&app.config, token);
        ("verify", format!("{url}/verify?token={}", OneTimeToken { id: token, secret }))
    };
    Ok(Some(Letter {
        to: registration.email,
        name: registration.name,
        preferences: Preferences { language: registration.locale, ..Preferences::default() },
        kind,
        link,
    }))
}
