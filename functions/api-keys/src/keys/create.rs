//! Making an API key. The plan's limit is a condition of the same transaction: keys that are made
//! at once never are more.

use axum::{http::StatusCode, response::Response};
use shared::{
    account::{Count, User, user_key},
    audit::{Event, EventKind, record_and_tell},
    auth::{Caller, Client, NewApiKey, Sudo, api_key_key, if_still_signed_in, most_api_keys},
    error::{Code, Error},
    http::{Once, Repeatable},
    id::KeyId,
    table::{Cancelled, Read},
};

use super::{SecretReply, body, input::KeyInput, reply};

/// Why a key is not made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum NotMade {
    /// The plan has no more.
    LimitReached,
    /// It was made already, by the same request.
    Already,
    /// All of the user's sessions were ended meanwhile.
    SignedOut,
}

impl From<NotMade> for Error {
    fn from(refused: NotMade) -> Self {
        match refused {
            NotMade::LimitReached => Code::KeyLimitReached.into(),
            NotMade::Already => Code::Conflict.into(),
            NotMade::SignedOut => Code::Unauthenticated.into(),
        }
    }
}

/// Makes a key under an id that the caller chose: a second time it is refused.
pub(super) async fn create(
    caller: &Caller,
    id: KeyId,
    input: &KeyInput,
    once: Option<&Once>,
) -> Result<Result<SecretReply, NotMade>, Error> {
    let (app, tenant) = (&caller.app, caller.tenant);
    let valid = input.parse(caller.role()?, app.clock.now())?;
    let user: Option<User> =
        app.table.get(&user_key(tenant, caller.person()?), Read::Strong).await?;
    let user = user.ok_or(Code::Unauthenticated)?;
    // After that, so that the word of it goes where the user was reached at this moment.
    let now = app.clock.now();
    let new = NewApiKey {
        id,
        name: valid.name,
        user: user.id,
        scopes: valid.scopes,
        ends_at: valid.ends_at,
        allowed_ips: valid.allowed_ips,
        monthly_cost_limit: valid.monthly_cost_limit,
    };
    let (key, secret) = new.make(tenant, now, &app.random);
    let made = Event::by(caller, EventKind::ApiKeyMade, Some(key.name.clone())).at(now);

    let mut transaction = app.table.transaction();
    if_still_signed_in(caller, &mut transaction, NotMade::SignedOut);
    // What was made already is told before what is full.
    transaction.create(&api_key_key(tenant, id), &key, NotMade::Already);
    let reply = SecretReply { key: key.into(), secret };
    if let Some(once) = once {
        let body = body(&reply)?;
        once.keep(app, StatusCode::CREATED, &body, &mut transaction, NotMade::Already)?;
    }
    let most = most_api_keys(caller)?;
    Count::ApiKeys.one_more(tenant, most, &mut transaction, NotMade::LimitReached);
    record_and_tell(app, tenant, &user, made, &mut transaction);
    match transaction.commit().await {
        Ok(()) => Ok(Ok(reply)),
        Err(Cancelled::Failed(error)) => Err(error.into()),
        Err(Cancelled::Refused(refusals)) => {
            Ok(Err(refusals.first().copied().unwrap_or(NotMade::LimitReached)))
        }
    }
}

/// Makes an API key; its secret is shown once.
#[utoipa::path(
    post, path = "/v1/api-keys", operation_id = "create_api_key", tag = "api-keys",
    request_body = KeyInput,
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255, description = "Sent again, the request gets the first reply again")),
    responses(
        (status = 201, description = "The key with its secret", body = SecretReply),
        (status = 409, description = "The plan has no more keys", body = shared::http::Problem),
        (status = 422, description = "Fields are not valid, or the idempotency key was used with another body", body = shared::http::Problem),
    )
)]
pub(crate) async fn json(
    Sudo(Client(signed_in)): Sudo<Client>,
    repeatable: Repeatable<KeyInput>,
) -> Result<Response, Error> {
    let app = &signed_in.app;
    let (input, once) = repeatable.once(&signed_in, "POST /v1/api-keys")?;
    if let Some((status, body)) = once.earlier(app).await? {
        return Ok(reply(status, body));
    }
    let id = KeyId::new(app.clock.now(), &app.random);
    match create(&signed_in, id, &input, Some(&once)).await? {
        Ok(made) => Ok(reply(StatusCode::CREATED, body(&made)?)),
        // The same request, sent twice at once: the other one was first.
        Err(NotMade::Already) => {
            let earlier = once.earlier(app).await?.ok_or(Code::Conflict)?;
            Ok(reply(earlier.0, earlier.1))
        }
        Err(refused) => Err(refused.into()),
    }
}
