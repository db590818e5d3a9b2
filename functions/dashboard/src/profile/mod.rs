//! The profile: who one is, and how pages look.

mod change;
pub(crate) mod email;
mod page;

use axum::{
    Json,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use shared::{
    account::{Account, Email, User, account_key, user_key},
    auth::{Anyone, Caller, ReadScope, Session, SignedIn},
    country::Country,
    error::{Code, Error},
    http::{IfMatch, Json as Input},
    table::Read,
    web::{Digits, Language, Theme},
};

pub(crate) use change::ProfileInput;
pub(crate) use page::{language, page, submit, theme};

/// The profile of the one who asks.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Profile {
    name: String,
    company: String,
    #[schema(value_type = String, format = "email")]
    email: Email,
    locale: Language,
    /// The zone that was chosen; it counts from the next billing period after the choice.
    #[schema(example = "Africa/Cairo")]
    time_zone: String,
    digits: Digits,
    theme: Theme,
    billing_address: String,
    /// Where that is, ISO 3166-1: it chooses the tax on invoices.
    #[schema(value_type = Option<String>, example = "SA")]
    billing_country: Option<Country>,
    tax_id: String,
}

impl Profile {
    fn new(user: &User, account: &Account) -> Self {
        Self {
            name: user.name.clone(),
            company: account.company.clone(),
            email: user.email.clone(),
            locale: user.locale,
            time_zone: account.zones.chosen().name().to_owned(),
            digits: user.digits,
            theme: user.theme,
            billing_address: account.billing_address.clone(),
            billing_country: account.billing_country,
            tax_id: account.tax_id.clone(),
        }
    }
}

/// User and account: the profile's two items.
struct Stored {
    user: User,
    account: Account,
}

impl Stored {
    fn etag(&self) -> String {
        format!("\"{}-{}\"", self.user.version, self.account.version)
    }

    fn profile(&self) -> Profile {
        Profile::new(&self.user, &self.account)
    }

    fn reply(&self) -> Response {
        let mut headers = HeaderMap::new();
        if let Ok(etag) = HeaderValue::from_str(&self.etag()) {
            headers.insert(header::ETAG, etag);
        }
        (headers, Json(self.profile())).into_response()
    }
}

async fn load(caller: &Caller) -> Result<Stored, Error> {
    let key = user_key(caller.tenant, caller.user()?);
    let user: Option<User> = caller.app.table.get(&key, Read::Strong).await?;
    Ok(Stored { user: user.ok_or(Code::Unauthenticated)?, account: caller.account.clone() })
}

/// The same as it is now, under a session that is not over.
async fn reload(caller: &Caller, session: &Session) -> Result<Stored, Error> {
    let tenant = caller.tenant;
    let keys = [user_key(tenant, session.user), account_key(tenant)];
    let mut items = caller.app.table.batch(&keys, Read::Strong).await?;
    let user: User = items.take(&keys[0])?.ok_or(Code::Unauthenticated)?;
    let account = items.take(&keys[1])?.ok_or(Code::Unauthenticated)?;
    // One that ended the others itself asks again.
    if user.epoch != session.epoch {
        return Err(Code::Unauthenticated.into());
    }
    Ok(Stored { user, account })
}

/// The user and the company. An API key sees who made it.
#[utoipa::path(
    get, path = "/v1/profile", operation_id = "profile", tag = "dashboard",
    responses(
        (status = 200, description = "The profile, with its version as `ETag`", body = Profile),
    )
)]
pub(crate) async fn json(anyone: Anyone<ReadScope>) -> Result<Response, Error> {
    Ok(load(&anyone).await?.reply())
}

/// Changes the fields that are named and leaves the others.
#[utoipa::path(
    patch, path = "/v1/profile", operation_id = "change_profile", tag = "dashboard",
    request_body = ProfileInput,
    params(("If-Match" = Option<String>, Header, description = "The version to change")),
    responses(
        (status = 200, description = "The profile as it is now", body = Profile),
        (status = 400, description = "A field is not known", body = shared::http::Problem),
        (status = 403, description = "A new address, and the password or a code is wanted again", body = shared::http::Problem),
        (status = 409, description = "Somebody else changed it in the same moment", body = shared::http::Problem),
        (status = 412, description = "It is another version now", body = shared::http::Problem),
        (status = 422, description = "A field is not valid", body = shared::http::Problem),
    )
)]
pub(crate) async fn patch(
    signed_in: SignedIn,
    if_match: IfMatch,
    Input(input): Input<ProfileInput>,
) -> Result<Response, Error> {
    let stored = load(&signed_in).await?;
    if_match.require(&stored.etag())?;
    Ok(change::change(&signed_in, &signed_in.session, stored, &input, &if_match).await?.reply())
}
