//! What of the account's a ticket is about, kept as it looked when the ticket was opened.

use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use crate::{
    auth::{ApiKey, Caller, Limit, Scope, api_key_key, reserve},
    billing::{Invoice, InvoiceState, invoice_key},
    error::Error,
    id::{InvoiceId, KeyId},
    money::Money,
    plan::AiType,
    table::{Range, Read, TableError},
    usage::{EventPlace, Logged, StoredEvent, event_partition},
};

/// A request of the log is found by its id alone if it is no older than so many days.
const DAYS_SEARCHED: i64 = 8;

/// What a ticket is about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum About {
    /// An invoice.
    Invoice {
        /// Its id.
        #[schema(value_type = String)]
        id: InvoiceId,
        /// As it stood then.
        snapshot: InvoiceSnapshot,
    },
    /// An API key.
    ApiKey {
        /// Its id.
        #[schema(value_type = String)]
        id: KeyId,
        /// As it looked then.
        snapshot: KeySnapshot,
    },
    /// A request of the log.
    UsageEvent {
        /// What the client named it by.
        id: String,
        /// As it was counted.
        snapshot: EventSnapshot,
    },
}

/// An invoice as it stood.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct InvoiceSnapshot {
    /// Its number; a draft has none.
    pub number: Option<String>,
    /// Where it stood.
    pub state: InvoiceState,
    /// The first moment of what it closes.
    #[schema(value_type = String, format = "date-time")]
    pub start: Timestamp,
    /// The first moment after it.
    #[schema(value_type = String, format = "date-time")]
    pub end: Timestamp,
    /// With taxes.
    pub total: Money,
    /// What was still to be paid.
    pub amount_due: Money,
}

/// An API key as it looked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct KeySnapshot {
    /// What it was called.
    pub name: String,
    /// What it begins with.
    pub prefix: String,
    /// What it ends with.
    pub last4: String,
    /// What it could do.
    pub scopes: Vec<Scope>,
    /// When it was made.
    #[schema(value_type = String, format = "date-time")]
    pub created_at: Timestamp,
    /// When it stops working.
    #[schema(value_type = Option<String>, format = "date-time")]
    pub expires_at: Option<Timestamp>,
}

/// A request as it was counted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EventSnapshot {
    /// What tells it from all others; it names it for as long as the log has it.
    #[serde(rename = "ref")]
    pub place: String,
    /// Who reported it.
    pub source: String,
    /// Its id there.
    pub event_id: String,
    /// When it was made.
    #[schema(value_type = String, format = "date-time")]
    pub time: Timestamp,
    /// The kind of work.
    pub ai_type: AiType,
    /// The model.
    pub model: String,
    /// Requests.
    pub requests: u64,
    /// Tokens in.
    pub input_tokens: u64,
    /// Tokens out.
    pub output_tokens: u64,
    /// At the list price of its time.
    pub cost: Money,
    /// How long it took.
    pub latency_ms: Option<u32>,
    /// What came of it.
    pub status: Option<String>,
    /// When it was taken back: it counts for nothing since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "date-time")]
    pub taken_back_at: Option<Timestamp>,
}

/// What of a client's can be named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AboutKind {
    /// An invoice.
    Invoice,
    /// An API key.
    ApiKey,
    /// A request of the log.
    UsageEvent,
}

impl AboutKind {
    /// Whether a text names one thing of this kind, without a search.
    #[must_use]
    pub fn is_name(self, id: &str) -> bool {
        self != Self::UsageEvent || id.parse::<EventPlace>().is_ok()
    }

    /// The kind of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "invoice" => Some(Self::Invoice),
            "api_key" => Some(Self::ApiKey),
            "usage_event" => Some(Self::UsageEvent),
            _ => None,
        }
    }
}

impl About {
    /// Its name in the API and in message ids.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Invoice { .. } => "invoice",
            Self::ApiKey { .. } => "api_key",
            Self::UsageEvent { .. } => "usage_event",
        }
    }

    /// What it was named by.
    #[must_use]
    pub fn id(&self) -> String {
        match self {
            Self::Invoice { id, .. } => id.to_string(),
            Self::ApiKey { id, .. } => id.to_string(),
            Self::UsageEvent { id, .. } => id.clone(),
        }
    }

    /// Looks for what is named in who asks's account: what is another's is not there.
    pub async fn find(caller: &Caller, kind: AboutKind, id: &str) -> Result<Option<Self>, Error> {
        Ok(match kind {
            AboutKind::Invoice => Self::invoice(caller, id).await?,
            AboutKind::ApiKey => Self::key(caller, id).await?,
            AboutKind::UsageEvent => {
                let event = match id.parse::<EventPlace>() {
                    Ok(place) => event_at(caller, &place).await?,
                    Err(_) => {
                        let account = caller.tenant.account().to_string();
                        let _counted = reserve(&caller.app, Limit::EVENT_SEARCH, &account).await?;
                        event_of(caller, id).await?
                    }
                };
                event.map(|event| {
                    let snapshot = EventSnapshot::from(event);
                    Self::UsageEvent { id: id.to_owned(), snapshot }
                })
            }
        })
    }

    async fn invoice(caller: &Caller, id: &str) -> Result<Option<Self>, Error> {
        let Ok(id) = id.parse::<InvoiceId>() else { return Ok(None) };
        let key = invoice_key(caller.tenant, id);
        let invoice: Option<Invoice> = caller.app.table.get(&key, Read::Strong).await?;
        Ok(invoice.map(|it| Self::Invoice { id, snapshot: InvoiceSnapshot::from(it) }))
    }

    async fn key(caller: &Caller, id: &str) -> Result<Option<Self>, Error> {
        let Ok(id) = id.parse::<KeyId>() else { return Ok(None) };
        let key = api_key_key(caller.tenant, id);
        let key: Option<ApiKey> = caller.app.table.get(&key, Read::Strong).await?;
        Ok(key.map(|key| Self::ApiKey { id, snapshot: KeySnapshot::from(key) }))
    }
}

impl From<Invoice> for InvoiceSnapshot {
    fn from(invoice: Invoice) -> Self {
        let amount_due = invoice.outstanding().into();
        Self {
            number: invoice.number,
            state: invoice.state,
            start: invoice.start,
            end: invoice.end,
            total: invoice.total.into(),
            amount_due,
        }
    }
}

impl From<ApiKey> for KeySnapshot {
    fn from(key: ApiKey) -> Self {
        Self {
            name: key.name,
            prefix: key.prefix,
            last4: key.last4,
            scopes: key.scopes.into_iter().collect(),
            created_at: key.created_at,
            expires_at: key.ends_at,
        }
    }
}

impl From<StoredEvent> for EventSnapshot {
    fn from(event: StoredEvent) -> Self {
        let place = EventPlace::of(&event).to_string();
        let StoredEvent { source, id, time, data, cost, taken_back_at, .. } = event;
        Self {
            place,
            source,
            event_id: id,
            time,
            ai_type: data.ai_type,
            model: data.model,
            requests: data.requests,
            input_tokens: data.input_tokens,
            output_tokens: data.output_tokens,
            cost: cost.into(),
            latency_ms: data.latency_ms,
            status: data.status,
            taken_back_at,
        }
    }
}

async fn event_at(caller: &Caller, place: &EventPlace) -> Result<Option<StoredEvent>, TableError> {
    let day = caller.account.zones.day(place.time());
    let key = place.key(caller.tenant, day, caller.account.spread.on(day).events);
    let logged: Option<Logged> = caller.app.table.get(&key, Read::Strong).await?;
    Ok(logged.and_then(Logged::event))
}

/// A request by its id alone, newest day first, among the newest of each. Two sources may have given one id: the
/// first that is met is meant.
async fn event_of(caller: &Caller, id: &str) -> Result<Option<StoredEvent>, TableError> {
    let today = caller.account.zones.day(caller.app.clock.now());
    // What the clock of a machine that is ahead reported may lie in tomorrow.
    let days = (-1..DAYS_SEARCHED).filter_map(|back| today.checked_sub(back.days()).ok());
    for day in days {
        for partition in 0..caller.account.spread.on(day).events {
            let partition = event_partition(day, partition);
            let range = Range::within(caller.tenant, &partition, " ", "~").newest_first();
            let range = range.strong().only("id", id);
            let (logged, _): (Vec<Logged>, _) = caller.app.table.page(&range).await?;
            if let Some(event) = logged.into_iter().find_map(Logged::event) {
                return Ok(Some(event));
            }
        }
    }
    Ok(None)
}
