//! Forms that only an elevated session may send. Where the elevation ran out before one was sent, the
//! way leads over `/sudo` back to its page, and what was typed comes along, sealed: it stands in an
//! address for a while.

use axum::extract::{FromRequest, FromRequestParts, Request};
use jiff::SignedDuration;
use serde::{Deserialize, de::DeserializeOwned};

use super::{Permission, Presented, SignedIn};
use crate::{
    app::App,
    error::{Code, Error},
    http::{decode_form, form_body},
};

/// What is longer would not fit into an address.
const MOST_KEPT_BYTES: usize = 3 * 1024;
/// The address is of no use any more after this time.
const KEPT_FOR: SignedDuration = SignedDuration::from_mins(30);

/// A form of an elevated session.
pub struct SudoForm<P, T>(pub P, pub T);

/// The fields of such a form.
pub trait SudoFields: DeserializeOwned {
    /// The path of the page that the form stands on, by the path that it is sent to.
    #[must_use]
    fn page(action: &str) -> &str {
        action
    }
}

impl<P, T> FromRequest<App> for SudoForm<P, T>
where
    P: Permission + AsRef<SignedIn>,
    T: SudoFields,
{
    type Rejection = Error;

    async fn from_request(request: Request, app: &App) -> Result<Self, Error> {
        let (mut parts, body) = request.into_parts();
        let who = P::check(Presented::from_request_parts(&mut parts, app).await?).await?;
        let form = form_body(Request::from_parts(parts, body)).await?;
        let signed_in = who.as_ref();
        if signed_in.is_elevated() {
            return Ok(Self(who, decode_form(&form)?));
        }
        let page = T::page(&signed_in.context.path);
        let back = keep(signed_in, page, &form)?;
        Err(Error { back: Some(back.into()), ..Code::SudoRequired.into() })
    }
}

/// The address at which the page shows what was typed, if that is not too much.
fn keep(signed_in: &SignedIn, page: &str, form: &[u8]) -> Result<String, Error> {
    if form.len() > MOST_KEPT_BYTES {
        return Ok(page.to_owned());
    }
    let app = &signed_in.app;
    let content = [now(signed_in).to_be_bytes().as_slice(), form].concat();
    let sealed = app.config.sealing()?.seal(&place(signed_in, page), &content, &app.random);
    let sealed = sealed.map_err(|error| Error::fault(Code::Internal, error))?;
    Ok(format!("{page}?kept={sealed}"))
}

fn now(signed_in: &SignedIn) -> i64 {
    signed_in.app.clock.now().as_second()
}

/// What is kept opens in its own session and on its own page alone.
fn place(signed_in: &SignedIn, page: &str) -> String {
    format!("form {} {} {page}", signed_in.tenant.account(), signed_in.session.id)
}

/// The query of the page of such a form.
#[derive(Deserialize)]
pub struct KeptForm {
    #[serde(default)]
    kept: String,
}

impl KeptForm {
    /// The form as it was sent a short while ago by a session that was not elevated, if it was; what
    /// does not open is none.
    #[must_use]
    pub fn open<T: SudoFields>(&self, signed_in: &SignedIn) -> Option<T> {
        let place = place(signed_in, &signed_in.context.path);
        let content = signed_in.app.config.sealing().ok()?.open(&place, &self.kept).ok()?;
        let (sent, form) = content.split_first_chunk()?;
        let age = now(signed_in) - i64::from_be_bytes(*sent);
        (age <= KEPT_FOR.as_secs()).then(|| decode_form(form).ok()).flatten()
    }
}
