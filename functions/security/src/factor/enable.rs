//! Beginning with a second factor: a secret for the program that makes codes. It is asked for only
//! once a first code has shown that the program has it.

use fast_qr::{
    QRBuilder,
    convert::{Builder as _, svg::SvgBuilder},
};
use serde::Serialize;
use shared::{
    account::{User, user_key},
    app::App,
    auth::{Caller, SignedIn, Sudo, if_still_signed_in},
    error::{Code, Error},
    table::{Condition, Read, Tenant},
    web::{Preferences, Text},
};

use super::{Factor, factor_key, totp::TotpSecret};

/// What the program for codes needs, shown once.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Enrolment {
    /// Base32, to be typed.
    pub(super) secret: String,
    /// `otpauth://totp/...`.
    pub(super) otpauth_url: String,
    /// The same as a drawing to scan: an `<svg>` element.
    pub(super) qr_svg: String,
}

/// Makes a secret, in place of one that was begun with and never confirmed.
pub(super) async fn enable(caller: &Caller) -> Result<Enrolment, Error> {
    let (app, tenant, user) = (&caller.app, caller.tenant, caller.person()?);
    let user: Option<User> = app.table.get(&user_key(tenant, user), Read::Strong).await?;
    let user = user.ok_or(Code::Unauthenticated)?;
    let secret = TotpSecret::new(&app.random);
    let factor = Factor {
        sealed: secret.seal(app, tenant, user.id)?,
        started_at: app.clock.now(),
        enabled_at: None,
        last_step: 0,
        slots: Vec::new(),
        codes_made_at: None,
        generation: 0,
    };
    let mut transaction = app.table.transaction();
    if_still_signed_in(caller, &mut transaction, Code::Unauthenticated);
    // One that is on goes only by one of its codes.
    let not_on = Condition::Without("enabled_at");
    transaction.put_if(&factor_key(tenant, user.id), &factor, not_on, Code::SecondFactorOn);
    transaction.commit().await?;

    shown(&secret, &user)
}

/// What was begun, shown again until its first code.
pub(super) fn enrolment(
    app: &App,
    tenant: Tenant,
    user: &User,
    begun: &Factor,
) -> Result<Enrolment, Error> {
    shown(&TotpSecret::open(app, tenant, user.id, &begun.sealed)?, user)
}

fn shown(secret: &TotpSecret, user: &User) -> Result<Enrolment, Error> {
    let issuer = Text::new(Preferences::default()).get("brand");
    let otpauth_url = secret.url(&issuer, user.email.as_str())?;
    Ok(Enrolment { secret: secret.text(), qr_svg: drawing(&otpauth_url)?, otpauth_url })
}

fn drawing(url: &str) -> Result<String, Error> {
    let code = QRBuilder::new(url).build().map_err(|error| Error::fault(Code::Internal, error))?;
    Ok(SvgBuilder::default().margin(4).to_str(&code))
}

/// Makes a secret for the program that makes codes; the second factor is not on before a code of it
/// was verified.
#[utoipa::path(
    post, path = "/v1/security/2fa/enable", operation_id = "enable_second_factor", tag = "security",
    responses(
        (status = 200, description = "The secret, shown once", body = Enrolment),
        (status = 409, description = "It is on already", body = shared::http::Problem),
    )
)]
pub(crate) async fn json(Sudo(signed_in): Sudo<SignedIn>) -> Result<axum::Json<Enrolment>, Error> {
    Ok(axum::Json(enable(&signed_in).await?))
}
