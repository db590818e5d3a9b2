//! The provider's objects, as far as they are read.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

use super::Decline;
use crate::{id::AccountId, table::Tenant};

/// What we wrote on an object when we made it. Nobody else writes there.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(transparent)]
pub struct Written(BTreeMap<String, String>);

impl Written {
    /// Something of it.
    #[must_use]
    pub fn read<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.0.get(name)?.parse().ok()
    }

    /// Whose the object is.
    #[must_use]
    pub fn tenant(&self) -> Option<Tenant> {
        self.read::<AccountId>("account").map(Tenant::claimed)
    }
}

/// A payment on its way.
#[derive(Debug, Clone, Deserialize)]
pub struct Intent {
    /// `pi_...`
    pub id: String,
    /// Where it stands.
    pub status: IntentStatus,
    /// What was paid, in the currency's smallest unit.
    #[serde(default)]
    pub amount_received: u64,
    /// Why it was declined last.
    #[serde(default)]
    pub last_payment_error: Option<Decline>,
    /// What we wrote on it.
    #[serde(default)]
    pub metadata: Written,
}

/// Where a payment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntentStatus {
    /// Nobody has tried to pay it, or it was declined.
    RequiresPaymentMethod,
    /// It was made, and no more.
    RequiresConfirmation,
    /// The payer is wanted.
    RequiresAction,
    /// The bank is at it.
    Processing,
    /// It is paid.
    Succeeded,
    /// It never will be.
    Canceled,
    /// Something that we never ask for.
    #[serde(other)]
    Other,
}

/// A page of the provider's on which somebody sets a card up, or pays.
#[derive(Debug, Clone, Deserialize)]
pub struct Session {
    /// `cs_...`
    pub id: String,
    /// Where it stands.
    pub status: SessionStatus,
    /// Where the page is, while it is open.
    #[serde(default)]
    pub url: Option<String>,
    /// When it is over in any case; seconds since 1970.
    #[serde(default)]
    pub expires_at: i64,
    /// The payment that comes of it.
    #[serde(default, deserialize_with = "id_of")]
    pub payment_intent: Option<String>,
    /// What comes of it where a card is set up.
    #[serde(default, deserialize_with = "setup")]
    pub setup_intent: Option<Setup>,
    /// What we wrote on it.
    #[serde(default)]
    pub metadata: Written,
}

/// Where such a page stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionStatus {
    /// It waits.
    Open,
    /// Somebody did what it is for.
    Complete,
    /// Nobody did in time.
    Expired,
}

/// What came of setting a card up.
#[derive(Debug, Clone, Deserialize)]
pub struct Setup {
    /// The card.
    #[serde(default)]
    pub payment_method: Option<PaymentMethod>,
}

/// A card.
#[derive(Debug, Clone, Deserialize)]
pub struct PaymentMethod {
    /// `pm_...`
    pub id: String,
    /// What may be told of it.
    #[serde(default)]
    pub card: Option<Card>,
}

/// What may be told of a card.
#[derive(Debug, Clone, Deserialize)]
pub struct Card {
    /// `visa`, `mastercard` ...
    pub brand: String,
    /// The number's last four digits.
    pub last4: String,
    /// The last month in which it is good.
    pub exp_month: i8,
    /// And its year.
    pub exp_year: i16,
}

/// Money on its way back.
#[derive(Debug, Clone, Deserialize)]
pub struct Refund {
    /// `re_...`
    pub id: String,
    /// Where it stands.
    pub status: RefundStatus,
    /// What we wrote on it.
    #[serde(default)]
    pub metadata: Written,
}

/// Where money stands that is on its way back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundStatus {
    /// The bank is at it.
    Pending,
    /// It is back.
    Succeeded,
    /// It came to nothing.
    Failed,
    /// It was called off.
    Canceled,
    /// The payer has to say where it is to go.
    RequiresAction,
}

/// An object that is told by its id, or whole.
#[derive(Deserialize)]
#[serde(untagged)]
enum Told<T> {
    Id(String),
    Whole(T),
}

#[derive(Deserialize)]
struct Named {
    id: String,
}

fn id_of<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(Option::<Told<Named>>::deserialize(deserializer)?.map(|told| match told {
        Told::Id(id) => id,
        Told::Whole(object) => object.id,
    }))
}

fn setup<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Setup>, D::Error> {
    Ok(match Option::<Told<Setup>>::deserialize(deserializer)? {
        Some(Told::Whole(setup)) => Some(setup),
        Some(Told::Id(_)) | None => None,
    })
}
