//! Addresses that mails do not arrive at. Notices are not sent there; links that somebody asked for are.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::DeliveryReason;
use crate::{
    account::{Email, address_hash},
    table::{Key, Tenant},
};

/// An address that mails come back from, as it is stored until the address is confirmed again.
#[derive(Clone, Serialize, Deserialize)]
pub struct Undeliverable {
    /// Why nothing is sent there.
    pub reason: DeliveryReason,
    /// Since when.
    pub since: Timestamp,
    /// The address.
    pub address: Email,
}

/// What the sort keys begin with of addresses of an account's users that take no mails.
pub const UNDELIVERABLE: &str = "UNDELIVERABLE#";

/// Where it stands that an address of one of a tenant's users takes no mails.
#[must_use]
pub fn undeliverable_key(tenant: Tenant, email: &Email) -> Key {
    Key::of(tenant, format_args!("{UNDELIVERABLE}{}", address_hash(&email.normalised())))
}
