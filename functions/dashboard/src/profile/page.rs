//! The page `/profile`, and the switch of language in every page's header.

use askama::Template;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use shared::{
    account::Zone,
    auth::SignedIn,
    error::Error,
    http::{Form, Query},
    web::{Digits, FormState, Language, Layout, Nav, Theme, render, see_other},
};

use super::{Profile, change, change::ProfileInput, load};

#[derive(Template)]
#[template(path = "profile/page.html")]
struct Page {
    layout: Layout,
    form: FormState,
    profile: Profile,
    zones: Vec<String>,
    saved: bool,
}

impl Page {
    fn theme_name(&self, theme: &Theme) -> String {
        self.layout.t(format!("profile-theme-{}", theme.as_str()))
    }
}

#[derive(Deserialize)]
pub(crate) struct PageQuery {
    #[serde(default)]
    saved: Option<String>,
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
        tax_id: Some(profile.tax_id.clone()),
        ..ProfileInput::default()
    });
    Ok(show(&signed_in, profile, form, query.saved.is_some()))
}

fn filled(input: &ProfileInput) -> FormState {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    FormState::filled(vec![
        ("name", text(&input.name)),
        ("company", text(&input.company)),
        ("billing_address", text(&input.billing_address)),
        ("tax_id", text(&input.tax_id)),
    ])
}

fn show(signed_in: &SignedIn, profile: Profile, form: FormState, saved: bool) -> Response {
    let layout = Layout::portal(&signed_in.context, Nav::Profile);
    let status = form.status();
    let page = Page { layout, form, profile, zones: Zone::names(), saved };
    (status, render(&page)).into_response()
}

pub(crate) async fn submit(
    signed_in: SignedIn,
    Form(input): Form<ProfileInput>,
) -> Result<Response, Error> {
    let stored = load(&signed_in).await?;
    let profile = stored.profile();
    let form = filled(&input);
    match change::change(&signed_in, stored, input).await {
        Ok(_) => Ok(see_other("/profile?saved=1")),
        Err(error) => Ok(show(&signed_in, profile, form.failed(error)?, false)),
    }
}

/// The switch in the header: a language and the page to come back to.
#[derive(Deserialize)]
pub(crate) struct LanguageForm {
    locale: String,
    #[serde(default)]
    next: String,
}

pub(crate) async fn language(
    signed_in: SignedIn,
    Form(form): Form<LanguageForm>,
) -> Result<Response, Error> {
    let stored = load(&signed_in).await?;
    let input = ProfileInput { locale: Some(form.locale), ..ProfileInput::default() };
    change::change(&signed_in, stored, input).await?;
    Ok(see_other(shared::http::own_path(&form.next)))
}
