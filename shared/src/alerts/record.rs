//! What a client was told of its use.

use std::fmt;

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use super::Mark;
use crate::{
    account::BillingPeriod,
    app::App,
    id::{KeyId, NotificationId, UserId},
    table::{Condition, Key, Range, TableError, Tenant, Update, Value},
    usage::{Metric, Units},
};

/// What the sort keys of alerts begin with.
const ALERTS: &str = "ALERT#";

/// Alerts are kept as long as events are.
const KEPT: jiff::SignedDuration = jiff::SignedDuration::from_hours(400 * 24);

/// What makes an alert the same one: it is told once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AlertId {
    /// Of what.
    pub metric: Metric,
    /// The API key whose own limit it is about; the account's if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<KeyId>,
    /// The limit that it is a part of; an amount is a part of none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Units>,
    /// How far use has come.
    #[serde(flatten)]
    pub at: Mark,
}

/// `cost#100000000000000#80`, of a key `cost#key_...#...`: in sort keys.
impl fmt::Display for AlertId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.metric.as_str())?;
        if let Some(key) = self.key {
            write!(f, "#{key}")?;
        }
        match (self.limit, self.at) {
            (Some(limit), Mark::Percent(percent)) => write!(f, "#{limit}#{percent}"),
            (None, Mark::Percent(percent)) => write!(f, "#-#{percent}"),
            (_, Mark::Amount(amount)) => write!(f, "#-#={amount}"),
        }
    }
}

/// An alert as it is stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Alert {
    /// What makes it the same one.
    #[serde(flatten)]
    pub id: AlertId,
    /// The month whose use it is about, as its first day.
    pub month: Date,
    /// Whether requests are refused at it.
    pub blocks: bool,
    /// When use was seen to have come so far.
    pub crossed_at: Timestamp,
    /// What was used then.
    pub used: Units,
    /// When a raised limit or a correction was seen to have taken it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovered_at: Option<Timestamp>,
    /// Who was told, and by which notification. Where several were crossed in one step, the highest was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<(UserId, NotificationId)>,
    /// When the table drops it; seconds since 1970.
    expires_at: i64,
}

impl Alert {
    /// One that is crossed now.
    #[must_use]
    pub fn new(
        id: AlertId,
        period: BillingPeriod,
        used: u128,
        blocks: bool,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            month: period.first(),
            blocks,
            crossed_at: now,
            used: Units(used),
            recovered_at: None,
            told: None,
            expires_at: now.as_second() + KEPT.as_secs(),
        }
    }

    /// The change that says that requests are refused at it by now, and who was told so.
    ///
    /// # Errors
    /// When it cannot be written as an item has it.
    pub fn block(told: Option<(UserId, NotificationId)>) -> Result<Update, TableError> {
        let counting = vec![Condition::Exists, Condition::Equals("blocks", Value::of(&false)?)];
        let update = Update::new().set("blocks", Value::of(&true)?);
        let update = match told {
            Some(told) => update.set_serialized("told", &told)?,
            None => update,
        };
        Ok(update.when(Condition::All(counting)))
    }

    /// The change that says it was taken back, if nobody has said so.
    #[must_use]
    pub fn recover(now: Timestamp) -> Update {
        let standing = vec![Condition::Exists, Condition::Without("recovered_at")];
        Update::new().set("recovered_at", now).when(Condition::All(standing))
    }
}

/// That a client was told where its pace leads: once a metric and month.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Paced {
    /// Of what.
    pub metric: Metric,
    /// The day on which the limit is reached at that pace.
    pub full_on: Date,
    /// When it was told.
    pub told_at: Timestamp,
    /// Who was told, and by which notification.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<(UserId, NotificationId)>,
    /// When the table drops it; seconds since 1970.
    expires_at: i64,
}

impl Paced {
    /// Told now.
    #[must_use]
    pub fn new(
        metric: Metric,
        full_on: Date,
        now: Timestamp,
        told: Option<(UserId, NotificationId)>,
    ) -> Self {
        let expires_at = now.as_second() + KEPT.as_secs();
        Self { metric, full_on, told_at: now, told, expires_at }
    }
}

/// Where an alert lies.
#[must_use]
pub fn alert_key(tenant: Tenant, period: BillingPeriod, id: &AlertId) -> Key {
    Key::of(tenant, format_args!("{ALERTS}{period}#{id}"))
}

/// Where it lies that a client was told of its pace, among the month's alerts.
#[must_use]
pub fn paced_key(tenant: Tenant, period: BillingPeriod, metric: Metric) -> Key {
    Key::of(tenant, format_args!("{ALERTS}{period}#pace#{}", metric.as_str()))
}

/// What was told of a month's use.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Told {
    /// That it has come so far.
    Crossed(Box<Alert>),
    /// Where it leads.
    Paced(Paced),
}

/// What was told of an account's use in a month, its keys' included.
///
/// # Errors
/// When the table fails.
pub async fn told_of(
    app: &App,
    tenant: Tenant,
    period: BillingPeriod,
) -> Result<Vec<Told>, TableError> {
    app.table.all(Range::prefix(tenant, &format!("{ALERTS}{period}#")).strong()).await
}

/// What was told of a key's use in a month.
///
/// # Errors
/// When the table fails.
pub async fn told_of_key(
    app: &App,
    tenant: Tenant,
    period: BillingPeriod,
    key: KeyId,
) -> Result<Vec<Told>, TableError> {
    let prefix = format!("{ALERTS}{period}#{}#{key}#", Metric::Cost.as_str());
    app.table.all(Range::prefix(tenant, &prefix).strong()).await
}

/// What was told lately, the newest month's first: so many at most.
///
/// # Errors
/// When the table fails.
pub async fn told_lately(app: &App, tenant: Tenant, most: usize) -> Result<Vec<Told>, TableError> {
    let range = Range::prefix(tenant, ALERTS).newest_first().limit(most);
    Ok(app.table.page(&range).await?.0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_differs_in_metric_key_limit_or_threshold_is_another_alert() {
        let key: KeyId = "key_01kapx0000000000000000000a".parse().unwrap();
        let id = |metric, key, limit: Option<u128>, at| AlertId {
            metric,
            key,
            limit: limit.map(Units),
            at,
        };
        let ids = [
            id(Metric::Tokens, None, Some(100), Mark::Percent(80)),
            id(Metric::Cost, None, Some(100), Mark::Percent(80)),
            id(Metric::Cost, Some(key), Some(100), Mark::Percent(80)),
            id(Metric::Cost, None, Some(200), Mark::Percent(80)),
            id(Metric::Cost, None, Some(100), Mark::Percent(90)),
            id(Metric::Cost, None, None, Mark::Amount(Units(80))),
        ];
        let names: std::collections::BTreeSet<_> = ids.iter().map(AlertId::to_string).collect();
        assert_eq!(names.len(), ids.len());
    }

    #[test]
    fn what_was_told_is_read_as_what_it_is() {
        let month = BillingPeriod::of(jiff::civil::date(2026, 11, 3));
        let now = Timestamp::UNIX_EPOCH;
        let at = Mark::Percent(80);
        let limit = Some(Units(10_u128.pow(24)));
        let id = AlertId { metric: Metric::Cost, key: None, limit, at };
        let alert = json!(Alert::new(id, month, 10_u128.pow(24), true, now));
        let Ok(Told::Crossed(alert)) = serde_json::from_value(alert) else { panic!("an alert") };
        assert_eq!((alert.id, alert.used), (id, Units(10_u128.pow(24))));
        let paced = json!(Paced::new(Metric::Tokens, month.first(), now, None));
        assert!(matches!(serde_json::from_value(paced), Ok(Told::Paced(_))));
    }
}
