//! The pages of the second factor: prove yourself, scan, enter a code, keep the backup codes.

use askama::Template;
use axum::response::Response;
use secrecy::SecretString;
use serde::Deserialize;
use shared::{
    account::{User, user_key},
    auth::{Caller, SignedIn, Sudo},
    error::{Code, Error},
    http::{Form, PageQuery as Query},
    table::Read,
    web::{FormState, Layout, Nav, render, see_other},
};

use super::{
    Factor, ProofInput, at_its_field,
    backup_codes::{UsedCode, regenerate},
    disable::disable,
    enable::{Enrolment, enable, enrolment},
    factor_key, find,
    verify::verify,
};

#[derive(Template)]
#[template(path = "factor/begin.html")]
struct Begin {
    layout: Layout,
}

#[derive(Template)]
#[template(path = "factor/confirm.html")]
struct Confirm {
    layout: Layout,
    form: FormState,
    enrolment: Enrolment,
}

#[derive(Template)]
#[template(path = "factor/codes.html")]
struct Codes {
    layout: Layout,
    /// The new ones, once.
    shown: Vec<String>,
    left: u64,
    used: Vec<UsedCode>,
    generation: u64,
    /// Whether the factor has just been turned on.
    first: bool,
}

#[derive(Template)]
#[template(path = "factor/off.html")]
struct Off {
    layout: Layout,
    form: FormState,
    backup: bool,
}

fn layout(caller: &Caller) -> Layout {
    Layout::portal(&caller.context, Nav::Security)
}

impl Codes {
    fn used_words(&self, code: &UsedCode) -> String {
        let text = &self.layout.text;
        // The digit that the code begins with, as it is written there.
        let slot = text.isolate(&code.slot.to_string());
        let time = text.format().moment(&code.used_at);
        text.with2("codes-used", ("slot", &slot), ("time", &time))
    }
}

/// What the second factor is for, and the button that begins.
pub(crate) async fn begin(Sudo(signed_in): Sudo<SignedIn>) -> Result<Response, Error> {
    let user = signed_in.session.user;
    let factor = find(&signed_in.app, signed_in.tenant, user).await?;
    if factor.is_some_and(|factor| factor.is_on()) {
        return Ok(see_other("/security"));
    }
    Ok(render(&Begin { layout: layout(&signed_in) }))
}

/// Makes a secret and goes on to the page that shows it: loading that again makes no other.
pub(crate) async fn start(Sudo(signed_in): Sudo<SignedIn>) -> Result<Response, Error> {
    enable(&signed_in).await?;
    Ok(see_other("/security/two-factor/confirm"))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CodeForm {
    #[serde(default)]
    code: String,
}

/// Shows the secret that waits for its first code.
pub(crate) async fn confirm(Sudo(signed_in): Sudo<SignedIn>) -> Result<Response, Error> {
    show_secret(&signed_in, FormState::default()).await
}

async fn show_secret(caller: &Caller, form: FormState) -> Result<Response, Error> {
    let (app, tenant, user) = (&caller.app, caller.tenant, caller.person()?);
    let keys = [user_key(tenant, user), factor_key(tenant, user)];
    let mut items = app.table.batch(&keys, Read::Strong).await?;
    let user: User = items.take(&keys[0])?.ok_or(Code::Unauthenticated)?;
    let begun = items.take(&keys[1])?.filter(|factor: &Factor| !factor.is_on());
    let now = app.clock.now();
    let Some(begun) = begun.filter(|factor| factor.is_fresh(now)) else {
        return Ok(see_other("/security/two-factor"));
    };
    let enrolment = enrolment(app, tenant, &user, &begun)?;
    let page = Confirm { layout: layout(caller), form, enrolment };
    Ok(page.form.respond(&page))
}

/// Takes the first code and shows the backup codes.
pub(crate) async fn confirm_submit(
    Sudo(signed_in): Sudo<SignedIn>,
    Form(input): Form<CodeForm>,
) -> Result<Response, Error> {
    match verify(&signed_in, &signed_in.session, &input.code).await {
        Ok(codes) => Ok(show_codes(&signed_in, codes.backup_codes, true)),
        Err(error) if error.code == Code::SecondFactorOff => Ok(see_other("/security/two-factor")),
        Err(error) => show_secret(&signed_in, FormState::default().failed(error)?).await,
    }
}

/// The one page that shows the codes.
fn show_codes(caller: &Caller, shown: Vec<String>, first: bool) -> Response {
    let (left, used) = (shown.len() as u64, Vec::new());
    let layout = layout(caller).of_what_is_shown_once();
    render(&Codes { layout, shown, left, used, generation: 0, first })
}

/// What is left of the backup codes.
pub(crate) async fn codes(signed_in: SignedIn) -> Result<Response, Error> {
    let factor = find(&signed_in.app, signed_in.tenant, signed_in.session.user).await?;
    let Some(factor) = factor.filter(Factor::is_on) else { return Ok(see_other("/security")) };
    let (left, used) = (factor.backup_codes_left(), factor.used_codes());
    let (generation, shown, first) = (factor.generation, Vec::new(), false);
    Ok(render(&Codes { layout: layout(&signed_in), shown, left, used, generation, first }))
}

/// Makes new codes and shows them.
pub(crate) async fn codes_submit(
    Sudo(signed_in): Sudo<SignedIn>,
    Form(input): Form<CodesForm>,
) -> Result<Response, Error> {
    match regenerate(&signed_in, &signed_in.session, Some(input.generation), None).await {
        Ok(codes) => Ok(show_codes(&signed_in, codes.backup_codes, false)),
        // Sent twice: they were made, and shown once.
        Err(error) if error.code == Code::Conflict => Ok(see_other("/security/backup-codes")),
        // The password was given before the factor was on: its code is wanted now.
        Err(error) if error.code == Code::SecondFactorRequired => Err(Code::SudoRequired.into()),
        Err(error) => Err(error),
    }
}

/// Which codes the page showed to be replaced.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CodesForm {
    generation: u64,
}

#[derive(Deserialize)]
pub(crate) struct OffQuery {
    #[serde(default)]
    with: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OffForm {
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    backup_code: Option<SecretString>,
}

/// What turning it off means, and the form that does.
pub(crate) async fn off_page(
    Sudo(signed_in): Sudo<SignedIn>,
    Query(query): Query<OffQuery>,
) -> Response {
    let (form, backup) = (FormState::default(), query.with == "backup");
    render(&Off { layout: layout(&signed_in), form, backup })
}

/// Turns it off.
pub(crate) async fn off_submit(
    Sudo(signed_in): Sudo<SignedIn>,
    Form(input): Form<OffForm>,
) -> Result<Response, Error> {
    let backup = input.backup_code.is_some();
    let proof = ProofInput::new(input.code, input.backup_code).parse();
    let done = match proof {
        Ok(proof) => disable(&signed_in, &signed_in.session, proof).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(()) => Ok(see_other("/security?done=off")),
        Err(error) => {
            let form = FormState::default().failed(at_its_field(error, backup))?;
            let page = Off { layout: layout(&signed_in), form, backup };
            Ok(page.form.respond(&page))
        }
    }
}
