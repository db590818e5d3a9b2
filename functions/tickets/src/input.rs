//! What a client writes, checked.

use serde::Deserialize;
use shared::{
    auth::Caller,
    error::{Error, FieldError},
    http::Object,
    text::{TextError, cleaned_line, written},
    ticket::{About, AboutKind, Author, Follows, MOST_CHARACTERS, Opening, Priority, find_ticket},
};

const MOST_SUBJECT_CHARACTERS: usize = 200;
const MOST_CATEGORY_CHARACTERS: usize = 50;
const MOST_ID_CHARACTERS: usize = 200;

/// What kind of matter a ticket is, where the client does not say.
const CATEGORY: &str = "general";

/// The kinds of matters that the page offers; programs may use others.
pub(crate) const CATEGORIES: [&str; 6] =
    [CATEGORY, "usage", "billing", "instances", "security", "other"];

/// A ticket to be.
#[derive(Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TicketInput {
    /// What it is about, in one line.
    #[schema(min_length = 1, max_length = 200)]
    pub(crate) subject: String,
    /// Plain text: addresses of the web become links, and what stands between lines of ` ``` ` is code.
    #[schema(min_length = 1, max_length = 20_000)]
    pub(crate) body: String,
    /// `normal` where it is not said.
    #[serde(default)]
    #[schema(value_type = Option<Priority>)]
    pub(crate) priority: Option<String>,
    /// What kind of matter it is: `general`, `usage`, `billing`, `instances`, `security`, `other`, or a word of yours.
    #[serde(default)]
    #[schema(max_length = 50)]
    pub(crate) category: Option<String>,
    /// What of the account's it is about: how that looks now is kept with the ticket.
    #[serde(default)]
    #[schema(value_type = Option<AboutInput>)]
    pub(crate) about: Option<Object<AboutInput>>,
    /// The ticket that it goes on from.
    #[serde(default)]
    pub(crate) follows: Option<String>,
}

/// What a ticket is about.
#[derive(Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AboutInput {
    #[serde(rename = "type")]
    #[schema(value_type = AboutKind)]
    pub(crate) kind: String,
    /// Its id. A request of the log is named by its `ref`; its `id` will do for one of the last days.
    pub(crate) id: String,
}

/// What staff know the client by.
fn client_name(caller: &Caller) -> String {
    let company = caller.account.company.clone();
    if company.is_empty() { Author::of(caller).name } else { company }
}

/// Words of a client, checked.
pub(crate) fn body(text: &str) -> Result<String, TextError> {
    written(text, MOST_CHARACTERS)
}

impl TicketInput {
    /// What is wrong with it, or the ticket's opening and its first words.
    pub(crate) async fn parse(&self, caller: &Caller) -> Result<(Opening, String), Error> {
        let mut wrong = Vec::new();
        let mut noted = |field: &str, checked: Result<String, TextError>| {
            checked.unwrap_or_else(|error| {
                wrong.push(FieldError::new(field, error.code()));
                String::new()
            })
        };
        let subject = noted("subject", cleaned_line(&self.subject, MOST_SUBJECT_CHARACTERS));
        let body = noted("body", body(&self.body));
        let category = self.category.as_deref().unwrap_or(CATEGORY);
        let category = noted("category", cleaned_line(category, MOST_CATEGORY_CHARACTERS));
        let priority = self.priority.as_deref().map_or(Some(Priority::Normal), Priority::from_name);
        if priority.is_none() {
            wrong.push(FieldError::new("priority", "choice_unknown"));
        }
        if !wrong.is_empty() {
            return Err(Error::fields(wrong));
        }
        let opening = Opening {
            subject,
            category,
            priority: priority.unwrap_or(Priority::Normal),
            about: self.about(caller).await?,
            follows: self.follows(caller).await?,
            opener: caller.user()?,
            client: client_name(caller),
        };
        Ok((opening, body))
    }

    async fn about(&self, caller: &Caller) -> Result<Option<About>, Error> {
        let Some(Object(AboutInput { kind, id })) = &self.about else { return Ok(None) };
        let wrong = |field: &str, code| {
            Error::fields(vec![FieldError { pointer: format!("/about/{field}"), code }])
        };
        let kind = AboutKind::from_name(kind).ok_or_else(|| wrong("type", "choice_unknown"))?;
        if id.chars().count() > MOST_ID_CHARACTERS {
            return Err(wrong("id", "about_unknown"));
        }
        let found = About::find(caller, kind, id).await?;
        found.map(Some).ok_or_else(|| wrong("id", "about_unknown"))
    }

    async fn follows(&self, caller: &Caller) -> Result<Option<Follows>, Error> {
        let Some(id) = &self.follows else { return Ok(None) };
        match find_ticket(&caller.app, caller.tenant, id).await {
            Ok(ticket) => Ok(Some(Follows { id: ticket.id, number: ticket.number })),
            Err(error) if error.code == shared::error::Code::NotFound => {
                Err(Error::field("follows", "about_unknown"))
            }
            Err(error) => Err(error),
        }
    }
}
