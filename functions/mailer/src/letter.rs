//! A letter: at most one call to action in a reader's language, as HTML with a plain-text twin.

use askama::Template;
use mail_builder::MessageBuilder;
use shared::{
    account::Email,
    app::App,
    id::OutboxId,
    web::{Preferences, Text},
};

/// What a letter says.
pub(crate) struct Letter {
    pub(crate) to: Email,
    pub(crate) name: String,
    pub(crate) preferences: Preferences,
    /// The messages `mail-<kind>-subject`, `-lead`, `-action` and `-ignore` are its words.
    pub(crate) kind: &'static str,
    /// Where the action leads, if there is one; made from configuration, never from a request.
    pub(crate) link: Option<String>,
    /// What the subject says in place of the kind's own words.
    pub(crate) subject: Option<String>,
    /// Particulars, each with its label.
    pub(crate) facts: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "letter.html")]
struct Html<'a> {
    words: &'a Words,
    language: &'static str,
    direction: &'static str,
    link: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "letter.txt")]
struct Plain<'a> {
    words: &'a Words,
    link: Option<&'a str>,
}

struct Words {
    brand: String,
    subject: String,
    hello: String,
    lead: String,
    action: String,
    ignore: String,
    footer: String,
    facts: Vec<(String, String)>,
}

impl Letter {
    /// A letter of a kind's own words.
    pub(crate) fn new(
        kind: &'static str,
        to: Email,
        name: String,
        preferences: Preferences,
        link: Option<String>,
    ) -> Self {
        Self { to, name, preferences, kind, link, subject: None, facts: Vec::new() }
    }

    /// The letter as the MIME message of an outbox record.
    pub(crate) fn mime(&self, app: &App, record: OutboxId) -> Result<Vec<u8>, MimeError> {
        let words = self.words(&app.config.public_url);
        let html = Html {
            words: &words,
            language: self.preferences.language.code(),
            direction: self.preferences.language.direction(),
            link: self.link.as_deref(),
        };
        let plain = Plain { words: &words, link: self.link.as_deref() };
        let message = MessageBuilder::new()
            .from((words.brand.as_str(), app.config.mail_sender.as_str()))
            .to(self.to.as_str())
            .subject(words.subject.as_str())
            .date(app.clock.now().as_second())
            .message_id(message_id(app, record))
            .html_body(html.render()?)
            .text_body(plain.render()?);
        Ok(message.write_to_vec()?)
    }

    fn words(&self, public_url: &str) -> Words {
        let text = Text::new(self.preferences.clone());
        let word = |part: &str| text.get(&format!("mail-{}-{part}", self.kind));
        Words {
            brand: text.get("brand"),
            subject: self.subject.clone().unwrap_or_else(|| word("subject")),
            hello: text.with("mail-hello", "name", text.isolate(&self.name)),
            lead: word("lead"),
            action: self.link.as_ref().map(|_| word("action")).unwrap_or_default(),
            ignore: word("ignore"),
            footer: text.with(self.footer(), "url", text.isolate(public_url)),
            facts: self.facts.clone(),
        }
    }

    /// Why this address got the letter.
    fn footer(&self) -> &'static str {
        match self.kind {
            "notice" | "reset" => "mail-footer-account",
            _ => "mail-footer",
        }
    }
}

/// The same for every try to send a record's mail, and another for every record.
fn message_id(app: &App, record: OutboxId) -> String {
    let domain = app.config.mail_sender.rsplit_once('@').map_or("localhost", |(_, it)| it);
    let id = hex::encode(&app.config.keyed_hash("message id", &[&record.to_bytes()])[..12]);
    format!("{id}@{domain}")
}

/// Why a letter could not be put together.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MimeError {
    #[error("the letter does not render")]
    Render(#[from] askama::Error),
    #[error("the message cannot be written")]
    Write(#[from] std::io::Error),
}
