//! What an account pays with. One item, so that there is one default, and the last card stays while something is due.

use jiff::{
    Timestamp,
    civil::{Date, date},
};
use serde::{Deserialize, Serialize};

use crate::{
    id::MethodId,
    table::{Condition, Key, Owner, Tenant, Transaction, owned},
};

/// A wallet holds so many cards, those that are being set up counted in.
pub const MOST_METHODS: usize = 10;

/// A card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Method {
    /// Its id.
    pub id: MethodId,
    /// `visa`, `mastercard` ...
    pub brand: String,
    /// The last four digits of its number.
    pub last4: String,
    /// The last month in which it is good.
    pub month: i8,
    /// And its year.
    pub year: i16,
    /// The provider's name for it.
    pub card: String,
    /// When it was saved.
    pub added_at: Timestamp,
}

/// A card as it is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct MethodShown {
    /// Its id.
    pub id: MethodId,
    /// `visa`, `mastercard` ...
    pub brand: String,
    /// The last four digits of its number.
    pub last4: String,
}

/// A card that somebody is setting up at the provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// Its id.
    pub id: MethodId,
    /// The provider's name for the page.
    pub session: String,
    /// Where the page is.
    pub url: String,
    /// When it is over.
    pub expires_at: Timestamp,
}

/// Where a card stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MethodState {
    /// It can be charged.
    Ready,
    /// It is being set up.
    Pending,
    /// Its month is over.
    Expired,
}

/// What an account pays with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wallet {
    account: Owner,
    /// The provider's name for the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
    /// The cards, the oldest first.
    #[serde(default)]
    pub methods: Vec<Method>,
    /// The one that is charged unless somebody says otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<MethodId>,
    /// Those that are being set up.
    #[serde(default)]
    pub pending: Vec<Pending>,
    /// Counts its changes; there is no item at 0.
    pub version: u64,
}

owned! {
    Wallet: account;
}

impl Wallet {
    /// One with nothing in it.
    #[must_use]
    pub fn none(tenant: Tenant) -> Self {
        Self {
            account: tenant.owner(),
            customer: None,
            methods: Vec::new(),
            default: None,
            pending: Vec::new(),
            version: 0,
        }
    }

    /// A card by its id.
    #[must_use]
    pub fn method(&self, id: MethodId) -> Option<&Method> {
        self.methods.iter().find(|method| method.id == id)
    }

    /// The card that is charged unless somebody says otherwise.
    #[must_use]
    pub fn default_method(&self) -> Option<&Method> {
        self.method(self.default?)
    }

    /// Puts a card in. The first one is the default.
    pub fn add(&mut self, method: Method) {
        self.pending.retain(|pending| pending.id != method.id);
        self.default = self.default.or(Some(method.id));
        self.methods.push(method);
    }

    /// Takes a card out; the newest of the others takes the place of the default.
    pub fn remove(&mut self, id: MethodId) {
        self.methods.retain(|method| method.id != id);
        self.pending.retain(|pending| pending.id != id);
        if self.default == Some(id) {
            self.default = self.methods.last().map(|method| method.id);
        }
    }

    /// Forgets what nobody can set up any more.
    pub fn forget_expired(&mut self, now: Timestamp) {
        self.pending.retain(|pending| now < pending.expires_at);
    }

    /// Whether there is no room for one more.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.methods.len() + self.pending.len() >= MOST_METHODS
    }

    /// Adds to a transaction that it is so now, if it was as it was read.
    pub fn put<R: Clone>(&self, before: &Self, transaction: &mut Transaction<'_, R>, refused: R) {
        let after = Self { version: before.version + 1, ..self.clone() };
        let key = wallet_key(Tenant::of_record(self));
        transaction.put_if(&key, &after, before.is_as_read(), refused);
    }

    /// That it is as it was read.
    #[must_use]
    pub fn is_as_read(&self) -> Condition {
        match self.version {
            0 => Condition::Absent,
            version => Condition::Equals("version", version.into()),
        }
    }
}

impl Method {
    /// The first day on which it is not good any more; cards know no zone.
    #[must_use]
    pub fn over_from(&self) -> Date {
        match self.month {
            12.. => date(self.year.saturating_add(1).min(9999), 1, 1),
            month => date(self.year, month.max(0) + 1, 1),
        }
    }

    /// Where it stands.
    #[must_use]
    pub fn state(&self, today: Date) -> MethodState {
        if today < self.over_from() { MethodState::Ready } else { MethodState::Expired }
    }

    /// As it is told.
    #[must_use]
    pub fn shown(&self) -> MethodShown {
        let (brand, last4) = (self.brand.clone(), self.last4.clone());
        MethodShown { id: self.id, brand, last4 }
    }
}

/// Where a wallet lies.
#[must_use]
pub fn wallet_key(tenant: Tenant) -> Key {
    Key::of(tenant, "WALLET")
}
