//! Usage over time: by the hour, day or month, all together or grouped.

mod compare;
mod page;
mod read;
mod span;

use axum::Json;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use shared::{
    auth::{Allowed, Caller, ReadScope},
    error::Error,
    http::Query,
    money::Money,
    usage::{Grain, HOUR_DAYS_KEPT, Totals},
};

pub(crate) use page::page;
use read::{Row, rows};
pub(crate) use span::Span;

/// A range by the hour may be so long.
const MOST_DAYS_BY_HOUR: i32 = 31;

/// What to sum up, over which days.
#[derive(Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct UsageQuery {
    /// The first day, in the account's zone. By default the first of this month.
    #[serde(default)]
    #[param(value_type = Option<String>, format = "date")]
    pub(crate) from: Option<String>,
    /// The day after the last. By default tomorrow.
    #[serde(default)]
    #[param(value_type = Option<String>, format = "date")]
    pub(crate) to: Option<String>,
    /// By the hour up to 31 days of the last 62, else up to 400. By default `day`.
    #[serde(default)]
    #[param(value_type = Option<Grain>, inline)]
    granularity: Option<String>,
    /// `api_key` and `instance` not by the hour.
    #[serde(default)]
    #[param(value_type = Option<GroupBy>, inline)]
    group_by: Option<String>,
}

/// What rows are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, utoipa::ToSchema)]
#[schema(rename_all = "snake_case")]
enum GroupBy {
    AiType,
    Model,
    ApiKey,
    Instance,
}

impl GroupBy {
    const ALL: [Self; 4] = [Self::AiType, Self::Model, Self::ApiKey, Self::Instance];

    /// Hours are not counted per key and instance.
    fn has(self, grain: Grain) -> bool {
        grain != Grain::Hour || matches!(self, Self::AiType | Self::Model)
    }

    /// Whether all use belongs to a group: not every request names a key or an instance.
    fn is_whole(self) -> bool {
        matches!(self, Self::AiType | Self::Model)
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::AiType => "ai_type",
            Self::Model => "model",
            Self::ApiKey => "api_key",
            Self::Instance => "instance",
        }
    }
}

fn grain_name(grain: Grain) -> &'static str {
    match grain {
        Grain::Hour => "hour",
        Grain::Day => "day",
        Grain::Month => "month",
    }
}

/// A checked question.
struct Question {
    span: Span,
    grain: Grain,
    group_by: Option<GroupBy>,
}

impl Question {
    /// The same with all groups together.
    fn ungrouped(&self) -> Self {
        Self { group_by: None, ..*self }
    }

    /// All use of other days, by the day.
    fn of_days(span: Span) -> Self {
        Self { span, grain: Grain::Day, group_by: None }
    }
}

impl UsageQuery {
    fn parse(&self, caller: &Caller) -> Result<Question, Error> {
        let choice = |field| Error::field(field, "choice_unknown");
        let grain = match self.granularity.as_deref() {
            None => Grain::Day,
            Some(name) => [Grain::Hour, Grain::Day, Grain::Month]
                .into_iter()
                .find(|grain| grain_name(*grain) == name)
                .ok_or_else(|| choice("granularity"))?,
        };
        let group_by = match self.group_by.as_deref() {
            None => None,
            Some(name) => {
                let known = GroupBy::ALL.into_iter().find(|group| group.as_str() == name);
                Some(known.ok_or_else(|| choice("group_by"))?)
            }
        };
        if group_by.is_some_and(|group| !group.has(grain)) {
            return Err(Error::field("group_by", "grouping_impossible"));
        }
        let (now, zones) = (caller.app.clock.now(), &caller.account.zones);
        let today = zones.day(now);
        let most_days = if grain == Grain::Hour { MOST_DAYS_BY_HOUR } else { 400 };
        let span = Span::parse(self.from.as_deref(), self.to.as_deref(), today, most_days)?;
        // Hours that are gone would look like hours without use.
        let kept = now - SignedDuration::from_hours(24 * HOUR_DAYS_KEPT);
        if grain == Grain::Hour && zones.start_of(span.from) < kept {
            return Err(Error::field("from", "hours_gone"));
        }
        Ok(Question { span, grain, group_by })
    }
}

/// Usage over time.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct UsageReply {
    /// In order of time, then of key; times without use are left out.
    items: Vec<UsageItem>,
    totals: TotalsReply,
    /// When any of the counters was added to last.
    #[schema(value_type = Option<String>, format = "date-time")]
    updated_at: Option<Timestamp>,
}

#[derive(Serialize, utoipa::ToSchema)]
struct UsageItem {
    /// An hour's first instant, a day, or a month's first day.
    start: String,
    /// What it is grouped by. Of models, a month tells about a hundred apart by name and counts
    /// further ones under `#other`.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    #[serde(flatten)]
    totals: TotalsReply,
}

#[derive(Serialize, utoipa::ToSchema)]
struct TotalsReply {
    requests: u64,
    input_tokens: u64,
    output_tokens: u64,
    tokens: u64,
    /// At list prices, exact.
    cost: Money,
}

impl From<Totals> for TotalsReply {
    fn from(totals: Totals) -> Self {
        Self {
            requests: totals.requests,
            input_tokens: totals.input_tokens,
            output_tokens: totals.output_tokens,
            tokens: totals.tokens(),
            cost: totals.cost.into(),
        }
    }
}

fn sum<'a>(rows: impl IntoIterator<Item = &'a Row>) -> Totals {
    let mut totals = Totals::default();
    for row in rows {
        totals.add(&row.totals);
    }
    totals
}

/// Usage by hour, day or month, in all or by group.
#[utoipa::path(
    get, path = "/v1/usage", operation_id = "usage", tag = "usage",
    params(UsageQuery),
    responses(
        (status = 200, description = "Usage over time", body = UsageReply),
        (status = 422, description = "The range or the grouping is not valid", body = shared::http::Problem),
    )
)]
pub(crate) async fn json(
    caller: Allowed<ReadScope>,
    Query(query): Query<UsageQuery>,
) -> Result<Json<UsageReply>, Error> {
    let question = query.parse(&caller)?;
    let (rows, updated_at) = rows(&caller, &question).await?;
    let totals = sum(&rows).into();
    let items = rows.into_iter().map(|row| UsageItem {
        start: row.start,
        key: row.key,
        totals: row.totals.into(),
    });
    Ok(Json(UsageReply { items: items.collect(), totals, updated_at }))
}
