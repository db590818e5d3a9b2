//! SES's `SendRawEmail`, kept: the emulator drops the message, and a laptop wants to read it.

use std::sync::{Arc, Mutex, PoisonError};

use base64ct::{Base64, Encoding};
use mail_parser::{Message, MessageParser};
use serde::Serialize;
use winterbaume_core::MockResponse;

/// A mail that SES accepted.
#[derive(Debug, Default, Clone, Serialize)]
pub struct Mail {
    /// The first recipient's address.
    pub to: String,
    /// The sender's address.
    pub from: String,
    /// The subject, decoded.
    pub subject: String,
    /// The plain part.
    pub text: String,
    /// The HTML part.
    pub html: String,
    /// When it was accepted, RFC 3339.
    pub at: String,
    /// Its other headers.
    pub headers: Vec<(String, String)>,
}

/// The mails accepted so far, oldest first.
#[derive(Clone, Default)]
pub(crate) struct Mailbox(Arc<Mutex<Vec<Mail>>>);

impl Mailbox {
    pub(crate) fn newest_first(&self) -> Vec<Mail> {
        let mails = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        mails.iter().rev().cloned().collect()
    }

    /// Keeps the mail of a `SendRawEmail` form and answers it; `None` for any other action.
    pub(crate) fn take_raw(&self, form: &[u8]) -> Option<MockResponse> {
        let fields: Vec<(String, String)> = serde_urlencoded::from_bytes(form).ok()?;
        let field = |name: &str| fields.iter().find(|(key, _)| key == name).map(|(_, value)| value);
        if field("Action")? != "SendRawEmail" {
            return None;
        }
        let parsed = field("RawMessage.Data")
            .and_then(|data| Base64::decode_vec(data).ok())
            .and_then(|raw| MessageParser::default().parse(&raw).map(|message| read(&message)));
        let Some(mail) = parsed else {
            return Some(MockResponse::error(400, "InvalidParameterValue", "not a mail"));
        };
        let mut mails = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        mails.push(mail);
        Some(accepted(mails.len()))
    }
}

fn read(message: &Message<'_>) -> Mail {
    let first = |address: Option<&mail_parser::Address<'_>>| {
        address
            .and_then(|list| list.first())
            .and_then(|one| one.address())
            .unwrap_or_default()
            .to_owned()
    };
    Mail {
        to: first(message.to()),
        from: first(message.from()),
        subject: message.subject().unwrap_or_default().to_owned(),
        text: message.body_text(0).unwrap_or_default().into_owned(),
        html: message.body_html(0).unwrap_or_default().into_owned(),
        #[expect(clippy::disallowed_methods, reason = "SES has a clock of its own")]
        at: chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
        headers: message
            .headers_raw()
            .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
            .collect(),
    }
}

fn accepted(number: usize) -> MockResponse {
    MockResponse::xml(
        200,
        format!(
            "<SendRawEmailResponse xmlns=\"http://ses.amazonaws.com/doc/2010-12-01/\">\
             <SendRawEmailResult><MessageId>local-{number}</MessageId></SendRawEmailResult>\
             <ResponseMetadata><RequestId>local-{number}</RequestId></ResponseMetadata>\
             </SendRawEmailResponse>"
        ),
    )
}
