//! Typed ids: a prefix that names the kind and a `UUIDv7` in base32, so that lists by id are lists
//! by time. No id can hold a key's delimiter: what does not parse does not exist.

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use type_safe_id::{DynamicType, TypeSafeId};
use uuid::Uuid;

use crate::random::Random;

/// The text is not an id of the expected kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id of this kind")]
pub struct InvalidId;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Uuid);

        impl $name {
            /// What every id of this kind begins with, before the `_`.
            pub const PREFIX: &'static str = $prefix;

            /// A new id, in order of time.
            #[must_use]
            pub fn new(now: Timestamp, random: &Random) -> Self {
                Self(uuid_v7(now, random))
            }

            /// The id as bytes, for a token.
            #[must_use]
            pub fn to_bytes(self) -> [u8; 16] {
                self.0.into_bytes()
            }

            /// The id from a token's bytes.
            #[must_use]
            pub fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write(Self::PREFIX, self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write(Self::PREFIX, self.0, f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                parse(Self::PREFIX, text).map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                schema(Self::PREFIX)
            }
        }

        impl utoipa::ToSchema for $name {}
    )*};
}

ids! {
    /// A client company: the tenant.
    AccountId = "acc";
    /// A login of an account.
    UserId = "usr";
    /// A sign-in on one device.
    SessionId = "ses";
    /// An API key, a client's or a service's.
    KeyId = "key";
    /// An AI instance.
    InstanceId = "inst";
    /// A one-time token, as mails carry it.
    TokenId = "tok";
    /// An entry of the security log.
    EventId = "evt";
    /// A record of the outbox.
    OutboxId = "out";
    /// One setting of a timer.
    TimerId = "tmr";
    /// What is held for a request.
    HoldId = "hold";
    /// Something that a user was told.
    NotificationId = "ntf";
    /// A matter that a client brought to support.
    TicketId = "tkt";
    /// An entry of a ticket's conversation.
    MessageId = "msg";
    /// A file of a message.
    AttachmentId = "att";
    /// An invoice.
    InvoiceId = "inv";
    /// A line of an invoice.
    LineId = "line";
    /// A note that puts an invoice right.
    CreditNoteId = "cn";
    /// A movement of an account's money.
    EntryId = "txn";
    /// A card, or whatever else somebody pays with.
    MethodId = "pm";
}

fn write(prefix: &str, uuid: Uuid, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let kind = DynamicType::new(prefix).map_err(|_| fmt::Error)?;
    write!(f, "{}", TypeSafeId::from_type_and_uuid(kind, uuid))
}

fn parse(prefix: &str, text: &str) -> Result<Uuid, InvalidId> {
    let id: TypeSafeId<DynamicType> = text.parse().map_err(|_| InvalidId)?;
    // The canonical spelling only: two spellings of one id would be two keys.
    let canonical = id.type_prefix() == prefix && id.to_string() == text;
    canonical.then(|| id.uuid()).ok_or(InvalidId)
}

fn uuid_v7(now: Timestamp, random: &Random) -> Uuid {
    let millis = u64::try_from(now.as_millisecond()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random.bytes()).into_uuid()
}

fn schema(prefix: &str) -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
    use utoipa::openapi::schema::{ObjectBuilder, Type};
    ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some(format!("^{prefix}_[0-7][0-9a-hjkmnp-tv-z]{{25}}$")))
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_made_later_sort_later_and_survive_the_round_trip() {
        let random = Random::seeded(1);
        let first = AccountId::new(Timestamp::from_millisecond(1_000).unwrap(), &random);
        let later = AccountId::new(Timestamp::from_millisecond(2_000).unwrap(), &random);
        assert!(first.to_string() < later.to_string());
        assert_eq!(first.to_string().parse(), Ok(first));
    }

    #[test]
    fn another_kind_a_delimiter_or_a_second_spelling_is_no_id() {
        let id = AccountId::new(Timestamp::UNIX_EPOCH, &Random::seeded(1)).to_string();
        let other = id.replace("acc_", "usr_");
        for bad in [other.as_str(), "acc_#", "acc_", "", &id.to_uppercase(), &format!("{id}#X")] {
            assert_eq!(bad.parse::<AccountId>(), Err(InvalidId), "{bad}");
        }
    }
}
