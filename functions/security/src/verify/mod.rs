//! Confirming an address: the link of a registration makes it an account, the link of a change makes
//! it the account's address. Opening the link uses
//! nothing up, for programs that look at mails open links too; a button does.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use serde::Deserialize;
use shared::{
    account::{
        AccountKind, EmailClaim, Founder, FoundingRefused, User, email_key, found, user_key,
    },
    app::App,
    audit::{Event, EventKind, record_and_tell},
    auth::{
        self, AddressCheck, EmailChange, Errand, InvalidOneTimeToken, Limit, Registration,
        Reservation, one_time_key, read_one_time,
    },
    error::Error,
    http::{Context, Form, Json, Query},
    notify::undeliverable_key,
    table::{Condition, Key, Read, Tenant, Update},
    web::{Layout, render, see_other},
};

/// The token of a link.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct VerifyInput {
    /// As the mail's link carries it.
    #[schema(example = "mxt_...")]
    token: String,
}

/// What was confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirmed {
    /// A registration, which is an account now.
    Account,
    /// An account's new address.
    Address,
    /// The address that the account has.
    SameAddress,
}

/// Does what the link of an address is good for, once.
pub async fn confirm(app: &App, context: &Context, token: &str) -> Result<Confirmed, Error> {
    let reserved = auth::reserve(app, Limit::ADDRESS, &context.network()).await?;
    let (id, errand) = read_one_time(app, token).await?;
    let key = one_time_key(id);
    match errand {
        Errand::Registration(registration) => {
            begin(app, registration, &key, &reserved).await.map(|()| Confirmed::Account)
        }
        Errand::EmailChange(change) => {
            let changed = change_address(app, context, change, &key, &reserved).await;
            changed.map(|()| Confirmed::Address)
        }
        Errand::AddressCheck(check) => {
            check_address(app, &check, &key, &reserved).await.map(|()| Confirmed::SameAddress)
        }
        Errand::Reset(_) | Errand::NotMe(_) | Errand::Word(_) => Err(InvalidOneTimeToken.into()),
    }
}

/// Makes a registration an account.
async fn begin(
    app: &App,
    registration: Registration,
    token: &Key,
    reserved: &Reservation,
) -> Result<(), Error> {
    let founder = Founder {
        kind: AccountKind::Client,
        plan: app.plans.default_plan().clone(),
        email: registration.email,
        password_hash: registration.password_hash,
        name: registration.name,
        company: registration.company,
        locale: registration.locale,
    };
    let mut transaction = app.table.transaction();
    found(app, founder, &mut transaction);
    transaction.delete_if(token, Condition::Exists, FoundingRefused::LinkUsed);
    reserved.give_back(&mut transaction);
    Ok(transaction.commit().await?)
}

/// Makes a confirmed address the one that the user signs in with; the old one is told.
async fn change_address(
    app: &App,
    context: &Context,
    change: EmailChange,
    token: &Key,
    reserved: &Reservation,
) -> Result<(), Error> {
    let tenant = Tenant::of_record(&change);
    let key = user_key(tenant, change.user);
    let user: User = app.table.get(&key, Read::Strong).await?.ok_or(InvalidOneTimeToken)?;
    let refused = FoundingRefused::LinkUsed;
    let mut transaction = app.table.transaction();
    transaction.delete_if(token, Condition::Exists, refused);
    let claim = EmailClaim::new(tenant, change.user);
    let taken = FoundingRefused::AddressTaken;
    transaction.create(&email_key(&change.to.normalised()), &claim, taken);
    transaction.delete(&undeliverable_key(tenant, &change.to));
    let old = email_key(&change.from.normalised());
    transaction.delete_if(&old, Condition::equals_serialized("user", &change.user)?, refused);
    let same = Condition::All(vec![
        Condition::Equals("email", change.from.as_str().into()),
        Condition::Equals("epoch", change.epoch.into()),
    ]);
    let update = Update::new().set("email", change.to.as_str()).add("version", 1u64).when(same);
    transaction.update(&key, update, Some(refused));
    let to = Some(change.to.to_string());
    let event = Event::by_link(user.id, context, EventKind::EmailChanged, to);
    record_and_tell(app, tenant, &user, event, &mut transaction);
    reserved.give_back(&mut transaction);
    Ok(transaction.commit().await?)
}

/// Somebody reads what is mailed to an account's address: notices are sent there again.
async fn check_address(
    app: &App,
    check: &AddressCheck,
    token: &Key,
    reserved: &Reservation,
) -> Result<(), Error> {
    let tenant = Tenant::of_record(check);
    let key = user_key(tenant, check.user);
    let mut transaction = app.table.transaction();
    transaction.delete_if(token, Condition::Exists, FoundingRefused::LinkUsed);
    let same = Condition::Equals("email", check.email.as_str().into());
    transaction.check(&key, same, FoundingRefused::LinkUsed);
    transaction.delete(&undeliverable_key(tenant, &check.email));
    reserved.give_back(&mut transaction);
    Ok(transaction.commit().await?)
}

/// Confirms an address with the token of its mail; the account begins here.
#[utoipa::path(
    post, path = "/v1/auth/verify-email", operation_id = "verify_email", tag = "security",
    request_body = VerifyInput,
    responses(
        (status = 204, description = "The account is ready"),
        (status = 422, description = "The link is wrong, used or expired", body = shared::http::Problem),
        (status = 429, description = "Too many failures", body = shared::http::Problem),
    )
)]
pub(crate) async fn json(
    State(app): State<App>,
    context: Context,
    Json(input): Json<VerifyInput>,
) -> Result<StatusCode, Error> {
    confirm(&app, &context, &input.token).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
pub(crate) struct Link {
    #[serde(default)]
    token: String,
}

#[derive(Template)]
#[template(path = "verify/page.html")]
struct Page {
    layout: Layout,
    token: String,
}

pub(crate) async fn page(context: Context, Query(link): Query<Link>) -> Response {
    render(&Page { layout: Layout::public(&context), token: link.token })
}

pub(crate) async fn submit(
    State(app): State<App>,
    context: Context,
    Form(input): Form<VerifyInput>,
) -> Result<Response, Error> {
    Ok(see_other(match confirm(&app, &context, &input.token).await? {
        Confirmed::Account => "/login?verified=1",
        Confirmed::Address => "/login?changed=1",
        Confirmed::SameAddress => "/notifications/preferences?done=confirmed",
    }))
}
