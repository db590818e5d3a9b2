//! Forms that only an elevated session may send. Where the elevation ran out while one was being
//! filled in, the way leads over `/sudo` back to it, and what was typed comes along, sealed: it stands
//! in an address for a while.

use axum::extract::{FromRequest, FromRequestParts, Request};
use serde::{Deserialize, de::DeserializeOwned};

use super::{Permission, Presented, SignedIn};
use crate::{
    app::App,
    error::{Code, Error},
    http::{decode_form, form_body},
};

/// What is longer would not fit into an address.
const MOST_KEPT_BYTES: usize = 3 * 1024;

/// A form of an elevated session.
pub struct SudoForm<P, T>(pub P, pub T);

impl<P, T> FromRequest<App> for SudoForm<P, T>
where
    P: Permission + AsRef<SignedIn>,
    T: DeserializeOwned,
{
    type Rejection = Error;

    async fn from_request(request: Request, app: &App) -> Result<Self, Error> {
        let (mut parts, body) = request.into_parts();
        let who = P::check(Presented::from_request_parts(&mut parts, app).await?).await?;
        let form = form_body(Request::from_parts(parts, body)).await?;
        let signed_in = who.as_ref();
        if signed_in.session.is_elevated(app.clock.now()) {
            return Ok(Self(who, decode_form(&form)?));
        }
        Err(Error { back: keep(signed_in, &form)?, ..Code::SudoRequired.into() })
    }
}

/// Where the page of the form is found again with what was typed, if that is not too much.
fn keep(signed_in: &SignedIn, form: &[u8]) -> Result<Option<Box<str>>, Error> {
    if form.len() > MOST_KEPT_BYTES {
        return Ok(None);
    }
    let (app, path) = (&signed_in.app, &signed_in.context.path);
    let sealed = app.config.sealing.seal(&place(signed_in), form, &app.random);
    let sealed = sealed.map_err(|error| Error::fault(Code::Internal, error))?;
    Ok(Some(format!("{path}?kept={sealed}").into()))
}

/// What is kept opens in its own session and on its own page alone.
fn place(signed_in: &SignedIn) -> String {
    let (tenant, context) = (signed_in.tenant.account(), &signed_in.context);
    format!("form {tenant} {} {}", signed_in.session.id, context.path)
}

/// The query of the page of such a form.
#[derive(Deserialize)]
pub struct Kept {
    #[serde(default)]
    kept: String,
}

impl Kept {
    /// The form as it was sent when the elevation had run out, if it was; what does not open is none.
    #[must_use]
    pub fn form<T: DeserializeOwned>(&self, signed_in: &SignedIn) -> Option<T> {
        let form = signed_in.app.config.sealing.open(&place(signed_in), &self.kept).ok()?;
        decode_form(&form).ok()
    }
}
