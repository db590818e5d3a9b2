//! What stands around every page's content, and the page of a failed request.

use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};

use super::{
    Language, Nav, Preferences, Text, Theme,
    assets::{SCRIPT, STYLE},
};
use crate::{
    error::{Code, Error},
    http::Context,
};

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
    /// Whether language and theme can be switched here.
    pub switches: bool,
}

/// In the address of a page: what was pressed there has not been done.
const AGAIN: &str = "again=1";

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
            switches: true,
        }
    }

    /// The layout of a page that shows something once: whoever switches its language or theme would
    /// have seen it last.
    #[must_use]
    pub fn of_what_is_shown_once(self) -> Self {
        Self { switches: false, ..self }
    }

    /// The address of a page where something was pressed and not done, for who it was had to be
    /// proved first.
    pub(crate) fn to_press_again(page: &str) -> String {
        let (path, query) = page.split_once('?').unwrap_or((page, ""));
        // What it told of before is over.
        let kept = query.split('&').filter(|it| !it.is_empty() && !it.starts_with("done="));
        let query: Vec<_> = kept.filter(|it| *it != AGAIN).chain([AGAIN]).collect();
        format!("{path}?{}", query.join("&"))
    }

    /// Whether what was pressed on this page has not been done.
    #[must_use]
    pub fn is_to_press_again(&self) -> bool {
        let query = self.place.split_once('?').map_or("", |(_, query)| query);
        self.signed_in() && query.split('&').any(|it| it == AGAIN)
    }

    /// A message.
    #[must_use]
    pub fn t(&self, id: impl AsRef<str>) -> String {
        self.text.get(id.as_ref())
    }

    /// All languages.
    #[must_use]
    pub fn languages(&self) -> Vec<Language> {
        Language::all().collect()
    }

    /// The languages to switch to.
    #[must_use]
    pub fn other_languages(&self) -> Vec<Language> {
        Language::all().filter(|it| !self.is_language(it)).collect()
    }

    /// Whether the page is in this language.
    #[must_use]
    pub fn is_language(&self, language: &Language) -> bool {
        *language == self.preferences.language
    }

    /// The names of the themes to choose from.
    #[must_use]
    pub fn themes(&self) -> [&'static str; 3] {
        Theme::ALL.map(Theme::as_str)
    }

    /// Whether this theme was chosen.
    #[must_use]
    pub fn is_theme(&self, theme: &str) -> bool {
        theme == self.preferences.theme.as_str()
    }

    /// The name of who is signed in, where the page shows the portal around it.
    #[must_use]
    pub fn account(&self) -> Option<&str> {
        self.preferences.name.as_deref().filter(|_| self.signed_in())
    }

    /// The letter that stands for the user.
    #[must_use]
    pub fn initial(&self) -> String {
        let name = self.preferences.name.as_deref().unwrap_or_default();
        let letter = name.chars().find(|it| it.is_alphanumeric());
        letter.map_or_else(|| "·".to_owned(), |it| it.to_uppercase().to_string())
    }

    /// The places of the menu: those that the user may go to.
    #[must_use]
    pub fn places(&self) -> Vec<Nav> {
        let open = |place: &Nav| match place {
            Nav::Profile | Nav::Security => true,
            Nav::Support => self.preferences.staff,
            _ => !self.preferences.staff,
        };
        Nav::ALL.into_iter().filter(open).collect()
    }

    /// How many notifications were not read.
    #[must_use]
    pub fn unread(&self) -> u64 {
        self.preferences.unread.unwrap_or_default()
    }

    /// The same in words.
    #[must_use]
    pub fn unread_words(&self) -> String {
        self.text.count("notices-count", self.unread())
    }

    /// The number on the bell.
    #[must_use]
    pub fn unread_number(&self) -> String {
        bell_number(&self.text, self.unread())
    }

    /// Whether the page stands where the bell leads.
    #[must_use]
    pub fn is_at_notifications(&self) -> bool {
        self.is_at(&Nav::Notifications)
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

    /// How the page begins, as HTML.
    #[must_use]
    pub fn head(&self) -> String {
        Head { layout: self }.render().unwrap_or_default()
    }

    /// What stands above the page, as HTML.
    #[must_use]
    pub fn top(&self) -> String {
        Top { layout: self }.render().unwrap_or_default()
    }

    /// What the reader has to do again, as HTML; mostly nothing.
    #[must_use]
    pub fn reminder(&self) -> String {
        let reminder = self.is_to_press_again().then(|| Reminder { layout: self }.render());
        reminder.and_then(Result::ok).unwrap_or_default()
    }

    /// What stands below it.
    #[must_use]
    pub fn bottom(&self) -> String {
        Bottom { layout: self }.render().unwrap_or_default()
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
        STYLE.path
    }

    /// The address of the script.
    #[must_use]
    pub fn script(&self) -> &'static str {
        SCRIPT.path
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

/// The number on the bell: nobody counts beyond ninety-nine.
#[must_use]
pub fn bell_number(text: &Text, unread: u64) -> String {
    let number = text.format().number(unread.min(99));
    if unread > 99 { format!("{number}+") } else { number }
}

/// How every page begins: what it is to a browser.
#[derive(Template)]
#[template(path = "components/layout/head.html")]
struct Head<'a> {
    layout: &'a Layout,
}

/// What stands above every page: the header and the way through the portal.
#[derive(Template)]
#[template(path = "components/layout/top.html")]
struct Top<'a> {
    layout: &'a Layout,
}

/// What has to be done again.
#[derive(Template)]
#[template(path = "components/layout/reminder.html")]
struct Reminder<'a> {
    layout: &'a Layout,
}

/// What stands below every page.
#[derive(Template)]
#[template(path = "components/layout/bottom.html")]
struct Bottom<'a> {
    layout: &'a Layout,
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

/// The page of a failed request.
#[derive(Template)]
#[template(path = "components/layout/error.html")]
pub struct ErrorPage {
    layout: Layout,
    title: String,
    detail: String,
    status: u16,
    request_id: String,
    /// Whether going there again does the same again: a form would have to be filled in anew.
    retry: bool,
    /// Whether it was a mail's link, which leads nowhere any more.
    link: bool,
    /// Whether a new password may help: one that was to confirm an address may have no account behind it.
    offers_reset: bool,
}

impl ErrorPage {
    /// The page for a code.
    #[must_use]
    pub fn new(context: &Context, code: Code) -> Self {
        let retry = context.can_return && code.status().is_server_error();
        let page = Self::within(Layout::public(context), code, context.request_id.clone());
        Self { retry, offers_reset: context.path != "/verify", ..page }
    }

    pub(super) fn within(layout: Layout, code: Code, request_id: String) -> Self {
        Self {
            retry: false,
            link: code == Code::InvalidLink,
            offers_reset: true,
            title: layout.t(format!("problem-{}-title", code.as_str())),
            detail: layout.t(format!("problem-{}-detail", code.as_str())),
            status: code.status().as_u16(),
            request_id,
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
