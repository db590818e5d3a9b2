//! `Idempotency-Key`: a request that creates something and is sent again, because its reply was
//! lost, gets the first reply again and creates nothing.
//!
//! The reply is written in the transaction of what it tells, so there is no moment at which one is
//! there without the other. It is sealed: it may hold a secret that is shown once.

use axum::{
    extract::{FromRequest, FromRequestParts, Request},
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

use super::input::{decode_json_object, json_body_if_any};
use crate::{
    app::App,
    auth::Caller,
    error::{Code, Error},
    table::{Condition, Key, Read, Transaction},
};

/// A reply is given again for so long.
const KEPT: SignedDuration = SignedDuration::from_hours(24);
const MOST_CHARACTERS: usize = 255;

/// What makes sending a request again harmless, where the request says nothing else.
pub struct IdempotencyKey(Option<String>);

impl<S: Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        Self::of(&parts.headers)
    }
}

impl IdempotencyKey {
    fn of(headers: &HeaderMap) -> Result<Self, Error> {
        let key = headers.get("idempotency-key").map(HeaderValue::to_str).transpose();
        let key = key.map_err(|_| Error::field("idempotency-key", "characters_invisible"))?;
        if key.is_some_and(|key| key.is_empty() || key.len() > MOST_CHARACTERS) {
            return Err(Error::field("idempotency-key", "too_long"));
        }
        Ok(Self(key.map(str::to_owned)))
    }

    /// What a form carries that is to be taken once: its key is a number of its page's own.
    pub fn of_form(caller: &Caller, route: &str, key: &str, body: &[&[u8]]) -> Result<Once, Error> {
        let hash = body.iter().fold(Sha256::new(), |hash, part| {
            hash.chain_update((part.len() as u64).to_be_bytes()).chain_update(part)
        });
        let key = Some(key).filter(|it| !it.is_empty() && it.len() <= MOST_CHARACTERS);
        Self(key.map(str::to_owned)).once_with(caller, route, hex::encode(hash.finalize()))
    }

    /// What knows whether the request was served: by account, principal, route and key.
    pub fn once(self, caller: &Caller, route: &str) -> Result<Once, Error> {
        self.once_with(caller, route, String::new())
    }

    fn once_with(self, caller: &Caller, route: &str, body_hash: String) -> Result<Once, Error> {
        let place = self.0.map(|key| -> Result<_, Error> {
            let who = caller.principal.identity();
            let parts = [who.as_bytes(), route.as_bytes(), key.as_bytes()];
            let name = caller.app.config.keyed_hash("idempotency", &parts)?;
            let name = hex::encode(name);
            let key = Key::of(caller.tenant, format_args!("IDEMPOTENCY#{name}"));
            Ok((key, format!("idempotency {} {name}", caller.tenant.account())))
        });
        Ok(Once { place: place.transpose()?, body_hash })
    }
}

/// A JSON body, and the key that makes sending it again harmless.
pub struct Repeatable<T> {
    /// The body.
    pub input: T,
    key: IdempotencyKey,
    body_hash: String,
}

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for Repeatable<T> {
    type Rejection = Error;

    async fn from_request(request: Request, _: &S) -> Result<Self, Error> {
        let key = IdempotencyKey::of(request.headers())?;
        let bytes = json_body_if_any(request).await?;
        let body_hash = hex::encode(Sha256::digest(&bytes));
        Ok(Self { input: decode_json_object(&bytes)?, key, body_hash })
    }
}

/// A request that may be one that was served already.
pub struct Once {
    place: Option<(Key, String)>,
    body_hash: String,
}

/// A reply as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    body_hash: String,
    status: u16,
    sealed: String,
    expires_at: i64,
}

impl<T> Repeatable<T> {
    /// The body, and what knows whether it was served: by account, principal, route and key.
    pub fn once(self, caller: &Caller, route: &str) -> Result<(T, Once), Error> {
        Ok((self.input, self.key.once_with(caller, route, self.body_hash)?))
    }
}

/// A JSON reply that was put together already.
#[must_use]
pub fn json_reply(status: StatusCode, body: String) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

impl Once {
    /// The first reply to this request, if it was served already.
    pub async fn earlier(&self, app: &App) -> Result<Option<(StatusCode, String)>, Error> {
        let Some((key, place)) = &self.place else { return Ok(None) };
        let kept: Option<Kept> = app.table.get(key, Read::Strong).await?;
        let Some(kept) = kept.filter(|it| app.clock.now().as_second() < it.expires_at) else {
            return Ok(None);
        };
        if kept.body_hash != self.body_hash {
            return Err(Code::IdempotencyKeyReused.into());
        }
        let opened = app.config.sealing()?.open(place, &kept.sealed);
        let body = opened.map_err(|error| Error::fault(Code::Internal, error))?;
        let body = String::from_utf8(body).map_err(|error| Error::fault(Code::Internal, error))?;
        Ok(Some((StatusCode::from_u16(kept.status).unwrap_or(StatusCode::OK), body)))
    }

    /// The first reply to the same request, which was being served while this one was refused for a
    /// conflict; gives every other error back.
    pub async fn other(&self, app: &App, error: Error) -> Result<(StatusCode, String), Error> {
        if error.code != Code::Conflict {
            return Err(error);
        }
        self.earlier(app).await?.ok_or(error)
    }

    /// Keeps the reply with what it tells of; `refused` means that another request was first.
    pub fn keep<R: Clone>(
        &self,
        app: &App,
        status: StatusCode,
        body: &str,
        transaction: &mut Transaction<'_, R>,
        refused: R,
    ) -> Result<(), Error> {
        let Some((key, place)) = &self.place else { return Ok(()) };
        let sealed = app
            .config
            .sealing()?
            .seal(place, body.as_bytes(), &app.random)
            .map_err(|error| Error::fault(Code::Internal, error))?;
        let now = app.clock.now().as_second();
        let kept = Kept {
            body_hash: self.body_hash.clone(),
            status: status.as_u16(),
            sealed,
            expires_at: now + KEPT.as_secs(),
        };
        let free =
            Condition::Any(vec![Condition::Absent, Condition::AtMost("expires_at", now.into())]);
        transaction.put_if(key, &kept, free, refused);
        Ok(())
    }
}
