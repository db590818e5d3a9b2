//! The links by which the page is looked at in another way.

use jiff::{ToSpan, civil::Date};
use shared::{
    account::BillingPeriod,
    usage::{Grain, Metric},
    web::Choice,
};

use super::{super::MOST_DAYS_BY_HOUR, GroupBy, Page, grain_name};

/// What an address of the page says.
#[derive(Clone, Copy)]
struct View {
    span: (Date, Date),
    grain: Grain,
    group_by: Option<GroupBy>,
    metric: Metric,
}

impl View {
    fn href(self) -> String {
        let group =
            self.group_by.map_or(String::new(), |group| format!("&group_by={}", group.as_str()));
        let (from, to) = self.span;
        format!(
            "/usage?from={from}&to={to}&granularity={}{group}&metric={}",
            grain_name(self.grain),
            self.metric.as_str()
        )
    }
}

impl Page {
    fn view(&self) -> View {
        let question = &self.asked.question;
        View {
            span: (question.span.from, question.span.to),
            grain: question.grain,
            group_by: question.group_by,
            metric: self.asked.metric,
        }
    }

    /// Ranges that are asked for often.
    pub(super) fn ranges(&self) -> Vec<Choice> {
        let today = self.asked.today;
        let tomorrow = today.tomorrow().unwrap_or(today);
        let period = BillingPeriod::of(today);
        let first = period.first();
        let back = |days: i64| tomorrow.checked_sub(days.days()).unwrap_or(today);
        let last_month = period.previous().first();
        let days = |count| self.layout.text.count("usage-range-days", count);
        let ranges = [
            (self.layout.t("usage-range-month"), (first, tomorrow), Grain::Day),
            (self.layout.t("usage-range-last"), (last_month, first), Grain::Day),
            (self.layout.t("usage-range-day"), (today, tomorrow), Grain::Hour),
            (days(7), (back(7), tomorrow), Grain::Day),
            (days(90), (back(90), tomorrow), Grain::Day),
        ];
        let now = self.view();
        let choice = |(label, span, grain)| {
            let group_by = now.group_by.filter(|group| group.has(grain));
            Choice {
                label,
                href: View { span, grain, group_by, ..now }.href(),
                current: span == now.span && grain == now.grain,
            }
        };
        let mut choices: Vec<_> = ranges.into_iter().map(choice).collect();
        // On the seventh, seven days are this month: one of the two is where one is.
        let mut found = false;
        for choice in &mut choices {
            choice.current &= !found;
            found |= choice.current;
        }
        choices
    }

    pub(super) fn grains(&self) -> Vec<Choice> {
        let now = self.view();
        let choice = |grain| Choice {
            label: self.layout.t(format!("usage-by-{}", grain_name(grain))),
            href: View { grain, group_by: now.group_by.filter(|it| it.has(grain)), ..now }.href(),
            current: grain == now.grain,
        };
        let fits = |grain: &Grain| {
            *grain != Grain::Hour || self.asked.question.span.days() <= MOST_DAYS_BY_HOUR
        };
        [Grain::Hour, Grain::Day, Grain::Month].into_iter().filter(fits).map(choice).collect()
    }

    pub(super) fn groupings(&self) -> Vec<Choice> {
        let now = self.view();
        let groups = GroupBy::ALL.into_iter().filter(|group| group.has(now.grain));
        let choice = |group_by: Option<GroupBy>| Choice {
            label: self
                .layout
                .t(format!("usage-group-{}", group_by.map_or("none", GroupBy::as_str))),
            href: View { group_by, ..now }.href(),
            current: group_by == now.group_by,
        };
        std::iter::once(None).chain(groups.map(Some)).map(choice).collect()
    }

    pub(super) fn measures(&self) -> Vec<Choice> {
        let now = self.view();
        let choice = |metric: Metric| Choice {
            label: self.layout.t(metric.label()),
            href: View { metric, ..now }.href(),
            current: metric == now.metric,
        };
        Metric::ALL.into_iter().map(choice).collect()
    }
}
