//! What every page is made of: the layout's data, forms that carry their errors, the page of a
//! failed request.

use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};

use super::{Language, Preferences, Text, Theme, style_path};
use crate::{
    error::{Code, Error, FieldError},
    http::{Context, Failed},
};

/// The places that the navigation leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nav {
    /// The dashboard.
    Dashboard,
    /// Usage.
    Usage,
    /// The profile.
    Profile,
}

impl Nav {
    /// All of them, in the order of the menu.
    pub const ALL: [Self; 3] = [Self::Dashboard, Self::Usage, Self::Profile];

    /// Where it leads.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::Dashboard => "/",
            Self::Usage => "/usage",
            Self::Profile => "/profile",
        }
    }

    /// The message that names it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Dashboard => "nav-dashboard",
            Self::Usage => "nav-usage",
            Self::Profile => "nav-profile",
        }
    }
}

/// What the layout shows around a page's content.
pub struct Layout {
    /// Words in the reader's language.
    pub text: Text,
    /// How the reader wants pages.
    pub preferences: Preferences,
    /// The page's path and query, so that a change of language keeps them.
    pub place: String,
    /// Where the page stands in the navigation; `None` before signing in.
    pub nav: Option<Nav>,
}

impl Layout {
    /// The layout of a page within the portal.
    #[must_use]
    pub fn portal(context: &Context, nav: Nav) -> Self {
        Self { nav: Some(nav), ..Self::public(context) }
    }

    /// The layout of a page that needs no sign-in.
    #[must_use]
    pub fn public(context: &Context) -> Self {
        let preferences = context.preferences();
        Self {
            text: Text::new(preferences.clone()),
            preferences,
            place: context.place.clone(),
            nav: None,
        }
    }

    /// A message.
    #[must_use]
    pub fn t(&self, id: impl AsRef<str>) -> String {
        self.text.get(id.as_ref())
    }

    /// The languages to switch to.
    #[must_use]
    pub fn other_languages(&self) -> Vec<Language> {
        let current = self.preferences.language;
        Language::ALL.into_iter().filter(|language| *language != current).collect()
    }

    /// The places of the menu: those that the user may go to.
    #[must_use]
    pub fn places(&self) -> Vec<Nav> {
        let open = |place: &Nav| !self.preferences.staff || *place == Nav::Profile;
        Nav::ALL.into_iter().filter(open).collect()
    }

    /// Where the user is at home.
    #[must_use]
    pub fn home(&self) -> &'static str {
        if self.preferences.staff { Nav::Profile.path() } else { Nav::Dashboard.path() }
    }

    /// Whether the page stands here.
    #[must_use]
    pub fn is_at(&self, place: &Nav) -> bool {
        self.nav == Some(*place)
    }

    /// The same page in another language.
    #[must_use]
    pub fn in_language(&self, language: &Language) -> String {
        let separator = if self.place.contains('?') { '&' } else { '?' };
        format!("{}{separator}lang={}", self.place, language.code())
    }

    /// The address of the styles.
    #[must_use]
    pub fn style(&self) -> &'static str {
        style_path()
    }

    /// The chosen theme, unless it is the system's.
    #[must_use]
    pub fn theme(&self) -> Option<&'static str> {
        let theme = self.preferences.theme;
        (theme != Theme::System).then(|| theme.as_str())
    }

    /// Whether the user is signed in.
    #[must_use]
    pub fn signed_in(&self) -> bool {
        self.nav.is_some()
    }
}

/// A page as a reply; one that does not render is a defect.
pub fn render(template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => Html(html).into_response(),
        Err(error) => Error::fault(Code::Internal, error).into_response(),
    }
}

/// After a form was taken: the browser goes on with a GET.
#[must_use]
pub fn see_other(path: &str) -> Response {
    let location = HeaderValue::from_str(path).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
}

/// A form between its first showing and its success: what was typed and what is wrong with it.
#[derive(Default)]
pub struct FormState {
    values: Vec<(&'static str, String)>,
    errors: Vec<FieldError>,
    alert: Option<Code>,
    failure: Option<Failed>,
}

/// One field of a form, ready to show.
pub struct FieldState {
    /// What was typed.
    pub value: String,
    /// The id of the message that says what is wrong.
    pub error: Option<String>,
}

impl FormState {
    /// A form with these values in it.
    #[must_use]
    pub fn filled(values: Vec<(&'static str, String)>) -> Self {
        Self { values, ..Self::default() }
    }

    /// The same form with what is wrong with it; gives a fault of ours back, which wants a page of
    /// its own.
    pub fn failed(mut self, error: Error) -> Result<Self, Error> {
        if error.code.status().is_server_error() {
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

    /// Whether the form has such a field to go to. A password's value is never kept, but its field
    /// is there.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        name == "password" || self.values.iter().any(|(key, _)| *key == name)
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

/// The page of a failed request.
#[derive(Template)]
#[template(path = "error.html")]
pub struct ErrorPage {
    layout: Layout,
    title: String,
    detail: String,
    status: u16,
    request_id: String,
}

impl ErrorPage {
    /// The page for a code.
    #[must_use]
    pub fn new(context: &Context, code: Code) -> Self {
        let layout = Layout::public(context);
        Self {
            title: layout.t(format!("problem-{}-title", code.as_str())),
            detail: layout.t(format!("problem-{}-detail", code.as_str())),
            status: code.status().as_u16(),
            request_id: context.request_id.clone(),
            layout,
        }
    }
}

impl IntoResponse for ErrorPage {
    fn into_response(self) -> Response {
        // A page that cannot tell of an error must not fail into telling of an error.
        self.render().map_or_else(
            |_| StatusCode::INTERNAL_SERVER_ERROR.into_response(),
            |html| Html(html).into_response(),
        )
    }
}
