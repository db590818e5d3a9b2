//! "This was not me": the link in every mail about a change. Its button ends all sessions, locks
//! the password that somebody else may know, undoes a change of address, removes a second factor,
//! voids backup codes and revokes API keys that were given out since, and goes on to setting a
//! password anew.
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
    table::{Condition, Key, Read, Tenant, Transaction, Update},
    web::{Layout, render, see_other},
};

use crate::{
    factor::{Factor, Slot, factor_key},
    password::forgot,
};

/// Whoever is in the account can begin new epochs too, but not so many between a read and a write.
const LEAP: u64 = 64;

/// Closes the account to whoever is in it and undoes what came of that; the token of the link that
/// sets the password anew.
async fn close(app: &App, context: &Context, token: &str) -> Result<TokenId, Error> {
    let attempt = reserve(app, Limit::ADDRESS, &context.network()).await?;
    let (key, errand) = read_one_time(app, token).await?;
    let Errand::NotMe(notice) = errand else { return Err(InvalidOneTimeToken.into()) };
    let tenant = Tenant::of_record(notice.account);
    let epoch = lock(app, tenant, &notice).await?;

    // From here on nothing more comes of the sessions of before: what is read now is all.
    let keys = [user_key(tenant, notice.user), factor_key(tenant, notice.user)];
    let (items, given_out) = tokio::join!(
        app.table.batch(&keys, Read::Strong),
        keys_granted_since(app, tenant, notice.at)
    );
    let (mut items, given_out) = (items?, given_out?);
    let user: User = items.take(&keys[0])?.ok_or(InvalidOneTimeToken)?;
    let mut transaction = app.table.transaction();
    transaction.delete_if(&key, Condition::Exists, Code::InvalidLink);
    let mut update = Update::new()
        .set_serialized("disowned", &disowned(&user, &notice, app.clock.now()))?
        .add("version", 1u64)
        .when(Condition::Equals("epoch", epoch.into()));
    let back = takes_address_back(app, &notice, &user).await?;
    if back {
        update = update.set("email", notice.to.as_str());
        take_back(&notice, &user.email, &mut transaction)?;
    }
    transaction.update(&keys[0], update, Some(Code::Conflict));
    if let Some(factor) = items.take(&keys[1])? {
        undo_factor(&keys[1], &factor, &notice, &mut transaction)?;
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

/// Locks the password and ends all sessions; the epoch that begins. The link stays good until the
/// rest is done: whatever fails after this, the button can be pressed again.
async fn lock(app: &App, tenant: Tenant, notice: &Notice) -> Result<u64, Error> {
    let place = user_key(tenant, notice.user);
    let user: Option<User> = app.table.get(&place, Read::Strong).await?;
    let user = user.ok_or(InvalidOneTimeToken)?;
    if user.disowned.is_some_and(|it| it.covers(notice.at)) {
        return Err(InvalidOneTimeToken.into());
    }
    let epoch = user.epoch + LEAP;
    let locked = Update::new()
        .set_serialized("password_hash", &PasswordHash::locked())?
        .set("epoch", epoch)
        .add("version", 1u64)
        .when(Condition::Less("epoch", epoch.into()));
    let mut transaction = app.table.transaction();
    transaction.update(&place, locked, Some(Code::Conflict));
    begin_epoch(&mut transaction, tenant, user.id, epoch, Code::Conflict);
    transaction.commit().await?;
    Ok(epoch)
}

/// Removes a second factor that was turned on since, or begun with; voids backup codes that were
/// made since.
fn undo_factor(
    place: &Key,
    factor: &Factor,
    notice: &Notice,
    transaction: &mut Transaction<'_, Code>,
) -> Result<(), Error> {
    let since = |at: Timestamp| notice.at <= at;
    let same = Condition::Equals("sealed", factor.sealed.as_str().into());
    if factor.enabled_at.is_none_or(since) {
        transaction.delete_if(place, same, Code::Conflict);
    } else if factor.codes_made_at.is_some_and(since) {
        let voided = Update::new()
            .set_serialized("slots", &Vec::<Slot>::new())?
            .set("generation", factor.generation + 1)
            .when(same);
        transaction.update(place, voided, Some(Code::Conflict));
    }
    Ok(())
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
