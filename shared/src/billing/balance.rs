//! What an account owes and what it has as credit. One item that every movement of money writes under its version:
//! two at once are one after the other.

use std::collections::BTreeSet;

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use super::Invoice;
use crate::{
    account::BillingPeriod,
    audit::Actor,
    id::{EntryId, InvoiceId},
    money::Pico,
    payments::{Dunning, MethodShown, Reason},
    table::{Condition, Key, Owner, Tenant, Transaction, owned},
};

/// What the sort keys of movements begin with.
pub const ENTRIES: &str = "TXN#";

/// A job that failed may be done again after some months, and not after so many.
const MOST_BASED: usize = 12;

/// What an account owes and has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    account: Owner,
    /// What invoices pay themselves from before anything is charged.
    pub credit: Pico,
    /// What is due on invoices that are out.
    pub due: Pico,
    /// Those invoices, the oldest first.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub unpaid: BTreeSet<InvoiceId>,
    /// The clock of who has not paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dunning: Option<Dunning>,
    /// The first days of the months whose base was billed, the last ones: none is billed twice.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    based: BTreeSet<Date>,
    /// The last month whose base was left out: nothing was renewed, for something was not paid or the account was
    /// suspended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_out: Option<Date>,
    /// Counts its changes; nothing has changed yet at 0, and there is no item.
    pub version: u64,
}

/// What moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// Credit came to be.
    Credit,
    /// Credit paid an invoice, or a part of it.
    CreditApplied,
    /// A card was charged, or was to be.
    Charge,
    /// Money went back to a card, or was to.
    Refund,
    /// What was due is less, and nobody paid it.
    Adjustment,
}

/// Where a movement stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EntryState {
    /// Nobody knows yet.
    Pending,
    /// It is done.
    #[default]
    Succeeded,
    /// It came to nothing.
    Failed,
}

/// Why credit came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CreditCause {
    /// It was given.
    Granted,
    /// A credit note gave back what had been paid.
    Returned,
    /// An invoice came to less than nothing.
    Invoice,
}

/// A movement as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    account: Owner,
    /// Its id; movements by id are movements by time.
    pub id: EntryId,
    /// What moved.
    pub kind: EntryKind,
    /// Why credit came to be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<CreditCause>,
    /// How much.
    pub amount: Pico,
    /// The credit that there was afterwards.
    pub credit: Pico,
    /// The invoice that it is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoice: Option<InvoiceId>,
    /// Where it stands.
    #[serde(default)]
    pub state: EntryState,
    /// The card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<MethodShown>,
    /// Why it came to nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Reason>,
    /// Why, in the words of whoever gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Who gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Actor>,
    /// When.
    pub created_at: Timestamp,
}

owned! {
    Balance: account;
    Entry: account;
}

impl Balance {
    /// An account's that owes nothing and has nothing.
    #[must_use]
    pub fn none(tenant: Tenant) -> Self {
        Self {
            account: tenant.owner(),
            credit: Pico::ZERO,
            due: Pico::ZERO,
            unpaid: BTreeSet::new(),
            dunning: None,
            based: BTreeSet::new(),
            left_out: None,
            version: 0,
        }
    }

    /// More credit, as it is written down.
    pub fn grant(&mut self, id: EntryId, cause: CreditCause, amount: Pico, at: Timestamp) -> Entry {
        self.credit += amount;
        Entry { cause: Some(cause), ..self.entry(id, EntryKind::Credit, amount, at) }
    }

    /// Credit pays a part of an invoice.
    pub fn apply(&mut self, id: EntryId, amount: Pico, at: Timestamp) -> Entry {
        self.credit += Pico::new(-amount.get());
        self.entry(id, EntryKind::CreditApplied, amount, at)
    }

    /// A movement that leaves the credit as it is.
    #[must_use]
    pub fn entry(&self, id: EntryId, kind: EntryKind, amount: Pico, at: Timestamp) -> Entry {
        Entry {
            account: self.account,
            id,
            kind,
            cause: None,
            amount,
            credit: self.credit,
            invoice: None,
            state: EntryState::Succeeded,
            method: None,
            failure: None,
            reason: None,
            by: None,
            created_at: at,
        }
    }

    /// Whether the base of a month was billed.
    #[must_use]
    pub fn has_base_of(&self, month: BillingPeriod) -> bool {
        self.based.contains(&month.first())
    }

    /// The base of a month is billed.
    pub fn bill_base(&mut self, month: BillingPeriod) {
        self.left_out = None;
        self.based.insert(month.first());
        while self.based.len() > MOST_BASED {
            self.based.pop_first();
        }
    }

    /// An invoice has so much more to be paid, or less.
    pub fn owe(&mut self, invoice: &Invoice, more: Pico) {
        self.due += more;
        if invoice.outstanding() > Pico::ZERO {
            self.unpaid.insert(invoice.id);
        } else {
            self.unpaid.remove(&invoice.id);
        }
    }

    /// Adds to a transaction that it is so now, if it was as it was read.
    pub fn put<R: Clone>(&self, before: &Self, transaction: &mut Transaction<'_, R>, refused: R) {
        let key = balance_key(Tenant::of_record(self));
        let condition = match before.version {
            0 => Condition::Absent,
            version => Condition::Equals("version", version.into()),
        };
        if self == before {
            transaction.check(&key, condition, refused);
        } else {
            let after = Self { version: before.version + 1, ..self.clone() };
            transaction.put_if(&key, &after, condition, refused);
        }
    }
}

impl Entry {
    /// As a movement of an invoice's.
    #[must_use]
    pub fn of(self, invoice: &Invoice) -> Self {
        Self { invoice: Some(invoice.id), ..self }
    }

    /// As one that stands somewhere.
    #[must_use]
    pub fn standing(self, state: EntryState) -> Self {
        Self { state, ..self }
    }

    /// As one of a card.
    #[must_use]
    pub fn by_card(self, method: Option<MethodShown>) -> Self {
        Self { method, ..self }
    }

    /// As one that came to nothing, and why.
    #[must_use]
    pub fn failing(self, failure: Option<Reason>) -> Self {
        Self { failure, ..self }
    }

    /// As what somebody did, for a reason.
    #[must_use]
    pub fn because(self, by: Actor, reason: Option<String>) -> Self {
        Self { by: Some(by), reason, ..self }
    }
}

/// Adds a movement to a transaction.
pub fn put_entry<R: Clone>(entry: &Entry, transaction: &mut Transaction<'_, R>) {
    let key = entry_key(Tenant::of_record(entry), entry.id);
    transaction.put(&key, entry);
}

/// Where a movement lies.
#[must_use]
pub fn entry_key(tenant: Tenant, id: EntryId) -> Key {
    Key::of(tenant, format_args!("{ENTRIES}{id}"))
}

/// Where an account's balance lies.
#[must_use]
pub fn balance_key(tenant: Tenant) -> Key {
    Key::of(tenant, "BALANCE")
}
