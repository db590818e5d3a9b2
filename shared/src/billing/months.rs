//! Reading what a bill is made of: the months' counters, and how each month stood when it was billed last. Both lie
//! side by side, so that one query finds them.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp, civil::Date};

use super::{Billed, Figures, Month, MonthTerms};
use crate::{
    account::{Account, BillingPeriod},
    app::App,
    plan::{Catalogue, PlanMissing},
    table::{Key, Range, Record, TableError, Tenant},
    usage::{Counters, Grain, counted_span, grain_prefix},
};

/// After a month's end it waits so long for what is told late.
pub const GRACE: SignedDuration = SignedDuration::from_hours(12);

/// What the sort key of how a month was billed ends with.
const BILLED: &str = "BILLED";

/// What is told may be so many months older than the one that closes: events are counted up to 35 days later.
const EARLIER: usize = 2;

/// Where it is kept how a month stood when it was billed last.
#[must_use]
pub fn billed_key(tenant: Tenant, period: BillingPeriod) -> Key {
    Key::of(tenant, format_args!("{}{period}#{BILLED}", grain_prefix(Grain::Month)))
}

/// What there is of an account's last months.
#[derive(Debug, Default)]
pub struct Months {
    figures: BTreeMap<String, Figures>,
    billed: BTreeMap<String, Billed>,
}

impl Months {
    /// The month that closes and those before it.
    #[must_use]
    pub fn range(tenant: Tenant, closed: BillingPeriod) -> Range {
        Self::between(tenant, closed, closed)
    }

    /// The same of the present month, whatever the account's zone: for who does not know it yet.
    #[must_use]
    pub fn range_on_earth(tenant: Tenant, now: Timestamp) -> Range {
        let [first, last] = BillingPeriod::on_earth(now);
        // In the grace the month before is the one that closes.
        Self::between(tenant, first.previous(), last)
    }

    fn between(tenant: Tenant, first: BillingPeriod, last: BillingPeriod) -> Range {
        let earliest = (0..EARLIER).fold(first, |period, _| period.previous());
        let [from, to] = [earliest, last].map(|it| format!("{}{it}", grain_prefix(Grain::Month)));
        Range::spanning(tenant, &from, &to)
    }

    /// What was read.
    ///
    /// # Errors
    /// When an item is not as it should be.
    pub fn among(records: &[Record]) -> Result<Self, TableError> {
        let mut months = Self::default();
        for record in records {
            let place = record.sort().strip_prefix(grain_prefix(Grain::Month)).unwrap_or_default();
            match counted_span(place) {
                (month, None) => {
                    let figures = months.figures.entry(month.to_owned()).or_default();
                    figures.add(&Counters::read(record));
                }
                (month, Some(BILLED)) => {
                    months.billed.insert(month.to_owned(), record.clone().read()?);
                }
                (_, Some(_)) => {}
            }
        }
        Ok(months)
    }

    /// What was used in a month.
    #[must_use]
    pub fn figures(&self, period: BillingPeriod) -> Figures {
        self.figures.get(&period.to_string()).cloned().unwrap_or_default()
    }

    /// A month to be billed.
    ///
    /// # Errors
    /// When a plan of the account's is not in the catalogue.
    pub fn month(
        &self,
        account: &Account,
        plans: &Catalogue,
        period: BillingPeriod,
    ) -> Result<Month, PlanMissing> {
        let (start, end) = (period.starts_at(&account.zones), period.ends_at(&account.zones));
        Ok(Month {
            period,
            start: start.max(account.created_at).min(end),
            end,
            terms: MonthTerms::of(account, plans, period)?,
            figures: self.figures(period),
            billed: self.billed.get(&period.to_string()).cloned().unwrap_or_default(),
        })
    }

    /// The months before one that closes, the oldest first.
    ///
    /// # Errors
    /// When a plan of the account's is not in the catalogue.
    pub fn earlier(
        &self,
        account: &Account,
        plans: &Catalogue,
        closed: BillingPeriod,
    ) -> Result<Vec<Month>, PlanMissing> {
        let earlier = std::iter::successors(Some(closed.previous()), |it| Some(it.previous()));
        let mut earlier: Vec<_> = earlier.take(EARLIER).collect();
        earlier.reverse();
        earlier.into_iter().map(|period| self.month(account, plans, period)).collect()
    }
}

/// What was used on each day of a month: what lines are made of, so that they open to exactly what they bill.
///
/// # Errors
/// When the table fails.
pub async fn days_of_month(
    app: &App,
    tenant: Tenant,
    period: BillingPeriod,
) -> Result<BTreeMap<Date, Figures>, TableError> {
    let prefix = grain_prefix(Grain::Day);
    let [first, last] = [period.first(), period.last()].map(|day| format!("{prefix}{day}"));
    let range = Range::spanning(tenant, &first, &last).strong();
    let mut days: BTreeMap<Date, Figures> = BTreeMap::new();
    for record in app.table.records(range).await? {
        let (span, _) = counted_span(record.sort().strip_prefix(prefix).unwrap_or_default());
        if let Ok(day) = span.parse() {
            days.entry(day).or_default().add(&Counters::read(&record));
        }
    }
    Ok(days)
}

/// The month whose bill comes next: in the grace the one that has ended.
#[must_use]
pub fn closing(account: &Account, now: Timestamp) -> BillingPeriod {
    let present = BillingPeriod::at(&account.zones, now);
    let is_grace = now < present.starts_at(&account.zones) + GRACE;
    let began_before = account.created_at < present.starts_at(&account.zones);
    if is_grace && began_before { present.previous() } else { present }
}
