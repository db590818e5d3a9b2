//! The page `/profile`, and the switches of language and theme in every page's header.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;
use shared::{
    account::Zone,
    auth::{Caller, SignedIn},
    country::Country,
    error::Error,
    http::{Form, IfMatch, Query},
    web::{Digits, FormState, Language, Layout, Nav, Options, Theme, see_other},
};

use super::{Profile, change, change::ProfileInput, load};

#[derive(Template)]
#[template(path = "profile/page.html")]
struct Page {
    layout: Layout,
    form: FormState,
    profile: Profile,
    /// The message about what has just been done.
    done: &'static str,
}

impl Page {
    fn languages(&self) -> Options {
        let languages = Language::all();
        languages.map(|it| (it.code().to_owned(), it.own_name().to_owned())).collect()
    }

    /// The zones to choose from, and the chosen one if it goes by an older name.
    fn zones(&self) -> Options {
        let mut names = Zone::names();
        if !names.contains(&self.profile.time_zone) {
            names.insert(0, self.profile.time_zone.clone());
        }
        names.into_iter().map(|name| (name.clone(), name)).collect()
    }

    /// The countries by their names, after that there is none.
    fn countries(&self) -> Options {
        let language = self.layout.text.language();
        let mut countries: Options =
            Country::all().map(|it| (it.to_string(), it.name(language).to_owned())).collect();
        countries.sort_by(|one, other| one.1.cmp(&other.1));
        countries.insert(0, (String::new(), self.layout.t("profile-no-country")));
        countries
    }

    fn digits(&self) -> Options {
        let digits = [Digits::Latin, Digits::Arabic].into_iter().map(Digits::as_str);
        digits.map(|it| (it.to_owned(), self.layout.t(format!("profile-digits-{it}")))).collect()
    }

    fn themes(&self) -> Options {
        let themes = Theme::ALL.into_iter().map(Theme::as_str);
        themes.map(|it| (it.to_owned(), self.layout.t(format!("profile-theme-{it}")))).collect()
    }
}

#[derive(Deserialize)]
pub(crate) struct PageQuery {
    #[serde(default)]
    saved: Option<String>,
    #[serde(default)]
    mailed: Option<String>,
}

pub(crate) async fn page(
    signed_in: SignedIn,
    Query(query): Query<PageQuery>,
) -> Result<Response, Error> {
    let profile = load(&signed_in).await?.profile();
    let form = filled(&ProfileInput {
        name: Some(profile.name.clone()),
        company: Some(profile.company.clone()),
        billing_address: Some(profile.billing_address.clone()),
        billing_country: Some(country_code(&profile)),
        tax_id: Some(profile.tax_id.clone()),
        locale: Some(profile.locale.code().to_owned()),
        time_zone: Some(profile.time_zone.clone()),
        digits: Some(profile.digits.as_str().to_owned()),
        theme: Some(profile.theme.as_str().to_owned()),
        email: None,
    });
    let done = match (query.saved, query.mailed) {
        (Some(_), _) => "profile-saved",
        (None, Some(_)) => "email-mailed",
        (None, None) => "",
    };
    Ok(show(&signed_in, profile, form, done))
}

fn country_code(profile: &Profile) -> String {
    profile.billing_country.map(|country| country.to_string()).unwrap_or_default()
}

fn filled(input: &ProfileInput) -> FormState {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    FormState::filled(vec![
        ("name", text(&input.name)),
        ("company", text(&input.company)),
        ("billing_address", text(&input.billing_address)),
        ("billing_country", text(&input.billing_country)),
        ("tax_id", text(&input.tax_id)),
        ("locale", text(&input.locale)),
        ("time_zone", text(&input.time_zone)),
        ("digits", text(&input.digits)),
        ("theme", text(&input.theme)),
    ])
}

fn show(caller: &Caller, profile: Profile, form: FormState, done: &'static str) -> Response {
    let layout = Layout::portal(&caller.context, Nav::Profile);
    let page = Page { layout, form, profile, done };
    page.form.respond(&page)
}

pub(crate) async fn submit(
    signed_in: SignedIn,
    Form(input): Form<ProfileInput>,
) -> Result<Response, Error> {
    let stored = load(&signed_in).await?;
    let profile = stored.profile();
    let form = filled(&input);
    match change::change(&signed_in, &signed_in.session, stored, &input, &IfMatch::any()).await {
        Ok(_) => Ok(see_other("/profile?saved=1")),
        Err(error) => Ok(show(&signed_in, profile, form.failed(error)?, "")),
    }
}

/// A switch in the header: what to change, and the page to come back to.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Switch {
    #[serde(default)]
    locale: Option<String>,
    #[serde(default)]
    theme: Option<String>,
    #[serde(default)]
    next: String,
}

pub(crate) async fn language(
    signed_in: SignedIn,
    Form(Switch { locale, next, .. }): Form<Switch>,
) -> Result<Response, Error> {
    switch(&signed_in, ProfileInput { locale, ..ProfileInput::default() }, &next).await
}

pub(crate) async fn theme(
    signed_in: SignedIn,
    Form(Switch { theme, next, .. }): Form<Switch>,
) -> Result<Response, Error> {
    switch(&signed_in, ProfileInput { theme, ..ProfileInput::default() }, &next).await
}

async fn switch(signed_in: &SignedIn, input: ProfileInput, next: &str) -> Result<Response, Error> {
    let stored = load(signed_in).await?;
    change::change(signed_in, &signed_in.session, stored, &input, &IfMatch::any()).await?;
    Ok(see_other(shared::http::own_path(next)))
}
