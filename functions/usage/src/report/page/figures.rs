//! The page's charts.

use std::collections::BTreeMap;

use jiff::Timestamp;
use shared::{
    usage::{Grain, Metric},
    web::{Bars, Figure, Line, Lines, Mark, Series},
};

use super::{
    super::compare,
    Page,
    drawn::{drawn, exact, short},
};

/// So many groups have a colour of their own; the others share one.
const MOST_GROUPS: usize = 5;

impl Page {
    /// What was used of a metric in each span of time, and nothing where nothing was used.
    pub(super) fn values(&self, metric: Metric) -> Vec<u64> {
        self.values_of(metric, |_| true)
    }

    fn values_of(&self, metric: Metric, wanted: impl Fn(Option<&str>) -> bool) -> Vec<u64> {
        let mut sums: BTreeMap<&str, u128> = BTreeMap::new();
        for row in self.asked.rows.iter().filter(|row| wanted(row.key.as_deref())) {
            let sum = sums.entry(row.start.as_str()).or_default();
            *sum = sum.saturating_add(metric.of(&row.totals));
        }
        let value = |start: &String| sums.get(start.as_str()).map_or(0, |sum| drawn(metric, *sum));
        self.starts.iter().map(value).collect()
    }

    /// Stacked bars by group.
    pub(super) fn bars(&self) -> Option<Figure> {
        if self.asked.rows.is_empty() {
            return None;
        }
        let (text, metric) = (&self.layout.text, self.asked.metric);
        let titles = self.starts.iter().zip(self.values(metric)).map(|(start, value)| {
            let what = (self.when(start), exact(metric, text, value));
            text.with2("usage-bar", ("when", &what.0), ("amount", &what.1))
        });
        let bars = Bars { series: self.series(), titles: titles.collect(), mark: self.even_pace() };
        let words = |value| short(metric, text, value);
        Some(bars.figure(self.chart_title(), self.times(), words))
    }

    fn series(&self) -> Vec<Series> {
        let metric = self.asked.metric;
        let mut groups: BTreeMap<Option<&str>, u128> = BTreeMap::new();
        for row in &self.asked.rows {
            let sum = groups.entry(row.key.as_deref()).or_default();
            *sum = sum.saturating_add(metric.of(&row.totals));
        }
        let mut groups: Vec<_> = groups.into_iter().collect();
        groups.sort_by_key(|(_, sum)| std::cmp::Reverse(*sum));
        let shown = if groups.len() > MOST_GROUPS + 1 { MOST_GROUPS } else { groups.len() };
        let (large, small) = groups.split_at(shown);
        let mut series: Vec<_> = large
            .iter()
            .map(|(key, _)| Series {
                name: self.name(*key),
                values: self.values_of(metric, |it| it == *key),
            })
            .collect();
        if !small.is_empty() {
            series.push(Series {
                name: self.layout.t("usage-others"),
                values: self.values_of(metric, |it| small.iter().any(|(key, _)| it == *key)),
            });
        }
        series
    }

    /// What the plan allows in one span of time if it is used evenly.
    fn even_pace(&self) -> Option<Mark> {
        let (metric, limit) =
            (self.asked.metric, self.asked.limits.as_ref()?.of(self.asked.metric));
        let days = u128::try_from(self.asked.question.span.from.days_in_month()).unwrap_or(30);
        let (share, id) = match self.asked.question.grain {
            Grain::Month => (limit, "usage-limit-month"),
            Grain::Day => (limit / days, "usage-limit-day"),
            Grain::Hour => (limit / days / 24, "usage-limit-hour"),
        };
        let text = &self.layout.text;
        let name = text.with(id, "amount", metric.words(text, share));
        Some(Mark { name, value: drawn(metric, share) })
    }

    /// This period from its first day on: how it went, where it leads, what the plan allows.
    pub(super) fn course(&self) -> Option<Figure> {
        let (course, limits) = (self.course?, self.asked.limits.as_ref()?);
        if self.asked.question.grain != Grain::Day || self.asked.rows.is_empty() {
            return None;
        }
        let (text, metric) = (&self.layout.text, self.asked.metric);
        let limit = limits.of(metric);
        let used = metric.of(&self.asked.totals);
        let outlook = course.outlook(used, limit)?;
        let expected = vec![
            (course.elapsed(), drawn(metric, used)),
            (course.length(), drawn(metric, outlook.expected)),
        ];
        let lines = Lines {
            lines: vec![
                Line {
                    name: text.get("usage-so-far"),
                    expected: false,
                    points: self.sums(course.start, course.elapsed()),
                },
                Line { name: text.get("usage-expected"), expected: true, points: expected },
            ],
            end: course.length(),
            mark: Some(Mark {
                name: text.with("usage-limit-month", "amount", metric.words(text, limit)),
                value: drawn(metric, limit),
            }),
        };
        let format = text.format();
        let zones = &self.caller.account.zones;
        let edge = |at: Timestamp| format.day(&zones.day(at));
        let last = course.end - jiff::SignedDuration::from_secs(1);
        let title = text.with("usage-course", "what", text.get(metric.label()));
        let words = |value| short(metric, text, value);
        Some(lines.figure(title, vec![edge(course.start), edge(last)], words))
    }

    /// What had been used by the end of each day.
    fn sums(&self, start: Timestamp, elapsed: u64) -> Vec<(u64, u64)> {
        let zones = &self.caller.account.zones;
        let mut sum: u64 = 0;
        let mut points = vec![(0, 0)];
        for (day, value) in self.starts.iter().zip(self.values(self.asked.metric)) {
            sum = sum.saturating_add(value);
            let end = day.parse().ok().and_then(|day: jiff::civil::Date| day.tomorrow().ok());
            let end = end.map(|day| start.duration_until(zones.start_of(day)).as_secs());
            let end = end.and_then(|end| u64::try_from(end).ok()).unwrap_or(elapsed);
            points.push((end.min(elapsed), sum));
        }
        points
    }

    fn chart_title(&self) -> String {
        let when = |start: Option<&String>| start.map(|it| self.when(it)).unwrap_or_default();
        let (first, last) = (when(self.starts.first()), when(self.starts.last()));
        let what = self.layout.t(self.asked.metric.label());
        self.layout.text.with3("usage-chart", ("what", &what), ("from", &first), ("to", &last))
    }

    /// The first, the middle and the last span in the reader's words.
    fn times(&self) -> Vec<String> {
        let last = self.starts.len().saturating_sub(1);
        let mut places = vec![0, last / 2, last];
        places.dedup();
        let format = self.layout.text.format();
        let told = |start: &String| match self.asked.question.grain {
            Grain::Day => {
                let day = |day| compare::short(&format, day, self.asked.today);
                start.parse().map_or_else(|_| start.clone(), day)
            }
            Grain::Month | Grain::Hour => self.when(start),
        };
        places.into_iter().filter_map(|place| self.starts.get(place).map(told)).collect()
    }
}
