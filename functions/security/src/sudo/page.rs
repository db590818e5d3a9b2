//! The page `/sudo`: proves, and goes back to where one was.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;
use shared::{
    auth::{Caller, SignedIn},
    error::{Code, Error},
    http::{Form, PageQuery as Query, encoded, own_path},
    web::{FormState, Layout, Nav, render, see_other},
};

use super::{SudoInput, elevate};
use crate::{
    cookie,
    factor::{Factor, at_its_field, find},
};

#[derive(Template)]
#[template(path = "sudo/page.html")]
struct Page {
    layout: Layout,
    form: FormState,
    next: String,
    /// Who has a second factor is asked for it.
    asks: Asks,
}

impl Page {
    fn next_encoded(&self) -> String {
        encoded(&self.next)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Asks {
    Password,
    Code,
    BackupCode,
}

#[derive(Deserialize)]
pub(crate) struct PageQuery {
    #[serde(default)]
    next: String,
    #[serde(default)]
    with: String,
}

pub(crate) async fn page(
    signed_in: SignedIn,
    Query(query): Query<PageQuery>,
) -> Result<Response, Error> {
    let asks = asks(&signed_in, query.with == "backup").await?;
    let layout = Layout::portal(&signed_in.context, Nav::Security);
    Ok(render(&Page { layout, form: FormState::default(), next: query.next, asks }))
}

async fn asks(caller: &Caller, backup: bool) -> Result<Asks, Error> {
    let factor = find(&caller.app, caller.tenant, caller.user()?).await?;
    Ok(match factor.is_some_and(|factor: Factor| factor.is_on()) {
        true if backup => Asks::BackupCode,
        true => Asks::Code,
        false => Asks::Password,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProofForm {
    password: Option<secrecy::SecretString>,
    code: Option<String>,
    backup_code: Option<secrecy::SecretString>,
    #[serde(default)]
    next: String,
}

pub(crate) async fn submit(
    signed_in: SignedIn,
    Form(ProofForm { password, code, backup_code, next }): Form<ProofForm>,
) -> Result<Response, Error> {
    let backup = backup_code.is_some();
    let asks = asks(&signed_in, backup).await?;
    // The page asks for the second factor where there is one; so does what it takes.
    if asks != Asks::Password && password.is_some() {
        return Err(Code::SecondFactorRequired.into());
    }
    let given = SudoInput { password, code, backup_code }.parse();
    let elevated = match given {
        Ok(given) => elevate(&signed_in, &signed_in.session, given).await,
        Err(error) => Err(error),
    };
    match elevated {
        Ok(elevated) => {
            let back = if next.is_empty() { "/security" } else { own_path(&next) };
            Ok(cookie::signed_in(see_other(back), &elevated.token))
        }
        Err(error) => {
            let error = match error.code {
                Code::WrongCredentials => Error::field("password", "password_wrong"),
                _ => at_its_field(error, backup),
            };
            let layout = Layout::portal(&signed_in.context, Nav::Security);
            let form = FormState::default().failed(error)?;
            let page = Page { layout, form, next, asks };
            Ok(page.form.respond(&page))
        }
    }
}
