//! The client company and its logins.

mod bar;
mod email;
mod end_sessions;
mod found;
mod grant;
mod lookup;
mod overview;
mod period;
mod rescue;
mod set_plan;
mod spread;
mod terms;
mod zone;

pub use bar::{Bar, Barred};
pub use email::{Email, InvalidEmail};
pub use end_sessions::EndSessions;
pub use found::{Founded, Founder, FoundingRefused, found};
pub use grant::Grant;
pub use lookup::{AccountsFound, accounts_of};
pub use overview::{Count, Counts, Overview, Unread, next_number, overview_key};
pub use period::BillingPeriod;
pub use rescue::{Moment, Rescue};
pub use set_plan::set_plan;
pub use spread::{Spread, SpreadPlan};
pub use terms::{Term, Terms};
pub use zone::{InvalidZone, Zone, ZonePlan, days_on_earth};

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    alerts::AlertSettings,
    app::App,
    auth::PasswordHash,
    country::Country,
    id::{AccountId, UserId},
    money::Pico,
    plan::PlanRef,
    table::{Key, Owner, Tenant, owned},
    web::{Digits, Language, Theme},
};

/// What kind of company an account is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountKind {
    /// A client.
    Client,
    /// The company that rents the capacity out: its users are staff.
    Staff,
}

/// Whether an account may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccountStatus {
    /// It may.
    Active,
    /// Staff suspended it.
    Suspended,
}

/// An account as it is stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Account {
    id: Owner,
    /// Client or staff.
    pub kind: AccountKind,
    /// Whether it may be used.
    pub status: AccountStatus,
    /// The company's name; empty if it gave none.
    pub company: String,
    /// The plan it has now.
    pub plan: PlanRef,
    /// The plans it has had. Older accounts have no such entry: they have had one.
    #[serde(default, skip_serializing_if = "Terms::is_empty")]
    pub terms: Terms,
    /// Its time zone, and the one it changes to.
    pub zones: ZonePlan,
    /// Counts, per user, how often all sessions were ended at once.
    #[serde(default)]
    pub epochs: BTreeMap<UserId, u64>,
    /// What each of its users may do. Older accounts have no such entry: their only user is the founder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    roles: Option<BTreeMap<UserId, Role>>,
    /// How its usage is spread over partitions.
    #[serde(default, skip_serializing_if = "SpreadPlan::is_plain")]
    pub spread: SpreadPlan,
    /// The most that usage may cost in a billing period, if the client set one: requests past it are refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_cap: Option<Pico>,
    /// What the client wants to be told of its use.
    #[serde(default, skip_serializing_if = "AlertSettings::is_untouched")]
    pub alerts: AlertSettings,
    /// Why requests are refused, and from when on, whatever its limits are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub barred: Option<Barred>,
    /// Since when staff have suspended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspended_at: Option<Timestamp>,
    /// Where invoices go, as the client wrote it.
    pub billing_address: String,
    /// Which country that is in: it chooses the tax.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub billing_country: Option<Country>,
    /// Its tax id, as the client wrote it.
    pub tax_id: String,
    /// When it came to be.
    pub created_at: Timestamp,
    /// Counts its changes.
    pub version: u64,
}

owned! {
    Account: id;
    EmailClaim: account;
}

impl Account {
    /// The rental company's own, which has no item: its machines act in it.
    pub(crate) fn of_company(plan: PlanRef, created_at: Timestamp) -> Self {
        Self::new(Tenant::company(), AccountKind::Staff, plan, created_at)
    }

    /// One without users that nothing is known of yet.
    fn new(tenant: Tenant, kind: AccountKind, plan: PlanRef, created_at: Timestamp) -> Self {
        Self {
            id: tenant.owner(),
            kind,
            status: AccountStatus::Active,
            company: String::new(),
            plan,
            terms: Terms::default(),
            zones: ZonePlan::new(Zone::utc()),
            epochs: BTreeMap::new(),
            roles: Some(BTreeMap::new()),
            spread: SpreadPlan::default(),
            cost_cap: None,
            alerts: AlertSettings::default(),
            barred: None,
            suspended_at: None,
            billing_address: String::new(),
            billing_country: None,
            tax_id: String::new(),
            created_at,
            version: 1,
        }
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> AccountId {
        Tenant::of_record(self).account()
    }

    /// What one of its users may do; nothing if it is nobody's.
    #[must_use]
    pub fn role_of(&self, user: UserId) -> Option<Role> {
        match &self.roles {
            None => Some(Role::of_founder(self.kind)),
            Some(roles) => roles.get(&user).copied(),
        }
    }

    /// Who is told what concerns nobody in particular.
    #[must_use]
    pub fn owner(&self) -> Option<UserId> {
        let mut users = self.epochs.keys().copied();
        users.find(|user| matches!(self.role_of(*user), Some(Role::Owner | Role::Staff)))
    }

    /// The plan in force at a moment.
    #[must_use]
    pub fn plan_at(&self, moment: Timestamp) -> &PlanRef {
        self.terms.at(moment).unwrap_or(&self.plan)
    }

    /// The plans it has had.
    #[must_use]
    pub fn terms(&self) -> Terms {
        if self.terms.is_empty() {
            return Terms::begun(self.plan.clone(), Timestamp::MIN);
        }
        self.terms.clone()
    }

    /// Whether requests are refused at a moment, and no base is billed for what begins then.
    #[must_use]
    pub fn is_barred(&self, at: Timestamp) -> bool {
        self.bar_at(at).is_some()
    }

    /// Why requests are refused at a moment, if they are.
    #[must_use]
    pub fn bar_at(&self, at: Timestamp) -> Option<Bar> {
        self.barred.as_ref().filter(|it| it.from <= at).map(|it| it.why)
    }

    /// The epoch that a user's sessions must be of.
    #[must_use]
    pub fn epoch_of(&self, user: UserId) -> u64 {
        self.epochs.get(&user).copied().unwrap_or_default()
    }
}

/// What a user may do in the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Everything.
    Owner,
    /// The rental company's own people.
    Staff,
}

impl Role {
    /// What the first user of an account may do.
    fn of_founder(kind: AccountKind) -> Self {
        match kind {
            AccountKind::Client => Self::Owner,
            AccountKind::Staff => Self::Staff,
        }
    }
}

/// A login as it is stored.
#[derive(Clone, Serialize, Deserialize)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// Where it is reached and what it signs in with.
    pub email: Email,
    /// argon2id.
    pub password_hash: PasswordHash,
    /// What it is called.
    pub name: String,
    /// Its language.
    pub locale: Language,
    /// Its digits.
    pub digits: Digits,
    /// Light or dark.
    pub theme: Theme,
    /// Counts how often all of its sessions were ended at once.
    #[serde(default)]
    pub epoch: u64,
    /// How it was rescued lately: links that a rescue disowned do nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rescues: Vec<Rescue>,
    /// When it came to be.
    pub created_at: Timestamp,
    /// Counts its changes.
    pub version: u64,
}

/// Who owns a login: what an address leads to.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct EmailClaim {
    account: Owner,
    /// The user.
    pub user: UserId,
}

impl EmailClaim {
    /// The claim of a tenant's user.
    #[must_use]
    pub fn new(tenant: Tenant, user: UserId) -> Self {
        Self { account: tenant.owner(), user }
    }

    /// The claim of nobody, which leads to nothing: an address without an account goes the way of one
    /// that has one.
    #[must_use]
    pub fn of_nobody(app: &App) -> Self {
        let now = app.clock.now();
        let account = AccountId::new(now, &app.random);
        Self::new(Tenant::claimed(account), UserId::new(now, &app.random))
    }
}

/// A subscription as it is stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Subscription {
    /// The plan and the version of its terms.
    pub plan: PlanRef,
    /// Where it stands.
    pub state: SubscriptionState,
    /// Since when.
    pub created_at: Timestamp,
    /// Counts its changes.
    pub version: u64,
}

/// Where a subscription stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SubscriptionState {
    /// Not paid for yet.
    Trialing,
    /// In order.
    Active,
    /// An invoice is overdue.
    PastDue,
    /// The client paused it.
    Paused,
    /// Over.
    Canceled,
}

/// Where an account's item lies.
#[must_use]
pub fn account_key(tenant: Tenant) -> Key {
    Key::of(tenant, "ACCOUNT")
}

/// Where a user's item lies.
#[must_use]
pub fn user_key(tenant: Tenant, user: UserId) -> Key {
    Key::of(tenant, format_args!("USER#{user}"))
}

/// Where the subscription's item lies.
#[must_use]
pub fn subscription_key(tenant: Tenant) -> Key {
    Key::of(tenant, "SUBSCRIPTION")
}

/// Where the claim on a normalised address lies. The key holds a hash: anything fits into it.
#[must_use]
pub fn email_key(normalised: &str) -> Key {
    Key::global("EMAIL", address_hash(normalised))
}

/// What stands for an address in keys.
pub(crate) fn address_hash(normalised: &str) -> String {
    use sha2::{Digest, Sha256};
    hex::encode(Sha256::digest(normalised.as_bytes()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::random::Random;

    #[test]
    fn an_account_without_roles_is_its_founders_and_one_with_roles_is_whose_they_name() {
        let random = Random::seeded(1);
        let [founder, other] = [(); 2].map(|()| UserId::new(Timestamp::UNIX_EPOCH, &random));
        let tenant = Tenant::claimed(AccountId::new(Timestamp::UNIX_EPOCH, &random));
        let plan = PlanRef { id: "starter".to_owned(), version: 1 };
        let account = Account::new(tenant, AccountKind::Client, plan, Timestamp::UNIX_EPOCH);
        let role = |roles: Option<serde_json::Value>, user| {
            let mut stored = serde_json::to_value(&account).unwrap();
            match roles {
                Some(roles) => stored["roles"] = roles,
                None => drop(stored.as_object_mut().unwrap().remove("roles")),
            }
            serde_json::from_value::<Account>(stored).unwrap().role_of(user)
        };
        assert_eq!(role(None, founder), Some(Role::Owner), "an account of before");
        assert_eq!(role(Some(json!({})), founder), None, "nobody's any more");
        let named = || Some(json!({founder.to_string(): "owner"}));
        assert_eq!((role(named(), founder), role(named(), other)), (Some(Role::Owner), None));
    }
}
