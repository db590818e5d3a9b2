//! Closing an account to whoever is in it, and undoing what came of that, in two transactions.

use jiff::{SignedDuration, Timestamp};
use shared::{
    account::{Count, EmailClaim, Grant, Rescue, User, email_key, user_key},
    app::App,
    audit::{Event, EventKind, record},
    auth::{
        ApiKey, Errand, InvalidOneTimeToken, PasswordHash, Reservation, SecurityChange, Word,
        api_key_key, keys_granted_since, one_time_key,
    },
    error::{Code, Error},
    http::Context,
    id::TokenId,
    notify::send_link,
    table::{Condition, Key, Read, Tenant, Transaction, Update},
};

use crate::{
    factor::{Factor, Slot, factor_key},
    password::forgot,
};

/// Whoever is in the account can begin new epochs too, but not so many between a read and a write.
const LEAP: u64 = 64;

/// Clocks of two functions may differ by so much: what was given out so shortly before is taken for
/// given out since.
const CLOCKS_APART: SignedDuration = SignedDuration::from_secs(5);

/// What is closed, and on whose word.
pub(super) struct Closing<'a> {
    pub(super) app: &'a App,
    pub(super) context: &'a Context,
    pub(super) attempt: Reservation,
    /// The link's token.
    pub(super) link: TokenId,
    /// What the link's mail told.
    pub(super) notice: SecurityChange,
}

/// What somebody in the account could have made to come back by.
struct Made {
    /// As it is now.
    factor: Option<Factor>,
    /// Given out since.
    keys: Vec<ApiKey>,
}

/// What is to become of the user's address.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Address {
    /// It was not changed.
    Stays,
    /// That of before the change is the user's again; `claims_other` if the present one is, too.
    GoesBack { claims_other: bool },
    /// Another account has that of before the change.
    IsTaken { claims_other: bool },
}

impl Address {
    fn is_taken(self) -> bool {
        matches!(self, Self::IsTaken { .. })
    }
}

impl Closing<'_> {
    /// Does it; the token of the link that sets the password anew. Refused with a conflict where
    /// somebody wrote in between: it can be begun with again, and the link is still good.
    pub(super) async fn carry_out(&self) -> Result<TokenId, Error> {
        let epoch = self.lock().await?;

        // From here on nothing more comes of the sessions of before: what is read now is all.
        let (app, tenant, notice) = (self.app, self.tenant(), &self.notice);
        let keys = [user_key(tenant, notice.user), factor_key(tenant, notice.user)];
        let (items, given_out) = tokio::join!(
            app.table.batch(&keys, Read::Strong),
            keys_granted_since(app, tenant, self.since())
        );
        let (mut items, given_out) = (items?, given_out?);
        let user: User = items.take(&keys[0])?.ok_or(InvalidOneTimeToken)?;
        let address = self.address(&user).await?;

        let mut transaction = app.table.transaction();
        self.begin(&user, epoch, address, &mut transaction)?;
        self.take_back(&user, address, &mut transaction)?;
        let made = Made { factor: items.take(&keys[1])?, keys: given_out };
        for grant in Grant::ALL {
            self.undo(grant, &made, &mut transaction)?;
        }
        self.record(EventKind::NotMe, None, &mut transaction);
        if address.is_taken() {
            transaction.commit().await?;
            return Err(Code::AddressTaken.into());
        }
        transaction.delete_if(&one_time_key(self.link), Condition::Exists, Code::InvalidLink);
        self.attempt.give_back(&mut transaction);
        let reached = if address == Address::Stays { &user.email } else { &notice.to };
        // The page goes on to the link at once; a page that is lost has it in the mail.
        let reset = forgot::link(app, reached, &mut transaction)?;
        transaction.commit().await?;
        Ok(reset)
    }

    fn tenant(&self) -> Tenant {
        Tenant::of_record(&self.notice)
    }

    /// From when on what was given out is undone.
    fn since(&self) -> Timestamp {
        self.notice.at - CLOCKS_APART
    }

    /// Whether the link was not disowned by an earlier rescue.
    fn stands_for(&self, user: &User) -> Result<(), Error> {
        let (moment, epoch) = (self.notice.moment(), self.notice.epoch);
        let disowned = user.rescues.iter().any(|rescue| rescue.disowned(self.link, moment, epoch));
        if disowned { Err(InvalidOneTimeToken.into()) } else { Ok(()) }
    }

    /// Locks the password and ends all sessions; the epoch since then. A password that is locked
    /// stays so until it is set anew, and nobody signs in meanwhile: that is not done twice. The link
    /// stays good until the rest is done: whatever fails after this, the button can be pressed again.
    async fn lock(&self) -> Result<u64, Error> {
        let (tenant, place) = (self.tenant(), user_key(self.tenant(), self.notice.user));
        let user: Option<User> = self.app.table.get(&place, Read::Strong).await?;
        let user = user.ok_or(InvalidOneTimeToken)?;
        self.stands_for(&user)?;
        if user.password_hash.is_locked() {
            return Ok(user.epoch);
        }
        let locked = Update::new().set_serialized("password_hash", &PasswordHash::locked())?;
        let end = User::end_sessions_far(user.id, user.epoch, LEAP).with(locked);
        let epoch = end.epoch();
        let mut transaction = self.app.table.transaction();
        end.write(tenant, &mut transaction, Code::Conflict);
        transaction.commit().await?;
        Ok(epoch)
    }

    /// Who has the addresses of before and after the change, if the address was changed.
    async fn address(&self, user: &User) -> Result<Address, Error> {
        if self.notice.to.normalised() == user.email.normalised() {
            return Ok(Address::Stays);
        }
        let keys = [email_key(&self.notice.to.normalised()), email_key(&user.email.normalised())];
        let mut claims = self.app.table.batch(&keys, Read::Strong).await?;
        let before: Option<EmailClaim> = claims.take(&keys[0])?;
        let after: Option<EmailClaim> = claims.take(&keys[1])?;
        let claims_other = after.is_some_and(|claim| claim.user == user.id);
        Ok(match before {
            None => Address::GoesBack { claims_other },
            Some(_) => Address::IsTaken { claims_other },
        })
    }

    /// Begins one more epoch, for a password may be being set anew with a link of the other address,
    /// and remembers the rescue.
    fn begin(
        &self,
        user: &User,
        epoch: u64,
        address: Address,
        transaction: &mut Transaction<'_, Code>,
    ) -> Result<(), Error> {
        let end = User::end_sessions(user.id, epoch);
        let rescue = Rescue {
            from: self.notice.moment(),
            epoch: end.epoch(),
            at: self.app.clock.now(),
            spared: address.is_taken().then_some(self.link),
        };
        let mut update = Update::new().set_serialized("rescues", &rescue.after(&user.rescues))?;
        if matches!(address, Address::GoesBack { .. }) {
            update = update.set("email", self.notice.to.as_str());
        }
        end.with(update).write(self.tenant(), transaction, Code::Conflict);
        Ok(())
    }

    /// Takes the claim on the address of before, and that on the other away; the other is told.
    fn take_back(
        &self,
        user: &User,
        address: Address,
        transaction: &mut Transaction<'_, Code>,
    ) -> Result<(), Error> {
        let notice = &self.notice;
        let claims_other = match address {
            Address::Stays => return Ok(()),
            Address::GoesBack { claims_other } | Address::IsTaken { claims_other } => claims_other,
        };
        if !address.is_taken() {
            let claim = EmailClaim::new(self.tenant(), notice.user);
            transaction.create(&email_key(&notice.to.normalised()), &claim, Code::Conflict);
        }
        if claims_other {
            let own = Condition::equals_serialized("user", &user.id)?;
            transaction.delete_if(&email_key(&user.email.normalised()), own, Code::Conflict);
            self.tell(user, transaction)?;
        }
        Ok(())
    }

    /// Tells the address that opened the account until now.
    fn tell(&self, user: &User, transaction: &mut Transaction<'_, Code>) -> Result<(), Error> {
        let (to, name) = (user.email.clone(), user.name.clone());
        let word = Errand::Word(Word { to, name, locale: user.locale });
        send_link(self.app, self.app.clock.now(), word, transaction)?;
        Ok(())
    }

    /// Undoes one way into the account.
    fn undo(
        &self,
        grant: Grant,
        made: &Made,
        transaction: &mut Transaction<'_, Code>,
    ) -> Result<(), Error> {
        match grant {
            // Both are of an earlier epoch than the one that begins.
            Grant::Session | Grant::Challenge => Ok(()),
            Grant::SecondFactor => {
                let place = factor_key(self.tenant(), self.notice.user);
                let mut factor = made.factor.iter();
                factor.try_for_each(|factor| self.undo_factor(&place, factor, transaction))
            }
            Grant::ApiKey => {
                self.revoke(&made.keys, transaction);
                Ok(())
            }
        }
    }

    /// Removes a second factor that was turned on since, or begun with; voids backup codes that were
    /// made since.
    fn undo_factor(
        &self,
        place: &Key,
        factor: &Factor,
        transaction: &mut Transaction<'_, Code>,
    ) -> Result<(), Error> {
        let since = |at: Timestamp| self.since() <= at;
        let same = Condition::Equals("sealed", factor.sealed.as_str().into());
        if factor.enabled_at.is_none_or(since) {
            transaction.delete_if(place, same, Code::Conflict);
        } else if factor.codes_made_at.is_some_and(since) {
            let voided = Update::new()
                .set_serialized("slots", &Vec::<Slot>::new())?
                .set("generation", factor.generation + 1)
                .when(same);
            transaction.update(place, voided, Some(Code::Conflict));
        }
        Ok(())
    }

    /// Revokes keys and writes down which.
    fn revoke(&self, keys: &[ApiKey], transaction: &mut Transaction<'_, Code>) {
        let count = keys.len();
        for key in keys {
            let place = api_key_key(self.tenant(), key.id);
            transaction.delete_if(&place, Condition::Exists, Code::Conflict);
            self.record(EventKind::ApiKeyRevoked, Some(key.name.clone()), transaction);
        }
        if count > 0 {
            Count::ApiKeys.fewer(self.tenant(), count, transaction);
        }
    }

    fn record(
        &self,
        kind: EventKind,
        subject: Option<String>,
        transaction: &mut Transaction<'_, Code>,
    ) {
        let event = Event::by_link(self.notice.user, self.context, kind, subject);
        record(self.app, self.tenant(), event, transaction);
    }
}
