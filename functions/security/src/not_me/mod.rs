//! "This was not me": the link in every mail about a change. Its button ends all sessions, locks
//! the password that somebody else may know, undoes a change of address, and goes on to setting a
//! password anew.

use askama::Template;
use axum::{extract::State, response::Response};
use serde::Deserialize;
use shared::{
    account::{Email, EmailClaim, User, email_key, user_key},
    app::App,
    audit::{Actor, Event, EventKind, record},
    auth::{
        Errand, InvalidOneTimeToken, Limit, Notice, OneTimeToken, PasswordHash, begin_epoch,
        one_time_secret, read_one_time, reserve,
    },
    error::{Code, Error},
    http::{Context, Form, PageQuery as Query},
    id::TokenId,
    table::{Condition, Read, Tenant, Transaction, Update},
    web::{Layout, render, see_other},
};

use crate::password::forgot;

/// Closes the account to whoever is in it; the token of the link that sets the password anew.
async fn close(app: &App, context: &Context, token: &str) -> Result<TokenId, Error> {
    let attempt = reserve(app, Limit::ADDRESS, &context.network()).await?;
    let (key, errand) = read_one_time(app, token).await?;
    let Errand::NotMe(notice) = errand else { return Err(InvalidOneTimeToken.into()) };
    let tenant = Tenant::of_record(notice.account);
    let place = user_key(tenant, notice.user);
    let user: User = app.table.get(&place, Read::Strong).await?.ok_or(InvalidOneTimeToken)?;

    let epoch = user.epoch + 1;
    let mut transaction = app.table.transaction();
    transaction.delete(&key, Condition::Exists, Code::InvalidLink);
    let mut update = Update::new()
        .set_serialized("password_hash", &PasswordHash::locked())?
        .set("epoch", epoch)
        .add("version", 1u64)
        .when(Condition::Equals("epoch", user.epoch.into()));
    if takes_address_back(&notice, &user) {
        update = update.set("email", notice.to.as_str());
        take_back(&notice, &user.email, &mut transaction)?;
    }
    transaction.update(&place, update, Some(Code::Conflict));
    begin_epoch(&mut transaction, tenant, user.id, epoch, Code::Conflict);
    let reset = forgot::link(app, &notice.to, &mut transaction);
    attempt.give_back(&mut transaction);
    let (kind, actor) = (EventKind::NotMe, Actor::Link { id: user.id });
    record(app, tenant, Event { kind, actor, subject: None, context }, &mut transaction);
    transaction.commit().await?;
    Ok(reset)
}

/// The word of a new address went to the old one.
fn takes_address_back(notice: &Notice, user: &User) -> bool {
    notice.kind == EventKind::EmailChanged && notice.to.normalised() != user.email.normalised()
}

fn take_back(
    notice: &Notice,
    present: &Email,
    transaction: &mut Transaction<'_, Code>,
) -> Result<(), Error> {
    let claim = EmailClaim { account: notice.account, user: notice.user };
    transaction.create(&email_key(&notice.to.normalised()), &claim, Code::InvalidLink);
    let own = Condition::equals_serialized("user", &notice.user)?;
    transaction.delete(&email_key(&present.normalised()), own, Code::InvalidLink);
    Ok(())
}

#[derive(Template)]
#[template(path = "not_me/page.html")]
struct Page {
    layout: Layout,
    token: String,
}

/// The token of a link.
#[derive(Deserialize)]
pub(crate) struct Link {
    #[serde(default)]
    token: String,
}

pub(crate) async fn page(context: Context, Query(link): Query<Link>) -> Response {
    render(&Page { layout: Layout::public(&context), token: link.token })
}

pub(crate) async fn submit(
    State(app): State<App>,
    context: Context,
    Form(link): Form<Link>,
) -> Result<Response, Error> {
    let id = close(&app, &context, &link.token).await?;
    let token = OneTimeToken { id, secret: one_time_secret(&app.config, id) };
    Ok(see_other(&format!("/reset?token={token}")))
}
