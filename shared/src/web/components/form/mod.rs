//! Forms that carry what was typed and what is wrong with it.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};

use crate::{
    error::{Code, Error, FieldError},
    http::Failed,
    web::{Layout, render},
};

/// A form between its first showing and its success: what was typed and what is wrong with it.
#[derive(Default)]
pub struct FormState {
    values: Vec<(&'static str, String)>,
    errors: Vec<FieldError>,
    alert: Option<Code>,
    failure: Option<Failed>,
    kept: bool,
}

/// The values of a choice and their words.
pub type Options = Vec<(String, String)>;

/// One field of a form, ready to show.
pub struct FieldState {
    /// What was typed.
    pub value: String,
    /// The id of the message that says what is wrong.
    pub error: Option<String>,
}

/// A field of one line.
#[derive(Template)]
#[template(path = "components/form/input.html")]
struct Input<'a> {
    layout: &'a Layout,
    name: &'a str,
    kind: &'a str,
    label: &'a str,
    autocomplete: &'a str,
    hint: &'a str,
    required: bool,
    field: FieldState,
}

/// A field of one line, as HTML. It is rendered apart from the page, so that it is in the machine code
/// once.
#[must_use]
#[expect(clippy::too_many_arguments, reason = "they are the arguments of the component's macro")]
pub fn input(
    layout: &Layout,
    form: &FormState,
    name: &str,
    kind: &str,
    label: &str,
    autocomplete: &str,
    hint: &str,
    required: &bool,
) -> String {
    let (field, required) = (form.field(name), *required);
    let input = Input { layout, name, kind, label, autocomplete, hint, required, field };
    input.render().unwrap_or_default()
}

impl FormState {
    /// A form with these values in it.
    #[must_use]
    pub fn filled(values: Vec<(&'static str, String)>) -> Self {
        Self { values, ..Self::default() }
    }

    /// The same form, which was not taken when it was sent: the client had to prove who it is.
    #[must_use]
    pub fn kept(self) -> Self {
        Self { kept: true, ..self }
    }

    /// Whether it was sent and not taken.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.kept
    }

    /// The same form with what is wrong with it; gives a fault of ours back, which wants a page of
    /// its own.
    pub fn failed(mut self, error: Error) -> Result<Self, Error> {
        // Who is not signed in any more signs in first.
        if error.code.status().is_server_error() || error.code == Code::Unauthenticated {
            return Err(error);
        }
        if error.fields.is_empty() {
            self.alert = Some(error.code);
        }
        self.errors.clone_from(&error.fields);
        self.failure = Some(Failed::shown(error));
        Ok(self)
    }

    /// The page that shows the form, with the status and the headers of what is wrong with it.
    pub fn respond(&self, page: &impl Template) -> Response {
        let mut response = (self.status(), render(page)).into_response();
        if let Some(failure) = &self.failure {
            response.extensions_mut().insert(failure.clone());
        }
        response
    }

    /// One field.
    #[must_use]
    pub fn field(&self, name: &str) -> FieldState {
        let value = self.values.iter().find(|(key, _)| *key == name);
        let error = self.errors.iter().find(|error| error.pointer[1..] == *name);
        FieldState {
            value: value.map(|(_, value)| value.clone()).unwrap_or_default(),
            error: error.map(|error| format!("field-{}", error.code)),
        }
    }

    /// Whether the form has such a field to go to. The value of a password or a code is never kept, but its field
    /// is there.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        let secret = name.ends_with("password") || name.ends_with("code");
        secret || self.values.iter().any(|(key, _)| *key == name)
    }

    /// The message about the form as a whole.
    #[must_use]
    pub fn alert(&self) -> Option<String> {
        self.alert.map(|code| format!("problem-{}-detail", code.as_str()))
    }

    /// The wrong fields: name and message, for the summary above the form.
    #[must_use]
    pub fn summary(&self) -> Vec<(String, String)> {
        let errors = self.errors.iter();
        errors
            .map(|error| (error.pointer[1..].to_owned(), format!("field-{}", error.code)))
            .collect()
    }

    /// The status of the page that shows the form.
    fn status(&self) -> StatusCode {
        match self.alert {
            Some(code) => code.status(),
            None if self.errors.is_empty() => StatusCode::OK,
            None => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }
}
