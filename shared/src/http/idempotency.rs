//! `Idempotency-Key`: a request that creates something and is sent again, because its reply was
//! lost, gets the first reply again and creates nothing.
//!
//! The reply is written in the transaction of what it tells, so there is no moment at which one is
//! there without the other. It is sealed: it may hold a secret that is shown once.

use axum::{
    extract::{FromRequest, Request},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

use super::input::{decode_json_object, json_body};
use crate::{
    app::App,
    auth::SignedIn,
    error::{Code, Error},
    table::{Condition, Key, Read, Transaction},
};

/// A reply is given again for so long.
const KEPT: SignedDuration = SignedDuration::from_hours(24);
const MOST_CHARACTERS: usize = 255;

/// A JSON body, and the key that makes sending it again harmless.
pub struct Repeatable<T> {
    /// The body.
    pub input: T,
    key: Option<String>,
    body_hash: String,
}

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for Repeatable<T> {
    type Rejection = Error;

    async fn from_request(request: Request, _: &S) -> Result<Self, Error> {
        let key = request.headers().get("idempotency-key").cloned();
        let bytes = json_body(request).await?;
        let key = key.map(|key| key.to_str().map(str::to_owned)).transpose();
        let key = key.map_err(|_| Error::field("idempotency-key", "characters_invisible"))?;
        if key.as_ref().is_some_and(|key| key.is_empty() || key.len() > MOST_CHARACTERS) {
            return Err(Error::field("idempotency-key", "too_long"));
        }
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
    /// The body, and what knows whether it was served: by account, user, route and key.
    #[must_use]
    pub fn once(self, signed_in: &SignedIn, route: &str) -> (T, Once) {
        let place = self.key.map(|key| {
            let user = signed_in.session.user.to_string();
            let parts = [user.as_bytes(), route.as_bytes(), key.as_bytes()];
            let name = signed_in.app.config.keyed_hash("idempotency", &parts);
            let name = hex::encode(name);
            let key = Key::of(signed_in.tenant, format_args!("IDEMPOTENCY#{name}"));
            (key, format!("idempotency {} {name}", signed_in.tenant.account()))
        });
        (self.input, Once { place, body_hash: self.body_hash })
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
        let opened = app.config.sealing.open(place, &kept.sealed);
        let body = opened.map_err(|error| Error::fault(Code::Internal, error))?;
        let body = String::from_utf8(body).map_err(|error| Error::fault(Code::Internal, error))?;
        Ok(Some((StatusCode::from_u16(kept.status).unwrap_or(StatusCode::OK), body)))
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
            .sealing
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
