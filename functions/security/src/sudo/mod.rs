//! Proving oneself again before something sensitive. The session gets another token and is
//! elevated for ten minutes.

mod page;

pub(crate) use page::{page, submit};

use jiff::Timestamp;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use shared::{
    account::{User, user_key},
    audit::{Event, EventKind, record, record_and_tell},
    auth::{
        Caller, Limit, Reservation, SUDO, Session, SignedIn, reserve, session_key, verify_password,
    },
    error::{Code, Error},
    http::Json,
    table::Read,
};

use crate::factor::{self, Factor, Judged, Proof, ProofInput, factor_key};

/// What proves it: the password, or a code of the second factor.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SudoInput {
    #[serde(default)]
    #[schema(value_type = Option<String>, format = "password")]
    password: Option<SecretString>,
    /// Six digits.
    #[serde(default)]
    #[schema(example = "123456")]
    code: Option<String>,
    /// As it was shown.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "3-h4kd-9x2m-w7qp")]
    backup_code: Option<SecretString>,
}

/// An elevated session.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Elevated {
    /// The session's new token; the one that asked is over.
    token: String,
    /// When the session ends in any case.
    #[schema(value_type = String, format = "date-time")]
    expires_at: Timestamp,
    /// Until when sensitive operations are open.
    #[schema(value_type = String, format = "date-time")]
    sudo_until: Timestamp,
}

/// What somebody who is signed in gives.
enum Given {
    Password(SecretString),
    Factor(Proof),
}

impl SudoInput {
    fn parse(self) -> Result<Given, Error> {
        match (self.password, self.code, self.backup_code) {
            (Some(password), None, None) => Ok(Given::Password(password)),
            (None, None, None) => Err(Error::field("password", "required")),
            (None, code, backup_code) => {
                ProofInput::new(code, backup_code).parse().map(Given::Factor)
            }
            (Some(_), ..) => Err(Error::field("password", "one_of_two")),
        }
    }
}

/// What was given is right.
struct Proven {
    user: User,
    attempt: Reservation,
    factor: Option<Judged>,
}

async fn elevate(caller: &Caller, session: &Session, given: Given) -> Result<Elevated, Error> {
    let (app, tenant) = (&caller.app, caller.tenant);
    let proven = prove(caller, given).await?;
    let until = app.clock.now() + SUDO;
    let (issued, update) = session.with_new_secret(app, tenant);
    let mut update = update.set("sudo_until", until.as_second());
    if proven.factor.is_some() {
        update =
            update.set("factor_until", until.as_second()).set_serialized("second_factor", &true)?;
    }

    let mut transaction = app.table.transaction();
    transaction.update(&session_key(tenant, session.id), update, Some(Code::Unauthenticated));
    proven.attempt.give_back(&mut transaction);
    let event = |kind| Event::by(caller, kind, None);
    if let Some(judged) = proven.factor {
        if judged.backup {
            let used = event(EventKind::BackupCodeUsed);
            record_and_tell(app, tenant, &proven.user, used, &mut transaction);
        }
        judged.use_up(tenant, session.user, &mut transaction);
    }
    record(app, tenant, event(EventKind::Elevated), &mut transaction);
    transaction.commit().await?;
    Ok(Elevated { token: issued.token, expires_at: issued.expires_at, sudo_until: until })
}

/// Judges what was given; its attempt is counted first.
async fn prove(caller: &Caller, given: Given) -> Result<Proven, Error> {
    let (app, tenant, user) = (&caller.app, caller.tenant, caller.person()?);
    let limit = match &given {
        Given::Password(_) => Limit::PASSWORD,
        Given::Factor(proof) => proof.limit(),
    };
    let keys = [user_key(tenant, user), factor_key(tenant, user)];
    let name = user.to_string();
    let (attempt, items) =
        tokio::join!(reserve(app, limit, &name), app.table.batch(&keys, Read::Strong));
    let (attempt, mut items) = (attempt?, items?);
    let user: User = items.take(&keys[0])?.ok_or(Code::Unauthenticated)?;
    let factor: Option<Factor> = items.take(&keys[1])?;
    let factor = match given {
        Given::Password(password) => {
            if !verify_password(password, Some(user.password_hash.clone())).await? {
                return Err(Code::WrongCredentials.into());
            }
            None
        }
        Given::Factor(proof) => match factor::on(factor) {
            Ok(factor) => {
                Some(factor.judge(app, tenant, &user, &caller.context, proof, &attempt).await?)
            }
            Err(refused) => return Err(attempt.unused(app, refused).await),
        },
    };
    Ok(Proven { user, attempt, factor })
}

/// Opens sensitive operations for ten minutes, with the password or a code of the second factor.
#[utoipa::path(
    post, path = "/v1/auth/sudo", operation_id = "elevate", tag = "security",
    request_body = SudoInput,
    responses(
        (status = 200, description = "Elevated; the token that asked is over", body = Elevated),
        (status = 401, description = "Not signed in, or the password or the code is wrong", body = shared::http::Problem),
        (status = 409, description = "A code, and the second factor is not on", body = shared::http::Problem),
        (status = 422, description = "One of the proofs is wanted", body = shared::http::Problem),
        (status = 429, description = "Too many failures", body = shared::http::Problem),
    )
)]
pub(crate) async fn json(
    signed_in: SignedIn,
    Json(input): Json<SudoInput>,
) -> Result<axum::Json<Elevated>, Error> {
    Ok(axum::Json(elevate(&signed_in, &signed_in.session, input.parse()?).await?))
}
