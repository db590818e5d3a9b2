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
    auth::{Access, Principal, ReadScope, SignedIn},
    error::{Code, Error},
    http::{IfMatch, Json as Input},
    id::UserId,
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

async fn load(signed_in: &SignedIn) -> Result<Stored, Error> {
    load_of(signed_in, signed_in.session.user).await
}

/// The same as it is now, under a session that is not over.
async fn reload(signed_in: &SignedIn) -> Result<Stored, Error> {
    let tenant = signed_in.tenant;
    let keys = [user_key(tenant, signed_in.session.user), account_key(tenant)];
    let mut items = signed_in.app.table.batch(&keys, Read::Strong).await?;
    let user: User = items.take(&keys[0])?.ok_or(Code::Unauthenticated)?;
    let account = items.take(&keys[1])?.ok_or(Code::Unauthenticated)?;
    // One that ended the others itself asks again.
    if user.epoch != signed_in.session.epoch {
        return Err(Code::Unauthenticated.into());
    }
    Ok(Stored { user, account })
}

async fn load_of(access: &Access, user: UserId) -> Result<Stored, Error> {
    let key = user_key(access.tenant, user);
    let user: Option<User> = access.app.table.get(&key, Read::Strong).await?;
    Ok(Stored { user: user.ok_or(Code::Unauthenticated)?, account: access.account.clone() })
}

/// The user and the company. An API key sees who made it.
#[utoipa::path(
    get, path = "/v1/profile", operation_id = "profile", tag = "dashboard", security(("session" = []), ("api_key" = [])),
    responses(
        (status = 200, description = "The profile, with its version as `ETag`", body = Profile),
        (status = 401, description = "Not signed in", body = shared::http::Problem),
        (status = 403, description = "The API key may not read", body = shared::http::Problem),
    )
)]
pub(crate) async fn json(principal: Principal<ReadScope>) -> Result<Response, Error> {
    Ok(load_of(&principal, principal.user).await?.reply())
}

/// Changes the fields that are named and leaves the others.
#[utoipa::path(
    patch, path = "/v1/profile", operation_id = "change_profile", tag = "dashboard", security(("session" = [])),
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
    Ok(change::change(&signed_in, stored, &input, &if_match).await?.reply())
}
