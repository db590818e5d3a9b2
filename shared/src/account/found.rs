//! Founding an account: all of its first items, together or not at all.

use std::collections::BTreeMap;

use super::{
    Account, AccountKind, BillingPeriod, Email, EmailClaim, Role, Subscription, SubscriptionState,
    Terms, User, Zone, ZonePlan, account_key, email_key, subscription_key, user_key,
};
use crate::{
    app::App,
    auth::PasswordHash,
    error::{Code, Error},
    id::{AccountId, UserId},
    plan::PlanRef,
    table::{Tenant, Transaction},
    ticket::StaffMember,
    web::{Digits, Language, Theme},
};

/// The first user of an account and what it brings.
pub struct Founder {
    /// Client or staff.
    pub kind: AccountKind,
    /// What the account begins on.
    pub plan: PlanRef,
    /// The login.
    pub email: Email,
    /// Its password, hashed.
    pub password_hash: PasswordHash,
    /// The person's name.
    pub name: String,
    /// The company's name; empty if there is none.
    pub company: String,
    /// The person's language.
    pub locale: Language,
}

/// Why an account is not founded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FoundingRefused {
    /// The address has an account already.
    #[error("the address has an account")]
    AddressTaken,
    /// The link was used in the meantime.
    #[error("the link was used")]
    LinkUsed,
}

impl From<FoundingRefused> for Error {
    fn from(refused: FoundingRefused) -> Self {
        match refused {
            // Told only to who holds a link that was sent to that address.
            FoundingRefused::AddressTaken | FoundingRefused::LinkUsed => {
                Self::new(Code::InvalidLink)
            }
        }
    }
}

/// What was founded.
#[derive(Debug, Clone, Copy)]
pub struct Founded {
    /// The account.
    pub account: AccountId,
    /// Its owner.
    pub user: UserId,
}

impl Founded {
    /// The owner of an account of staff's, as one of staff.
    #[must_use]
    pub fn staff_member(&self, name: String) -> StaffMember {
        StaffMember::new(Tenant::claimed(self.account), self.user, name)
    }
}

/// Adds a new account, its first user, the claim on the address and the subscription to a
/// transaction.
pub fn found(
    app: &App,
    founder: Founder,
    transaction: &mut Transaction<'_, FoundingRefused>,
) -> Founded {
    let now = app.clock.now();
    let account = AccountId::new(now, &app.random);
    let user = UserId::new(now, &app.random);
    let tenant = Tenant::claimed(account);
    let plan = founder.plan;
    let zones = ZonePlan::new(Zone::utc());
    let month = BillingPeriod::at(&zones, now).starts_at(&zones);
    let claim = EmailClaim::new(tenant, user);
    transaction.create(
        &email_key(&founder.email.normalised()),
        &claim,
        FoundingRefused::AddressTaken,
    );
    transaction.put(
        &account_key(tenant),
        &Account {
            company: founder.company,
            epochs: BTreeMap::from([(user, 0)]),
            roles: Some(BTreeMap::from([(user, Role::of_founder(founder.kind))])),
            // The whole month's allowance, whenever in it an account begins.
            terms: Terms::begun(plan.clone(), month),
            zones,
            ..Account::new(tenant, founder.kind, plan.clone(), now)
        },
    );
    transaction.put(
        &user_key(tenant, user),
        &User {
            id: user,
            email: founder.email,
            password_hash: founder.password_hash,
            name: founder.name,
            locale: founder.locale,
            digits: Digits::Latin,
            theme: Theme::System,
            epoch: 0,
            rescues: Vec::new(),
            created_at: now,
            version: 1,
        },
    );
    if founder.kind == AccountKind::Client {
        let state = SubscriptionState::Active;
        let subscription = Subscription { plan, state, created_at: now, version: 1 };
        transaction.put(&subscription_key(tenant), &subscription);
    }
    Founded { account, user }
}
