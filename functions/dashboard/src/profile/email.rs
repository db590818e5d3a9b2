//! A new address: asked for here, confirmed by the link that is mailed to it. Until then the old one
//! counts; it is told at once.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;
use shared::{
    account::{Email, User},
    audit::{Event, EventKind, record_and_tell},
    auth::{Caller, EmailChange, Errand, KeptForm, SignedIn, Sudo, SudoFields, SudoForm},
    error::{Code, Error},
    http::{IfMatch, PageQuery as Query},
    notify::send_link,
    table::Transaction,
    web::{FormState, Layout, Nav, see_other},
};

use super::{
    change::{ProfileInput, change},
    load,
};

/// Mails the link to an elevated session's new address. Whether the address has an account is found
/// out by the mailer, where nobody can watch.
pub(super) fn ask(
    caller: &Caller,
    user: &User,
    to: Email,
    transaction: &mut Transaction<'_, Code>,
) -> Result<(), Error> {
    let (app, tenant) = (&caller.app, caller.tenant);
    let event = Event::by(caller, EventKind::EmailChangeAsked, Some(to.to_string()));
    let errand = Errand::EmailChange(EmailChange {
        account: tenant.owner(),
        user: user.id,
        from: user.email.clone(),
        to,
        epoch: user.epoch,
        name: user.name.clone(),
        locale: user.locale,
    });
    send_link(app, app.clock.now(), errand, transaction)?;
    record_and_tell(app, tenant, user, event, transaction);
    Ok(())
}

#[derive(Template)]
#[template(path = "profile/email.html")]
struct Page {
    layout: Layout,
    form: FormState,
    present: String,
}

/// The form of a new address.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EmailForm {
    email: String,
}

impl SudoFields for EmailForm {}

impl EmailForm {
    fn state(&self) -> FormState {
        FormState::filled(vec![("email", self.email.clone())])
    }
}

pub(crate) async fn page(
    Sudo(signed_in): Sudo<SignedIn>,
    Query(kept): Query<KeptForm>,
) -> Result<Response, Error> {
    let form = match kept.open::<EmailForm>(&signed_in) {
        Some(form) => form.state().kept(),
        None => EmailForm::default().state(),
    };
    show(&signed_in, form).await
}

async fn show(caller: &Caller, form: FormState) -> Result<Response, Error> {
    let present = load(caller).await?.user.email.to_string();
    let layout = Layout::portal(&caller.context, Nav::Profile);
    let page = Page { layout, form, present };
    Ok(page.form.respond(&page))
}

pub(crate) async fn submit(
    SudoForm(signed_in, input): SudoForm<SignedIn, EmailForm>,
) -> Result<Response, Error> {
    let (form, email) = (input.state(), input.email);
    let stored = load(&signed_in).await?;
    let present = stored.user.email.normalised();
    if email.trim().eq_ignore_ascii_case(&present) {
        return show(&signed_in, form.failed(Error::field("email", "email_same"))?).await;
    }
    let input = ProfileInput { email: Some(email), ..ProfileInput::default() };
    match change(&signed_in, &signed_in.session, stored, &input, &IfMatch::any()).await {
        Ok(_) => Ok(see_other("/profile?mailed=1")),
        Err(error) => show(&signed_in, form.failed(error)?).await,
    }
}
