//! Changing the password: the present one proves it, and all other sessions end.

use askama::Template;
use axum::{http::StatusCode, response::Response};
use secrecy::SecretString;
use serde::Deserialize;
use shared::{
    account::{User, user_key},
    audit::{Event, EventKind, record_and_tell},
    auth::{
        Caller, Limit, Session, SignedIn, hash_password, reserve, session_key, verify_password,
    },
    error::{Code, Error},
    http::{Form, Json},
    table::{Read, Update},
    web::{FormState, Layout, Nav, see_other},
};

use super::new_password;
use crate::cookie;

/// The present password and the next.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasswordInput {
    #[schema(value_type = String, format = "password")]
    current_password: SecretString,
    /// At least 8 characters and hard to guess.
    #[schema(format = "password")]
    new_password: String,
}

/// Changes it and ends all sessions but this one, which `own_update` changes.
async fn change(
    caller: &Caller,
    session: &Session,
    input: PasswordInput,
    own_update: Update,
) -> Result<(), Error> {
    let (app, tenant) = (&caller.app, caller.tenant);
    let key = user_key(tenant, session.user);
    let name = session.user.to_string();
    let (attempt, user) = tokio::join!(
        reserve(app, Limit::PASSWORD, &name),
        app.table.get::<User>(&key, Read::Strong)
    );
    let (attempt, user) = (attempt?, user?.ok_or(Code::Unauthenticated)?);
    let stored = Some(user.password_hash.clone());
    if !verify_password(input.current_password, stored).await? {
        return Err(Code::WrongPassword.into());
    }
    let (next, company) = (&input.new_password, &caller.account.company);
    let password = match new_password(next, &user, company, "new_password") {
        Ok(password) => password,
        Err(refused) => return Err(attempt.unused(app, refused).await),
    };
    let hash = hash_password(password, &app.random).await?;

    // The session's own: that of the user may have begun since the session was checked.
    let mut transaction = app.table.transaction();
    let password = Update::new().set_serialized("password_hash", &hash)?;
    let end = User::end_sessions(user.id, session.epoch).with(password);
    let epoch = end.epoch();
    end.write(tenant, &mut transaction, Code::Unauthenticated);
    let key = session_key(tenant, session.id);
    transaction.update(&key, own_update.set("epoch", epoch), Some(Code::Unauthenticated));
    attempt.give_back(&mut transaction);
    let event = Event::by(caller, EventKind::PasswordChanged, None);
    record_and_tell(app, tenant, &user, event, &mut transaction);
    Ok(transaction.commit().await?)
}

/// Changes the password and ends all other sessions.
#[utoipa::path(
    post, path = "/v1/security/password", operation_id = "change_password", tag = "security",
    request_body = PasswordInput,
    responses(
        (status = 204, description = "It is the new one; other sessions are over"),
        (status = 403, description = "The present password is wrong", body = shared::http::Problem),
        (status = 422, description = "The new password is not good enough", body = shared::http::Problem),
        (status = 429, description = "Too many failures", body = shared::http::Problem),
    )
)]
pub(crate) async fn json(
    signed_in: SignedIn,
    Json(input): Json<PasswordInput>,
) -> Result<StatusCode, Error> {
    let same_token = signed_in.session.if_same_secret();
    change(&signed_in, &signed_in.session, input, same_token).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Template)]
#[template(path = "password/change.html")]
struct Page {
    layout: Layout,
    form: FormState,
    email: String,
}

pub(crate) async fn page(signed_in: SignedIn) -> Result<Response, Error> {
    show(&signed_in, FormState::default()).await
}

async fn show(caller: &Caller, form: FormState) -> Result<Response, Error> {
    let key = user_key(caller.tenant, caller.person()?);
    let user: Option<User> = caller.app.table.get(&key, Read::Eventual).await?;
    let email = user.map(|user| user.email.to_string()).unwrap_or_default();
    let layout = Layout::portal(&caller.context, Nav::Security);
    let page = Page { layout, form, email };
    Ok(page.form.respond(&page))
}

pub(crate) async fn submit(
    signed_in: SignedIn,
    Form(input): Form<PasswordInput>,
) -> Result<Response, Error> {
    let (issued, another_token) =
        signed_in.session.with_new_secret(&signed_in.app, signed_in.tenant);
    match change(&signed_in, &signed_in.session, input, another_token).await {
        Ok(()) => Ok(cookie::signed_in(see_other("/security?done=password"), &issued.token)),
        Err(error) => {
            let error = match error.code {
                Code::WrongPassword => Error::field("current_password", "password_wrong"),
                _ => error,
            };
            show(&signed_in, FormState::default().failed(error)?).await
        }
    }
}
