//! "This was not me": the link in every mail about a change. Its button ends all sessions, locks
//! the password that somebody else may know, undoes a change of address, removes a second factor
//! and revokes API keys that were given out since, and goes on to setting a password anew.
//!
//! Whoever was in the account has such links too, for changes of its own. The time from the disowned
//! change on is therefore remembered, and links of that time do nothing: the earliest one wins,
//! whoever uses one first.

use askama::Template;
use axum::{extract::State, response::Response};
use jiff::Timestamp;
use serde::Deserialize;
use shared::{
    account::{Disowned, Email, EmailClaim, User, email_key, overview_key, user_key},
    app::App,
    audit::{Actor, Event, EventKind, record},
    auth::{
        ApiKey, Errand, InvalidOneTimeToken, Limit, Notice, OneTimeToken, PasswordHash,
        api_key_key, begin_epoch, keys_granted_since, one_time_secret, read_one_time, reserve,
    },
    error::{Code, Error},
    http::{Context, Form, PageQuery as Query},
    id::TokenId,
    outbox::{Job, OutboxRecord},
    table::{Condition, Read, Tenant, Transaction, Update},
    web::{Layout, render, see_other},
};

use crate::{
    factor::{Factor, factor_key},
    password::forgot,
};

/// Closes the account to whoever is in it; the token of the link that sets the password anew.
async fn close(app: &App, context: &Context, token: &str) -> Result<TokenId, Error> {
    let attempt = reserve(app, Limit::ADDRESS, &context.network()).await?;
    let (key, errand) = read_one_time(app, token).await?;
    let Errand::NotMe(notice) = errand else { return Err(InvalidOneTimeToken.into()) };
    let tenant = Tenant::of_record(notice.account);
    let place = user_key(tenant, notice.user);
    let keys = [place.clone(), factor_key(tenant, notice.user)];
    let mut items = app.table.batch(&keys, Read::Strong).await?;
    let user: User = items.take(&keys[0])?.ok_or(InvalidOneTimeToken)?;
    let factor: Option<Factor> = items.take(&keys[1])?;
    if user.disowned.is_some_and(|it| it.covers(notice.at)) {
        return Err(InvalidOneTimeToken.into());
    }

    // Read after the user, whose count of grants must still be the same in the end: none is missed.
    let given_out = keys_granted_since(app, tenant, notice.at).await?;

    let epoch = user.epoch + 1;
    let mut transaction = app.table.transaction();
    transaction.delete_if(&key, Condition::Exists, Code::InvalidLink);
    let mut update = Update::new()
        .set_serialized("password_hash", &PasswordHash::locked())?
        .set_serialized("disowned", &disowned(&user, &notice, app.clock.now()))?
        .set("epoch", epoch)
        .add("version", 1u64)
        .when(Condition::All(vec![
            Condition::Equals("epoch", user.epoch.into()),
            // A user of before grants were counted has none.
            Condition::Any(vec![
                Condition::Without("grants"),
                Condition::Equals("grants", user.grants.into()),
            ]),
        ]));
    let back = takes_address_back(app, &notice, &user).await?;
    if back {
        update = update.set("email", notice.to.as_str());
        take_back(&notice, &user.email, &mut transaction)?;
    }
    transaction.update(&place, update, Some(Code::Conflict));
    begin_epoch(&mut transaction, tenant, user.id, epoch, Code::Conflict);
    if let Some(factor) = factor.filter(|it| it.enabled_at.is_some_and(|at| notice.at <= at)) {
        let same = Condition::Equals("sealed", factor.sealed.into());
        transaction.delete_if(&keys[1], same, Code::Conflict);
    }
    revoke(app, context, &notice, given_out, &mut transaction);
    let reached = if back { &notice.to } else { &user.email };
    let reset = forgot::link(app, reached, &mut transaction);
    // The page goes on to the link at once; a page that is lost has it in the mail.
    let mail = OutboxRecord::new(Job::ResetMail { token: reset }, app.clock.now(), &app.random);
    transaction.put(&mail.key(), &mail);
    attempt.give_back(&mut transaction);
    let (kind, actor) = (EventKind::NotMe, Actor::Link { id: user.id });
    record(app, tenant, Event::new(kind, actor, context), &mut transaction);
    transaction.commit().await?;
    Ok(reset)
}

/// Whether the user was reached elsewhere before the change, and nobody else has that address now.
async fn takes_address_back(app: &App, notice: &Notice, user: &User) -> Result<bool, Error> {
    if notice.to.normalised() == user.email.normalised() {
        return Ok(false);
    }
    let key = email_key(&notice.to.normalised());
    let claim: Option<EmailClaim> = app.table.get(&key, Read::Strong).await?;
    Ok(claim.is_none())
}

/// Revokes keys and writes down which.
fn revoke(
    app: &App,
    context: &Context,
    notice: &Notice,
    keys: Vec<ApiKey>,
    transaction: &mut Transaction<'_, Code>,
) {
    let tenant = Tenant::of_record(notice.account);
    let mut count = 0i64;
    for key in keys {
        let same = Condition::Equals("version", key.version.into());
        transaction.delete_if(&api_key_key(tenant, key.id), same, Code::Conflict);
        let actor = Actor::Link { id: notice.user };
        let revoked = Event::new(EventKind::ApiKeyRevoked, actor, context);
        record(app, tenant, Event { subject: Some(key.name), ..revoked }, transaction);
        count += 1;
    }
    if count > 0 {
        let fewer = Update::new().add("api_keys", -count);
        transaction.update(&overview_key(tenant), fewer, None);
    }
}

/// From the earliest disowned change to now.
fn disowned(user: &User, notice: &Notice, now: Timestamp) -> Disowned {
    let earlier = user.disowned.map(|it| it.from).filter(|from| *from < notice.at);
    Disowned { from: earlier.unwrap_or(notice.at), to: now }
}

fn take_back(
    notice: &Notice,
    present: &Email,
    transaction: &mut Transaction<'_, Code>,
) -> Result<(), Error> {
    let claim = EmailClaim { account: notice.account, user: notice.user };
    transaction.create(&email_key(&notice.to.normalised()), &claim, Code::InvalidLink);
    let own = Condition::equals_serialized("user", &notice.user)?;
    transaction.delete_if(&email_key(&present.normalised()), own, Code::InvalidLink);
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
