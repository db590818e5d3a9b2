//! A letter: at most one call to action in a reader's language, as HTML with a plain-text twin.

use askama::Template;
use mail_builder::{MessageBuilder, headers::raw::Raw};
use shared::{
    account::Email,
    app::App,
    config::NotAskedFor,
    id::OutboxId,
    mail::RECORD_HEADER,
    notify::LinkKind,
    web::{Preferences, Text},
};

/// What a letter says.
pub(crate) struct Letter {
    pub(crate) to: Email,
    pub(crate) name: String,
    /// Words in the reader's language.
    pub(crate) text: Text,
    /// The messages `mail-<words>-subject`, `-lead`, `-action` and `-ignore` are its words.
    pub(crate) words: &'static str,
    /// Whether it goes to an account's user.
    pub(crate) to_account: bool,
    /// Where the action leads, if there is one; made from configuration, never from a request.
    pub(crate) link: Option<String>,
    /// What the subject says in place of the kind's own words.
    pub(crate) subject: Option<String>,
    /// The same for the lead.
    pub(crate) lead: Option<String>,
    /// Particulars, each with its label.
    pub(crate) facts: Vec<(String, String)>,
    /// What tells the conversation that it is a part of from all others.
    pub(crate) thread: Option<String>,
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
    /// A letter of a kind.
    pub(crate) fn new(
        kind: &'static LinkKind,
        to: Email,
        name: String,
        preferences: Preferences,
        link: Option<String>,
    ) -> Self {
        let (words, to_account) = (kind.words, kind.to_account);
        Self {
            to,
            name,
            text: Text::new(preferences),
            words,
            to_account,
            link,
            subject: None,
            lead: None,
            facts: Vec::new(),
            thread: None,
        }
    }

    /// The letter as the MIME message of an outbox record.
    pub(crate) fn mime(&self, app: &App, record: OutboxId) -> Result<Vec<u8>, MimeError> {
        let sender = app.config.mail_sender()?;
        let words = self.words(app.config.public_url()?);
        let html = Html {
            words: &words,
            language: self.text.language().code(),
            direction: self.text.language().direction(),
            link: self.link.as_deref(),
        };
        let plain = Plain { words: &words, link: self.link.as_deref() };
        let message = MessageBuilder::new()
            .from((words.brand.as_str(), sender))
            .to(self.to.as_str())
            .subject(words.subject.as_str())
            .date(app.clock.now().as_second())
            .header("Auto-Submitted", Raw::new("auto-generated"))
            // What comes back names it (`functions/mail-feedback`).
            .header(RECORD_HEADER, Raw::new(record.to_string()))
            .message_id(message_id(app, sender, record)?)
            .html_body(html.render()?)
            .text_body(plain.render()?);
        // No mail has this id: all of a conversation answer it, and a mailbox shows them together.
        let root = self.thread.as_ref().map(|it| id_of(app, sender, "thread", it.as_bytes()));
        let message = match root.transpose()? {
            Some(root) => message.in_reply_to(root.clone()).references(root),
            None => message,
        };
        Ok(message.write_to_vec()?)
    }

    fn words(&self, public_url: &str) -> Words {
        let text = &self.text;
        let word = |part: &str| text.get(&format!("mail-{}-{part}", self.words));
        Words {
            brand: text.get("brand"),
            subject: self.subject.clone().unwrap_or_else(|| word("subject")),
            hello: text.with("mail-hello", "name", text.isolate(&self.name)),
            lead: self.lead.clone().unwrap_or_else(|| word("lead")),
            action: self.link.as_ref().map(|_| word("action")).unwrap_or_default(),
            ignore: word("ignore"),
            footer: text.with(self.footer(), "url", text.isolate(public_url)),
            facts: self.facts.clone(),
        }
    }

    /// Why this address got the letter.
    fn footer(&self) -> &'static str {
        if self.to_account { "mail-footer-account" } else { "mail-footer" }
    }
}

/// The same for every try to send a record's mail, and another for every record.
fn message_id(app: &App, sender: &str, record: OutboxId) -> Result<String, NotAskedFor> {
    id_of(app, sender, "message id", &record.to_bytes())
}

fn id_of(app: &App, sender: &str, purpose: &str, of: &[u8]) -> Result<String, NotAskedFor> {
    let domain = sender.rsplit_once('@').map_or("localhost", |(_, it)| it);
    let hash = app.config.keyed_hash(purpose, &[of])?;
    Ok(format!("{}@{domain}", hex::encode(&hash[..12])))
}

/// Why a letter could not be put together.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MimeError {
    #[error("the letter does not render")]
    Render(#[from] askama::Error),
    #[error("a setting is not there")]
    Setting(#[from] NotAskedFor),
    #[error("the message cannot be written")]
    Write(#[from] std::io::Error),
}
