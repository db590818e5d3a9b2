//! Proving to hold the second factor.

use jiff::Timestamp;
use secrecy::SecretString;
use serde::Deserialize;
use shared::{
    account::User,
    app::App,
    audit::{Actor, Event, EventKind, record_and_tell},
    auth::{Limit, Reservation, verify_password},
    error::{Code, Error},
    http::Context,
    id::UserId,
    table::{Cancelled, Condition, Tenant, Transaction, Update},
};

use super::{
    Factor, backup, factor_key,
    totp::{TotpSecret, plain_code},
};

/// A code of either kind.
pub(crate) enum Proof {
    /// Of the program.
    Code(String),
    /// Of the ten.
    BackupCode(SecretString),
}

/// A code of either kind, as it is sent: one of the two.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProofInput {
    /// Six digits.
    #[serde(default)]
    #[schema(example = "123456")]
    code: Option<String>,
    /// As it was shown.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "3-h4kd-9x2m-w7qp")]
    backup_code: Option<SecretString>,
}

impl ProofInput {
    pub(crate) fn new(code: Option<String>, backup_code: Option<SecretString>) -> Self {
        Self { code, backup_code }
    }

    pub(crate) fn parse(self) -> Result<Proof, Error> {
        match (self.code, self.backup_code) {
            (Some(code), None) => Ok(Proof::Code(code)),
            (None, Some(code)) => Ok(Proof::BackupCode(code)),
            (None, None) => Err(Error::field("code", "required")),
            (Some(_), Some(_)) => Err(Error::field("backup_code", "one_of_two")),
        }
    }
}

impl Proof {
    /// The limit on guessing it. Each kind has its own: who guesses codes leaves the backup codes
    /// open.
    pub(crate) fn limit(&self) -> Limit {
        match self {
            Self::Code(_) => Limit::CODE,
            Self::BackupCode(_) => Limit::BACKUP_CODE,
        }
    }
}

/// The same error at the field of the form that the code was typed into.
pub(crate) fn at_its_field(error: Error, backup: bool) -> Error {
    match (error.code, backup) {
        (Code::WrongCode, true) => Error::field("backup_code", "backup_code_wrong"),
        (Code::WrongCode, false) => Error::field("code", "code_wrong"),
        _ => error,
    }
}

/// A code that is right. It is used up by the transaction of what it opens, and by one alone.
pub(crate) struct Judged {
    change: Update,
    unused: Condition,
    /// Whether it was a backup code.
    pub(crate) backup: bool,
}

impl Judged {
    /// Uses the code up.
    pub(crate) fn use_up(
        self,
        tenant: Tenant,
        user: UserId,
        transaction: &mut Transaction<'_, Code>,
    ) {
        let update = self.change.when(self.unused);
        transaction.update(&factor_key(tenant, user), update, Some(Code::WrongCode));
    }

    /// Uses the code up with the whole factor.
    pub(crate) fn remove(
        self,
        tenant: Tenant,
        user: UserId,
        transaction: &mut Transaction<'_, Code>,
    ) {
        transaction.delete_if(&factor_key(tenant, user), self.unused, Code::WrongCode);
    }
}

/// From the so many-th wrong code of a window on its user is told: somebody may be guessing.
const TOLD_FROM: u32 = 5;

/// It was told before.
#[derive(Clone)]
struct AlreadyTold;

impl Factor {
    /// Judges a code whose attempt is reserved. Of wrong ones the user is told, once a window.
    pub(crate) async fn judge(
        &self,
        app: &App,
        tenant: Tenant,
        user: &User,
        context: &Context,
        proof: Proof,
        attempt: &Reservation,
    ) -> Result<Judged, Error> {
        let judged = self.judge_alone(app, tenant, user.id, proof).await;
        let is_wrong = judged.as_ref().is_err_and(|error| error.code == Code::WrongCode);
        if is_wrong && attempt.number() >= TOLD_FROM {
            let mut transaction = app.table.transaction();
            attempt.tell_once(&mut transaction, AlreadyTold);
            let event = Event::new(EventKind::WrongCodes, Actor::user(user), context);
            record_and_tell(app, tenant, user, event, &mut transaction);
            match transaction.commit().await {
                Ok(()) | Err(Cancelled::Refused(_)) => {}
                Err(Cancelled::Failed(error)) => return Err(error.into()),
            }
        }
        judged
    }

    async fn judge_alone(
        &self,
        app: &App,
        tenant: Tenant,
        user: UserId,
        proof: Proof,
    ) -> Result<Judged, Error> {
        match proof {
            Proof::Code(code) => self.judge_code(app, tenant, user, &code),
            Proof::BackupCode(code) => self.judge_backup_code(app.clock.now(), code).await,
        }
    }

    fn judge_code(
        &self,
        app: &App,
        tenant: Tenant,
        user: UserId,
        code: &str,
    ) -> Result<Judged, Error> {
        let secret = TotpSecret::open(app, tenant, user, &self.sealed)?;
        let step = secret.step_of(&plain_code(code), app.clock.now());
        let step = step.filter(|step| *step > self.last_step).ok_or(Code::WrongCode)?;
        let mut change = Update::new().set("last_step", step);
        // A key that was put in front seals what is used from then on.
        if !app.config.sealing()?.is_current(&self.sealed) {
            change = change.set("sealed", secret.seal(app, tenant, user)?);
        }
        let unused = Condition::All(vec![
            Condition::Less("last_step", step.into()),
            Condition::Equals("sealed", self.sealed.as_str().into()),
        ]);
        Ok(Judged { change, unused, backup: false })
    }

    async fn judge_backup_code(&self, now: Timestamp, code: SecretString) -> Result<Judged, Error> {
        let read = backup::read(secrecy::ExposeSecret::expose_secret(&code));
        let (place, code) = read.ok_or(Code::WrongCode)?;
        let slot = self.slots.get(place).and_then(|slot| slot.hash.clone());
        if !verify_password(code.into(), slot).await? {
            return Err(Code::WrongCode.into());
        }
        let mut slots = self.slots.clone();
        slots[place].hash = None;
        slots[place].used_at = Some(now);
        let change = Update::new().set_serialized("slots", &slots)?;
        let unused = Condition::equals_serialized("slots", &self.slots)?;
        Ok(Judged { change, unused, backup: true })
    }
}
